"""Idempotency-Keys of placed orders: one item each, which first holds a claim and then the answer."""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shukka.domain.errors import IdempotencyMismatchError
from shukka.domain.order.order import OrderHeader
from shukka.store import keys
from shukka.store.order_items import IDEMPOTENCY_KEPT, expiry, read
from shukka.store.transaction import BusyError, Item, pause
from shukka.usecases.ports import Claim, Placing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A claim only saves numbers: the order is stored under the condition that its claim still stands. So it may be short,
# and a request whose forerunner was killed does not wait long.
_LEASE = timedelta(seconds=5)
_PATIENCE = timedelta(seconds=15)
_REFUSED = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


class Placings:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, placing: Placing, now: datetime) -> OrderHeader | None:
        """The answer that the key was given, None where it has none. Raises IdempotencyMismatchError."""
        item = self._find(placing, now)
        return _answer(item) if item else None

    def claim(self, placing: Placing, at: datetime) -> Claim | OrderHeader:
        """The claim (one request if the key is new), or the answer of the request that placed the order.

        Waits for a running request, and takes over after 5 seconds without its outcome. Raises
        IdempotencyMismatchError, and BusyError if others keep claiming the key.
        """
        started = time.monotonic()

        def now() -> datetime:
            return at + timedelta(seconds=time.monotonic() - started)

        while now() < at + _PATIENCE:
            if claim := self._claim(placing, now()):
                return claim
            attempt = 0
            while item := self._find(placing, now()):
                if answer := _answer(item):
                    return answer
                if _lease_until(item) <= now().timestamp():
                    break
                pause(min(attempt, 3))
                attempt += 1
        raise BusyError

    def release(self, claim: Claim, number: str) -> None:
        """Ends a claim and keeps its number for the next attempt. A failure here only leaves a gap."""
        with suppress(ClientError, BotoCoreError):
            self._client.update_item(
                TableName=self._table,
                Key=_key(claim.placing),
                UpdateExpression="SET unused_number = :number, lease_until = :past",
                ConditionExpression="claimed_by = :token",
                ExpressionAttributeValues={
                    ":number": {"S": number},
                    ":past": {"N": "0"},
                    ":token": {"S": claim.token},
                },
            )

    def _claim(self, placing: Placing, now: datetime) -> Claim | None:
        token = uuid4().hex
        try:
            stored = self._client.update_item(
                TableName=self._table,
                Key=_key(placing),
                UpdateExpression=(
                    "SET payload_hash = :payload, claimed_by = :token, lease_until = :lease, expires_at = :expiry "
                    "REMOVE answer"
                ),
                # Items outlive their time by up to days before DynamoDB removes them.
                ConditionExpression=(
                    "attribute_not_exists(pk) OR expires_at <= :now OR "
                    "(attribute_not_exists(answer) AND lease_until <= :now AND payload_hash = :payload)"
                ),
                ExpressionAttributeValues={
                    ":payload": {"S": placing.payload_hash},
                    ":token": {"S": token},
                    ":lease": {"N": f"{(now + _LEASE).timestamp():.3f}"},
                    ":expiry": expiry(now + IDEMPOTENCY_KEPT),
                    ":now": {"N": f"{now.timestamp():.3f}"},
                },
                ReturnValues="ALL_NEW",
            )["Attributes"]
        except ClientError as failure:
            if failure.response["Error"]["Code"] in _REFUSED:
                return None
            raise
        unused = stored.get("unused_number")
        return Claim(placing, token, unused["S"] if unused else None)

    def _find(self, placing: Placing, now: datetime) -> Item | None:
        item = self._client.get_item(TableName=self._table, Key=_key(placing), ConsistentRead=True).get("Item")
        if item is None or int(item["expires_at"]["N"]) <= now.timestamp():
            return None
        if item["payload_hash"]["S"] != placing.payload_hash:
            raise IdempotencyMismatchError
        return item


def _key(placing: Placing) -> dict[str, Any]:
    return {"pk": {"S": keys.idempotency_pk(placing.client, placing.key)}, "sk": {"S": "-"}}


def _answer(item: Mapping[str, Any]) -> OrderHeader | None:
    return read(OrderHeader, item["answer"]) if "answer" in item else None


def _lease_until(item: Mapping[str, Any]) -> float:
    return float(item["lease_until"]["N"])
