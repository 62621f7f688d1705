"""Mails in the outbox, and later the record of what came of them. `pk` is the key of what they are about."""

from typing import TYPE_CHECKING

from shukka.domain.order.outbox import Mail
from shukka.store import keys
from shukka.store.order_items import outbox_item, read
from shukka.store.transaction import put_if

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def find_mail(client: "DynamoDBClient", table: str, pk: str, key: str) -> Mail | None:
    place = {"pk": {"S": pk}, "sk": {"S": keys.mail_sk(key)}}
    item = client.get_item(TableName=table, Key=place, ConsistentRead=True).get("Item")
    return read(Mail, item["record"]) if item else None


def save_mail(client: "DynamoDBClient", table: str, pk: str, mail: Mail, expected: Mail) -> bool:
    """Replaces the record if its state and lease are still `expected`'s; otherwise False."""
    stored = outbox_item(pk, expected)
    values = {":state": stored["state"]}
    condition = "#state = :state AND attribute_not_exists(lease_until)"
    if "lease_until" in stored:
        values[":lease"] = stored["lease_until"]
        condition = "#state = :state AND lease_until = :lease"
    return put_if(client, table, outbox_item(pk, mail), condition, {"#state": "state"}, values)
