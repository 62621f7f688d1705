"""Stock in DynamoDB: by sku its level, its ledger and the orders that wait for it, in one item collection."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from shukka.domain.order.outbox import StockMove
from shukka.domain.stock.stock import LedgerEntry, StockLevel, WaitingOrder
from shukka.store import keys
from shukka.store.batch_read import read_items
from shukka.store.order_items import outbox_item, read
from shukka.store.transaction import MAX_WRITES, BusyError, Item, Transaction, cancellation_codes, pause
from shukka.usecases.stock.adjust import StockChange, StockRefusal
from shukka.usecases.stock.settle_shortage import Shortage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

_ATTEMPTS = 8
_LISTING = {"S": "STOCK"}
_SHORTAGE = {"S": "SHORTAGE"}


class StockPage(NamedTuple):
    """`next` is the position behind the page, None at the end. A page of short skus can be short itself."""

    levels: tuple[StockLevel, ...]
    next: str | None


class LedgerPage(NamedTuple):
    """Newest first; `next` is the position behind the page, None at the end."""

    entries: tuple[LedgerEntry, ...]
    next: str | None


class StockStore:
    def __init__(self, client: "DynamoDBClient", table: str, orders_table: str) -> None:
        self._client = client
        self._table = table
        self._orders_table = orders_table

    def load(self, skus: Iterable[str]) -> dict[str, StockLevel]:
        """The levels as they are now; skus that nobody ever set are left out."""
        wanted = [(keys.sku_pk(sku), keys.LEVEL) for sku in dict.fromkeys(skus)]
        levels = (read(StockLevel, item["record"]) for item in read_items(self._client, self._table, wanted))
        return {level.sku: level for level in levels}

    def page(self, prefix: str, after: str | None, limit: int, *, short: bool) -> StockPage:
        """Skus in the order of their characters, those that begin with `prefix`, or of them only the short ones.

        Two requests. `after` is the sku that the page before ended with.
        """
        index, key, partition = ("shortage", "shortage", _SHORTAGE) if short else ("by_sku", "listing", _LISTING)
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": f"{key} = :partition",
            "ExpressionAttributeValues": {":partition": partition},
            "Limit": limit,
        }
        if prefix:
            request["KeyConditionExpression"] = f"{key} = :partition AND begins_with(sku, :prefix)"
            request["ExpressionAttributeValues"] = {":partition": partition, ":prefix": {"S": prefix}}
        if after:
            position = {"pk": {"S": keys.sku_pk(after)}, "sk": {"S": keys.LEVEL}, "sku": {"S": after}, key: partition}
            request["ExclusiveStartKey"] = position
        answer = self._client.query(**request)
        skus = [item["sku"]["S"] for item in answer["Items"]]
        levels = self.load(skus)
        found = [levels[sku] for sku in skus if sku in levels and (levels[sku].is_short or not short)]
        return StockPage(tuple(found), skus[-1] if "LastEvaluatedKey" in answer else None)

    def ledger(self, sku: str, after: str | None, limit: int) -> LedgerPage:
        """The moves of a sku, newest first, in one request."""
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": "ledger",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": keys.sku_pk(sku)}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after:
            request["KeyConditionExpression"] = "pk = :pk AND entry < :after"
            request["ExpressionAttributeValues"] = {":pk": {"S": keys.sku_pk(sku)}, ":after": {"S": after}}
        answer = self._client.query(**request)
        entries = tuple(read(LedgerEntry, item["record"]) for item in answer["Items"])
        return LedgerPage(entries, answer["Items"][-1]["entry"]["S"] if "LastEvaluatedKey" in answer else None)

    def commit(self, changes: Sequence[StockChange]) -> dict[str, StockRefusal]:
        """Stores each change whole or not at all; returns by sku why some were not. Raises BusyError."""
        refused: dict[str, StockRefusal] = {}
        # Entry and level, and the waiting list: two writes or three for each sku.
        most = MAX_WRITES // (3 if any(change.waits for change in changes) else 2)
        for start in range(0, len(changes), most):
            refused |= self._commit_pack(changes[start : start + most])
        return refused

    def _commit_pack(self, pack: Sequence[StockChange]) -> dict[str, StockRefusal]:
        refused: dict[str, StockRefusal] = {}
        for attempt in range(_ATTEMPTS):
            transaction = Transaction(self._client, self._table)
            # Of each write: whose it is, and what its refusal says.
            meanings: list[tuple[str, StockRefusal]] = []
            for change in pack:
                meanings += [(change.after.sku, meaning) for meaning in self._write(transaction, change)]
            try:
                transaction.commit_once()
            except ClientError as failure:
                codes = cancellation_codes(failure)
                found = [meanings[n] for n, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                # A sku that has moved before also has another level now: what its ledger says decides.
                refused |= dict(sorted(found, key=lambda meaning: meaning[1] is StockRefusal.MOVED_BEFORE))
                pack = [change for change in pack if change.after.sku not in refused]
                if not pack:
                    return refused
                if not found:
                    pause(attempt)
            else:
                return refused
        raise BusyError

    def _write(self, transaction: Transaction, change: StockChange) -> Iterator[StockRefusal]:
        """Adds the writes of one sku; yields for each what its refusal means."""
        pk, level = keys.sku_pk(change.after.sku), change.after
        entry = {
            "pk": {"S": pk},
            "sk": {"S": keys.ledger_sk(change.key)},
            "record": {"S": change.entry.model_dump_json()},
            "entry": {"S": f"{change.entry.version:012d}"},
        }
        transaction.add(entry, BusyError)
        yield StockRefusal.MOVED_BEFORE
        if change.before:
            attributes = {**_level_attributes(level), "shortage": _SHORTAGE if level.is_short else None}
            transaction.update(pk, keys.LEVEL, attributes, version=change.before.version, error=BusyError)
        else:
            item = {"pk": {"S": pk}, "sk": {"S": keys.LEVEL}, **_level_attributes(level)}
            transaction.add(item | ({"shortage": _SHORTAGE} if level.is_short else {}), BusyError)
        yield StockRefusal.STALE
        if change.waits:
            taken = (change.entry.before or 0) - (change.entry.after or 0)
            number = {"order_number": {"S": change.waits}}
            transaction.count(pk, keys.waiting_sk(change.waits), "taken", taken, number)
            yield StockRefusal.STALE

    def claim_import(self, client_key: str, payload_hash: str) -> bool:
        """Notes that the key stands for this payload; False where it stands for another one."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": keys.stock_import_pk(client_key)},
                    "sk": {"S": "-"},
                    "payload_hash": {"S": payload_hash},
                },
                ConditionExpression="attribute_not_exists(pk) OR payload_hash = :payload",
                ExpressionAttributeValues={":payload": {"S": payload_hash}},
            )
        except ClientError as failure:
            if failure.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def find_shortage(self, sku: str) -> Shortage | None:
        """A sku's current level and waiting list; None if no order waits."""
        level: StockLevel | None = None
        taken: dict[str, int] = {}
        for page in self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": keys.sku_pk(sku)},
                ":first": {"S": keys.LEVEL},
                ":last": {"S": keys.WAITING_TO},
            },
            ConsistentRead=True,
        ):
            for item in page["Items"]:
                if item["sk"]["S"] == keys.LEVEL:
                    level = read(StockLevel, item["record"])
                else:
                    taken[item["order_number"]["S"]] = int(item["taken"]["N"])
        if level is None or not level.waiting:
            return None
        wanted = [(keys.order_pk(number), keys.ROOT) for number in taken]
        roots = read_items(self._client, self._orders_table, wanted, "pk, stock_short")
        marked = {keys.number_of(root["pk"]["S"]) for root in roots if sku in _short_of(root)}
        return Shortage(level, tuple(WaitingOrder(number, taken[number], number in marked) for number in taken))

    def settle(self, shortage: Shortage, short: Collection[str]) -> bool:
        """Marks the orders in `short` and releases the others; False if the level moved meanwhile.

        Marks are on the orders' roots and leave their versions, so no edit is refused because of one.
        """
        level = shortage.level
        pk = {"S": keys.sku_pk(level.sku)}
        writes: list[TransactWriteItemTypeDef] = []
        # Orders that gave back more than they took are released first: while one of them is on the list, the others
        # must have taken that much more than what is missing.
        for order in sorted(shortage.waiting, key=lambda order: order.taken > 0):
            if order.marked != (order.number in short):
                writes.append(self._mark(order.number, level.sku, add=order.number in short))
            if order.number not in short:
                key = {"pk": pk, "sk": {"S": keys.waiting_sk(order.number)}}
                writes.append({"Delete": {"TableName": self._table, "Key": key}})
        most = MAX_WRITES - 1
        packs = [writes[start : start + most] for start in range(0, len(writes), most)]
        if short:
            return all(self._write_marks(level, pack) for pack in packs)
        *packs, last = packs or [[]]
        return all(self._write_marks(level, pack) for pack in packs) and self._write_marks(level, last, at_rest=True)

    def _mark(self, number: str, sku: str, *, add: bool) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._orders_table,
                "Key": {"pk": {"S": keys.order_pk(number)}, "sk": {"S": keys.ROOT}},
                "UpdateExpression": f"{'ADD' if add else 'DELETE'} stock_short :sku",
                "ExpressionAttributeValues": {":sku": {"SS": [sku]}},
            }
        }

    def _write_marks(
        self, level: StockLevel, marks: "Sequence[TransactWriteItemTypeDef]", *, at_rest: bool = False
    ) -> bool:
        """`at_rest` also notes that nobody waits any more. False where the level moved meanwhile. Raises BusyError."""
        key = {"pk": {"S": keys.sku_pk(level.sku)}, "sk": {"S": keys.LEVEL}}
        version = {":version": {"N": str(level.version)}}
        guard: TransactWriteItemTypeDef
        if at_rest:
            # The version stays: nothing of the level moved.
            record = {":record": {"S": level.model_copy(update={"waiting": False}).model_dump_json()}}
            guard = {
                "Update": {
                    "TableName": self._table,
                    "Key": key,
                    "UpdateExpression": "SET #record = :record",
                    "ConditionExpression": "version = :version",
                    "ExpressionAttributeNames": {"#record": "record"},
                    "ExpressionAttributeValues": version | record,
                }
            }
        else:
            guard = {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": key,
                    "ConditionExpression": "version = :version",
                    "ExpressionAttributeValues": version,
                }
            }
        for attempt in range(_ATTEMPTS):
            try:
                self._client.transact_write_items(TransactItems=[guard, *marks])
            except ClientError as failure:
                if "ConditionalCheckFailed" in cancellation_codes(failure):
                    return False
                pause(attempt)
            else:
                return True
        raise BusyError


class StockMoveStore:
    """The stock moves in the outbox of orders, and the orders' marks."""

    def __init__(self, client: "DynamoDBClient", orders_table: str) -> None:
        self._client = client
        self._table = orders_table

    def stock_moves(self, number: str, version: int) -> Sequence[StockMove]:
        """The order's moves up to this version, oldest first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": keys.order_pk(number)},
                ":first": {"S": keys.stock_move_sk(1)},
                ":last": {"S": keys.stock_move_sk(version)},
            },
            ConsistentRead=True,
        )
        return [read(StockMove, item["record"]) for page in pages for item in page["Items"]]

    def stock_short(self, number: str) -> Collection[str]:
        """The skus that the order is marked as short of."""
        return _short_of(self._find(number, keys.ROOT) or {})

    def save_stock_move(self, number: str, move: StockMove) -> None:
        """Gives a PENDING move its outcome; one that has an outcome keeps it."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=outbox_item(keys.order_pk(number), move),
                ConditionExpression="#state = :pending",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":pending": {"S": "pending"}},
            )
        except ClientError as failure:
            if failure.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _find(self, number: str, sk: str) -> Item | None:
        key = {"pk": {"S": keys.order_pk(number)}, "sk": {"S": sk}}
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")


def _level_attributes(level: StockLevel) -> Item:
    return {
        "record": {"S": level.model_dump_json()},
        "version": {"N": str(level.version)},
        "listing": _LISTING,
        "sku": {"S": level.sku},
    }


def _short_of(root: Item) -> Sequence[str]:
    return [str(sku) for sku in root.get("stock_short", {}).get("SS", ())]
