"""One small transaction: each write carries the error that its refused condition means."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shukka.domain.errors import ShukkaError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        ConditionCheckTypeDef,
        PutItemInputTypeDef,
        PutTypeDef,
        TransactWriteItemTypeDef,
        UpdateTypeDef,
    )

MAX_WRITES = 100
Attribute = Mapping[str, Any]
"""A DynamoDB attribute value in its wire form, such as {"S": "text"}."""
Item = dict[str, Any]
"""Attributes by name."""

_ATTEMPTS = 6


class BusyError(ShukkaError):
    """Others kept writing the same items. Nothing was written; trying again later is right."""

    def __init__(self) -> None:
        super().__init__("混み合っています。少し待ってからやり直してください")


class Transaction:
    """Collects writes and commits them together: all or nothing."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._writes: list[TransactWriteItemTypeDef] = []
        self._errors: list[Callable[[], Exception] | None] = []

    def __len__(self) -> int:
        return len(self._writes)

    def add(self, item: Item, error: Callable[[], Exception]) -> None:
        """Writes an item that must not exist yet."""
        put: PutTypeDef = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        self._writes.append({"Put": put})
        self._errors.append(error)

    def replace(self, item: Item, *, when: tuple[str, Item], error: Callable[[], Exception]) -> None:
        """Writes an item whose stored state meets the condition `when`, which comes with its values."""
        put: PutTypeDef = {"TableName": self._table, "Item": item, "ConditionExpression": when[0]}
        put["ExpressionAttributeValues"] = when[1]
        self._writes.append({"Put": put})
        self._errors.append(error)

    def put(self, item: Item) -> None:
        self._writes.append({"Put": {"TableName": self._table, "Item": item}})
        self._errors.append(None)

    def delete(self, pk: str, sk: str) -> None:
        self._writes.append({"Delete": {"TableName": self._table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}})
        self._errors.append(None)

    def update(
        self,
        pk: str,
        sk: str,
        attributes: Mapping[str, Attribute | None],
        *,
        version: int,
        error: Callable[[], Exception],
    ) -> None:
        """Sets the attributes (None removes one) of an item whose `version` must be as given."""
        expression, names = _update_expression(tuple((name, value is None) for name, value in attributes.items()))
        values: Item = {f":{n}": value for n, value in enumerate(attributes.values()) if value is not None}
        values[":version"] = {"N": str(version)}
        self._writes.append(
            {
                "Update": {
                    "TableName": self._table,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    "UpdateExpression": expression,
                    "ConditionExpression": "version = :version",
                    "ExpressionAttributeNames": names,
                    "ExpressionAttributeValues": values,
                }
            }
        )
        self._errors.append(error)

    def count(self, pk: str, sk: str, name: str, number: int, attributes: Item) -> None:
        """Adds to a number of an item, which is made with these attributes if it is not there."""
        sets = ",".join(f"{attribute}=:{attribute}" for attribute in attributes)
        self._writes.append(
            {
                "Update": {
                    "TableName": self._table,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    "UpdateExpression": f"SET {sets} ADD {name} :number",
                    "ExpressionAttributeValues": {":number": {"N": str(number)}}
                    | {f":{attribute}": value for attribute, value in attributes.items()},
                }
            }
        )
        self._errors.append(None)

    def change_set(
        self, pk: str, sk: str, name: str, members: Sequence[str], *, joins: bool, attributes: Item | None = None
    ) -> None:
        """Adds members to a set of texts, or takes them out of it, and sets these attributes.

        The item is made if it is not there.
        """
        values = {f":{attribute}": value for attribute, value in (attributes or {}).items()}
        sets = ",".join(f"{attribute}=:{attribute}" for attribute in attributes or {})
        update: UpdateTypeDef = {
            "TableName": self._table,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "UpdateExpression": f"{'ADD' if joins else 'DELETE'} {name} :members" + (f" SET {sets}" if sets else ""),
            "ExpressionAttributeValues": {":members": {"SS": list(members)}} | values,
        }
        self._writes.append({"Update": update})
        self._errors.append(None)

    def check(self, pk: str, sk: str, condition: tuple[str, Item], error: Callable[[], Exception]) -> None:
        """Writes nothing, but everything else only where what is stored meets the condition."""
        check: ConditionCheckTypeDef = {
            "TableName": self._table,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "ConditionExpression": condition[0],
        }
        if condition[1]:
            check["ExpressionAttributeValues"] = condition[1]
        self._writes.append({"ConditionCheck": check})
        self._errors.append(error)

    def extend(self, other: "Transaction") -> None:
        """Adds the writes of another transaction."""
        self._writes += other._writes
        self._errors += other._errors

    def commit(self) -> None:
        """Raises the error of the first write whose condition failed, or BusyError after several conflicts."""
        for attempt in range(_ATTEMPTS):
            try:
                self.commit_once()
            except ClientError as failure:
                codes = cancellation_codes(failure)
                for code, error in zip(codes, self._errors, strict=True):
                    if code == "ConditionalCheckFailed" and error:
                        raise error() from None
                pause(attempt)
            else:
                return
        raise BusyError

    def commit_once(self) -> None:
        """One try, for callers that deal with refusals themselves; raises botocore's ClientError."""
        self._client.transact_write_items(TransactItems=self._writes)


@lru_cache
def _update_expression(attributes: tuple[tuple[str, bool], ...]) -> tuple[str, Mapping[str, str]]:
    """Sets attributes, or removes those that go, and the names that stand in it: #0, #1, … with values :0, :1, …"""
    sets = [f"#{n}=:{n}" for n, (_, goes) in enumerate(attributes) if not goes]
    removes = [f"#{n}" for n, (_, goes) in enumerate(attributes) if goes]
    expression = "SET " + ",".join(sets) + (" REMOVE " + ",".join(removes) if removes else "")
    return expression, {f"#{n}": name for n, (name, _) in enumerate(attributes)}


def put_if(
    client: "DynamoDBClient",
    table: str,
    item: Item,
    condition: str,
    names: Mapping[str, str] | None = None,
    values: Item | None = None,
) -> bool:
    """Writes one item if what is stored meets the condition; otherwise False."""
    request: PutItemInputTypeDef = {"TableName": table, "Item": item, "ConditionExpression": condition}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = values
    try:
        client.put_item(**request)
    except ClientError as failure:
        if failure.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def cancellation_codes(failure: ClientError) -> list[str]:
    """Why a transaction was cancelled, a code for each write; re-raises what is not a cancellation by conflict.

    `TransactionConflict`, throttling and their kin are worth another try, and botocore does not make it.
    """
    if failure.response["Error"]["Code"] != "TransactionCanceledException":
        raise failure
    codes = [reason.get("Code", "None") for reason in failure.response.get("CancellationReasons", [])]
    if "ValidationError" in codes or "ItemCollectionSizeLimitExceeded" in codes:
        raise failure
    return codes


def pause(attempt: int) -> None:
    """Waits up to 50 ms, 100 ms, 200 ms, …, a random part of it, so that rivals do not meet again."""
    time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - spreads load, guards nothing
