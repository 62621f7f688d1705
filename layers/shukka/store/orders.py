"""Orders, their history and their outbox in DynamoDB."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shukka.domain.errors import OrderNotFoundError, Rule, RuleError, ShukkaError, VersionConflictError
from shukka.domain.lists.findable import destinations_differ
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.line import Line
from shukka.domain.order.order import Order, OrderHeader
from shukka.domain.order.outbox import Document, DocumentKind, DocumentState, Mail
from shukka.store import keys
from shukka.store.mail_records import find_mail, save_mail
from shukka.store.order_items import (
    history_items,
    line_items,
    outbox_item,
    placing_item,
    read,
    read_history,
    read_order,
    return_item,
    root_attributes,
    shipment_item,
)
from shukka.store.placings import Placings
from shukka.store.transaction import MAX_WRITES, Item, Transaction, put_if
from shukka.usecases.ports import Claim, ClaimLostError, Commit, Placing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_NUMBER = 100_001


class OrderStore:
    def __init__(self, client: "DynamoDBClient", table: str, settings_table: str) -> None:
        self._client = client
        self._table = table
        self._settings_table = settings_table
        self._placings = Placings(client, table)

    def next_number(self) -> str:
        """The next order number; a number that is drawn and not used is a gap."""
        answer = self._client.update_item(
            TableName=self._settings_table,
            Key={"pk": {"S": "COUNTER"}, "sk": {"S": "order_number"}},
            UpdateExpression="SET last_number = if_not_exists(last_number, :before_first) + :one",
            ExpressionAttributeValues={":before_first": {"N": str(FIRST_NUMBER - 1)}, ":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return answer["Attributes"]["last_number"]["N"]

    def find_placed(self, placing: Placing, now: datetime) -> OrderHeader | None:
        return self._placings.find(placing, now)

    def claim(self, placing: Placing, at: datetime) -> Claim | OrderHeader:
        return self._placings.claim(placing, at)

    def release(self, claim: Claim, number: str) -> None:
        self._placings.release(claim, number)

    def get(self, number: str) -> Order:
        """The whole order in one query; raises OrderNotFoundError."""
        return self.get_with_mails(number)[0]

    def get_with_mails(self, number: str) -> tuple[Order, Sequence[Mail]]:
        """The order and its mails, from the same query; raises OrderNotFoundError."""
        items = list(self._items(number, keys.ORDER_FROM, keys.ORDER_TO))
        order = read_order(items)
        if order is None:
            raise OrderNotFoundError(number)
        return order, [read(Mail, item["record"]) for item in items if item["sk"]["S"].startswith("MAIL#")]

    def history(self, number: str) -> Sequence[HistoryEntry]:
        """Everything that happened to the order, oldest first; empty for an unknown order."""
        return read_history(self._items(number, "HISTORY#", "HISTORY#~"))

    def commit(self, change: Commit) -> None:
        """Stores the change, its history and what follows in one transaction, writing only the parts that differ.

        Raises VersionConflictError, ClaimLostError, BusyError, and RuleError where the order is too large.
        """
        transaction = Transaction(self._client, self._table)
        self.write(transaction, change)
        if len(transaction) > MAX_WRITES:
            raise RuleError("一度に変更する内容が多すぎます。分けて操作してください", "lines", Rule.TOO_LARGE)
        try:
            transaction.commit()
        except ClientError as failure:
            if failure.response["Error"]["Code"] == "ValidationException" and "size" in str(failure).lower():
                raise RuleError("受注の内容が大きすぎて保存できません", "lines", Rule.TOO_LARGE) from None
            raise

    def write(self, transaction: Transaction, change: Commit) -> None:
        """Adds the writes of one change to a transaction, which may hold those of other orders too."""
        before, after = change.before, change.after
        pk = keys.order_pk(after.number)

        def conflict() -> ShukkaError:
            return VersionConflictError(after.number)

        lines_changed = before is None or before.lines is not after.lines
        # Closing or reopening an order moves its unshipped shipments out of or into their index.
        reopened = before is not None and before.header.is_open != after.header.is_open
        moved = destinations_differ(before, after)
        if (reopened or moved) and len(after.shipments) < len(after.header.shipments):
            raise ValueError("to be closed, reopened or sent elsewhere, an order must have all its shipments")
        root = root_attributes(after, lines_known=lines_changed, destinations_known=moved)
        if before is None:
            present = {name: value for name, value in root.items() if value is not None}
            transaction.add({"pk": {"S": pk}, "sk": {"S": keys.ROOT}, **present}, conflict)
        else:
            transaction.update(pk, keys.ROOT, root, version=before.version, error=conflict)
        if lines_changed:
            _write_lines(transaction, pk, before.lines if before else (), after.lines)
        stored = {shipment.n: shipment for shipment in before.shipments} if before else {}
        for shipment in after.shipments:
            if reopened or shipment != stored.get(shipment.n):
                transaction.put(shipment_item(pk, after, shipment))
        for n in stored.keys() - {shipment.n for shipment in after.shipments}:
            transaction.delete(pk, keys.shipment_sk(n))
        for record in set(after.returns).difference(before.returns if before else ()):
            transaction.put(return_item(pk, record))
        for part in history_items(pk, change.entry):
            transaction.add(part, conflict)
        for follow_up in change.follow_ups:
            transaction.add(outbox_item(pk, follow_up), conflict)
        if change.claim:
            transaction.replace(
                placing_item(change.claim.placing, after.header),
                when=("claimed_by = :token", {":token": {"S": change.claim.token}}),
                error=ClaimLostError,
            )

    def find_mail(self, number: str, key: str) -> Mail | None:
        return find_mail(self._client, self._table, keys.order_pk(number), key)

    def save_mail(self, number: str, mail: Mail, expected: Mail) -> bool:
        """Replaces the record if its state and lease are still `expected`'s; otherwise False."""
        return save_mail(self._client, self._table, keys.order_pk(number), mail, expected)

    def list_documents(self, number: str, kind: DocumentKind) -> Sequence[Document]:
        """All revisions, oldest first."""
        prefix = keys.document_prefix(kind)
        return [read(Document, item["record"]) for item in self._items(number, prefix, prefix + "~")]

    def list_issued(self, number: str) -> Sequence[Document]:
        """The newest finished revision of each kind of document."""
        items = self._items(number, "DOCUMENT#", "DOCUMENT#~")
        documents = (read(Document, item["record"]) for item in items)
        return list(
            {document.kind: document for document in documents if document.state is DocumentState.READY}.values()
        )

    def add_document(self, number: str, document: Document) -> bool:
        """Adds the record; False where this revision exists."""
        return put_if(
            self._client, self._table, outbox_item(keys.order_pk(number), document), "attribute_not_exists(pk)"
        )

    def save_document(self, number: str, document: Document) -> bool:
        """Gives a PENDING record its outcome; False where it already has one, which stays."""
        item = outbox_item(keys.order_pk(number), document)
        return put_if(
            self._client, self._table, item, "#state = :pending", {"#state": "state"}, {":pending": {"S": "pending"}}
        )

    def _items(self, number: str, first: str, last: str) -> Iterator[Item]:
        """The order's items between two sort keys, strongly consistent."""
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": keys.order_pk(number)},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ConsistentRead=True,
        ):
            yield from page["Items"]


def _write_lines(transaction: Transaction, pk: str, before: Sequence[Line], after: Sequence[Line]) -> None:
    chunks = line_items(pk, after)
    for chunk in chunks:
        transaction.put(chunk)
    for stale in line_items(pk, before)[len(chunks) :]:
        transaction.delete(pk, stale["sk"]["S"])
