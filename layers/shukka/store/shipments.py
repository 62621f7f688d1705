"""Many orders at once, for files: reads and writes are packed, because requests are the bill."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from shukka.domain.imports.recipient import Recipient
from shukka.domain.order.order import Order, OrderHeader
from shukka.domain.order.outbox import Mail
from shukka.domain.shipping.shipment import Shipment, ShipmentId, ShippingStatus
from shukka.store import keys
from shukka.store.batch_read import read_items
from shukka.store.order_items import read, read_order
from shukka.store.orders import OrderStore
from shukka.store.transaction import MAX_WRITES, BusyError, Item, Transaction, cancellation_codes, pause
from shukka.usecases.ports import Commit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_THREADS = 4
_WAITING = (ShippingStatus.NOT_SHIPPED, ShippingStatus.INSTRUCTED)
_ATTEMPTS = 8


class _Prepared(NamedTuple):
    change: Commit
    writes: Transaction


class ShipmentBatches:
    def __init__(self, client: "DynamoDBClient", table: str, orders: OrderStore) -> None:
        self._client = client
        self._table = table
        self._orders = orders

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> dict[str, Order]:
        """The orders by number, without lines; unknown orders are left out.

        They have those of the asked shipments that exist; the orders with a number in `whole` have every shipment.
        """
        asked = list(dict.fromkeys(ids))
        wanted = {(keys.order_pk(number), keys.ROOT) for number in (*whole, *(number for number, _ in asked))}
        wanted |= {(keys.order_pk(number), keys.shipment_sk(n)) for number, n in asked}
        items = read_items(self._client, self._table, wanted)
        if whole:
            more = {key for item in items for key in _all_shipments(item, whole)} - wanted
            items += read_items(self._client, self._table, more)
        by_order: dict[str, list[Item]] = {}
        for item in items:
            by_order.setdefault(keys.number_of(item["pk"]["S"]), []).append(item)
        loaded = {number: read_order(sorted(items, key=_by_sk)) for number, items in by_order.items()}
        return {number: order for number, order in loaded.items() if order}

    def load_lines(self, numbers: Iterable[str]) -> dict[str, Order]:
        """The orders by number, whole. Raises OrderNotFoundError."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return {order.number: order for order in pool.map(self._orders.get, numbers)}

    def find_by_code(self, codes: Collection[str], limit: int) -> dict[str, Sequence[ShipmentId]]:
        """At most `limit` shipments of each 出荷管理番号: a request for each code."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return dict(zip(codes, pool.map(self._with_code, codes, repeat(limit)), strict=True))

    def _with_code(self, code: str, limit: int) -> Sequence[ShipmentId]:
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_shipment_code",
            KeyConditionExpression="shipment_code = :code",
            ExpressionAttributeValues={":code": {"S": keys.shipment_code(code)}},
            Limit=limit,
        )
        return [keys.shipment_of(item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"]]

    def list_waiting(self) -> Sequence[tuple[ShipmentId, Shipment, Recipient]]:
        """Every unshipped shipment: one request per megabyte of them, and one per hundred orders."""
        items = [item for status in _WAITING for item in self._waiting(status)]
        wanted = {(item["pk"]["S"], keys.ROOT) for item in items}
        roots = read_items(self._client, self._table, wanted, "pk, header")
        members = {root["pk"]["S"]: read(OrderHeader, root["header"]).member for root in roots}
        return [
            (keys.shipment_of(item["pk"]["S"], item["sk"]["S"]), shipment, Recipient.of(shipment.destination or member))
            for item in items
            if (member := members.get(item["pk"]["S"])) and (shipment := read(Shipment, item["shipment"]))
        ]

    def _waiting(self, status: ShippingStatus) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="unshipped",
            KeyConditionExpression="unshipped_status = :status",
            ExpressionAttributeValues={":status": {"S": status}},
        )
        return (item for page in pages for item in page["Items"])

    def find_mails(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mail]:
        """Those of the mails with these order numbers and keys that exist."""
        places = {(keys.order_pk(number), keys.mail_sk(key)): (number, key) for number, key in wanted}
        items = read_items(self._client, self._table, places)
        return {places[item["pk"]["S"], item["sk"]["S"]]: read(Mail, item["record"]) for item in items}

    def commit(self, changes: Sequence[Commit]) -> list[Commit]:
        """Stores each change whole or not at all; returns those whose order was changed by someone else meanwhile."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return [lost for losers in pool.map(self._commit_pack, self._packs(changes)) for lost in losers]

    def _packs(self, changes: Iterable[Commit]) -> Iterator[list[_Prepared]]:
        """As many changes as fit into one transaction."""
        pack: list[_Prepared] = []
        size = 0
        for change in changes:
            writes = Transaction(self._client, self._table)
            self._orders.write(writes, change)
            if pack and size + len(writes) > MAX_WRITES:
                yield pack
                pack, size = [], 0
            pack.append(_Prepared(change, writes))
            size += len(writes)
        if pack:
            yield pack

    def _commit_pack(self, pack: list[_Prepared]) -> list[Commit]:
        lost: list[Commit] = []
        for attempt in range(_ATTEMPTS):
            together = Transaction(self._client, self._table)
            owners: list[int] = []
            for position, prepared in enumerate(pack):
                together.extend(prepared.writes)
                owners += [position] * len(prepared.writes)
            try:
                together.commit_once()
            except ClientError as failure:
                codes = cancellation_codes(failure)
                refused = {owners[n] for n, code in enumerate(codes) if code == "ConditionalCheckFailed"}
                lost += [pack[position].change for position in sorted(refused)]
                pack = [prepared for position, prepared in enumerate(pack) if position not in refused]
                if not pack:
                    return lost
                if not refused:
                    pause(attempt)
            else:
                return lost
        raise BusyError


def _all_shipments(item: Item, whole: Collection[str]) -> Iterator[tuple[str, str]]:
    """Keys of every shipment of the order whose root `item` is, if it is one of `whole`."""
    pk = str(item["pk"]["S"])
    if item["sk"]["S"] == keys.ROOT and keys.number_of(pk) in whole:
        for n in read(OrderHeader, item["header"]).shipments:
            yield pk, keys.shipment_sk(n)


def _by_sk(item: Item) -> str:
    return str(item["sk"]["S"])
