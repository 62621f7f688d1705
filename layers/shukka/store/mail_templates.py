"""The shop's own mail templates: one item each, in the settings table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shukka.domain.errors import SettingsConflictError
from shukka.domain.mail.template import SavedTemplate
from shukka.store.order_items import read
from shukka.store.transaction import Item, put_if

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

_PK = "TEMPLATES"


class MailTemplateStore:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, key: str) -> SavedTemplate | None:
        """What the shop made of the template as of now; None where it never touched it."""
        found = self._query("pk = :pk AND sk = :sk", {":pk": {"S": _PK}, ":sk": {"S": key}})
        return found[0] if found else None

    def list_saved(self) -> Sequence[SavedTemplate]:
        """Everything that the shop ever saved, by key."""
        return self._query("pk = :pk", {":pk": {"S": _PK}})

    def save(self, template: SavedTemplate) -> None:
        """Stores the next version. Raises SettingsConflictError where the one stored is not the one before it."""
        item: Item = {
            "pk": {"S": _PK},
            "sk": {"S": template.key},
            "value": {"S": template.model_dump_json()},
            "version": {"N": str(template.version)},
        }
        before = {":version": {"N": str(template.version - 1)}}
        condition, values = (
            ("version = :version", before) if template.version > 1 else ("attribute_not_exists(pk)", None)
        )
        if not put_if(self._client, self._table, item, condition, values=values):
            raise SettingsConflictError(f"メールテンプレート {template.key}")

    def _query(self, condition: str, values: Item) -> list[SavedTemplate]:
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        found: list[SavedTemplate] = []
        while True:
            answer = self._client.query(**request)
            found += [read(SavedTemplate, item["value"]) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
