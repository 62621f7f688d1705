"""Which shipments have a 送り状番号: an item for each number, and a mark on the orders that share one.

The stream's consumer writes them: no change of an order writes them or waits for them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shukka.domain.shipping.shipment import ShipmentId
from shukka.store import keys
from shukka.store.batch_read import read_items
from shukka.store.order_items import expiry
from shukka.store.transaction import MAX_WRITES, Item, Transaction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REMEMBERED = timedelta(days=400)
"""After the last change of its owners, a number is forgotten: carriers use numbers again."""

Owners = frozenset[ShipmentId]


class NumberOwnerStore:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, numbers: Collection[str]) -> dict[str, Owners]:
        """The shipments that have each number, at the cost of one request for a hundred; without those of nobody."""
        wanted = {(keys.tracking_pk(number), "-") for number in numbers}
        items = read_items(self._client, self._table, wanted, "pk, shipments")
        return {keys.tracking_number_of(item["pk"]["S"]): _owners(item) for item in items if "shipments" in item}

    def add(self, owners: Mapping[str, Owners], at: datetime) -> None:
        self._change(owners, at, joins=True)

    def remove(self, owners: Mapping[str, Owners], at: datetime) -> None:
        self._change(owners, at, joins=False)

    def mark(self, number: str, owners: Owners, orders: Collection[str], *, shared: bool) -> bool:
        """Marks the orders, or takes the mark away; False where `owners` are no longer those of the number."""
        known = ("shipments = :owners", {":owners": {"SS": _ids(owners)}}) if owners else None
        for some in _parts(sorted(orders), MAX_WRITES - 1):
            transaction = Transaction(self._client, self._table)
            transaction.check(keys.tracking_pk(number), "-", known or ("attribute_not_exists(shipments)", {}), _Changed)
            for order in some:
                transaction.change_set(keys.order_pk(order), keys.ROOT, "shared_numbers", [number], joins=shared)
            try:
                transaction.commit()
            except _Changed:
                return False
        return True

    def _change(self, owners: Mapping[str, Owners], at: datetime, *, joins: bool) -> None:
        kept = {"expires_at": expiry(at + _REMEMBERED)}
        for some in _parts(sorted(owners), MAX_WRITES):
            transaction = Transaction(self._client, self._table)
            for number in some:
                ids = _ids(owners[number])
                transaction.change_set(keys.tracking_pk(number), "-", "shipments", ids, joins=joins, attributes=kept)
            transaction.commit()


class _Changed(Exception):
    """The number has other owners by now."""


def _ids(owners: Owners) -> list[str]:
    return sorted(map(str, owners))


def _owners(item: Item) -> Owners:
    return frozenset(shipment for text in item["shipments"]["SS"] if (shipment := ShipmentId.parse(text)))


def _parts(values: list[str], size: int) -> list[list[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
