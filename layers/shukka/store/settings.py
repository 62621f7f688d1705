"""The shop's settings: one item a section, read together and kept for a while."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic_core import to_json

from shukka.domain.errors import SettingsConflictError
from shukka.domain.settings import Settings
from shukka.domain.text.values import AS_STORED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PK = "SETTINGS"
_MAX_AGE_SECONDS = 30.0


class SettingsStore:
    """Sections of `Settings` by their field names; a section that was never saved has its default and version 0."""

    def __init__(self, client: "DynamoDBClient", table: str, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._monotonic = monotonic
        self._cached: tuple[float, Settings, dict[str, int]] | None = None

    def current(self) -> Settings:
        """The settings, at most 30 seconds old."""
        if not self._cached or self._monotonic() - self._cached[0] > _MAX_AGE_SECONDS:
            self._cached = self._read()
        return self._cached[1]

    def get(self) -> tuple[Settings, dict[str, int]]:
        """The settings as they are now, and the version of each section that was ever saved."""
        self._cached = self._read()
        return self._cached[1], self._cached[2]

    def _read(self) -> tuple[float, Settings, dict[str, int]]:
        now = self._monotonic()
        items = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _PK}},
            ConsistentRead=True,
        )["Items"]
        sections = {item["sk"]["S"]: json.loads(item["value"]["S"]) for item in items}
        versions = {item["sk"]["S"]: int(item["version"]["N"]) for item in items}
        known = {name: value for name, value in sections.items() if name in Settings.model_fields}
        return now, Settings.model_validate_json(json.dumps(known), extra="ignore", context=AS_STORED), versions

    def save(self, section: str, value: object, based_on: int) -> int:
        """Stores a section's value; returns its new version. Raises SettingsConflictError."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": _PK},
                    "sk": {"S": section},
                    "value": {"S": to_json(value).decode()},
                    "version": {"N": str(based_on + 1)},
                },
                # A version is never 0, so the second half only matters to sections that exist.
                ConditionExpression="version = :version"
                if based_on
                else "attribute_not_exists(pk) OR version = :version",
                ExpressionAttributeValues={":version": {"N": str(based_on)}},
            )
        except ClientError as failure:
            if failure.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise SettingsConflictError(section) from None
            raise
        self._cached = None
        return based_on + 1
