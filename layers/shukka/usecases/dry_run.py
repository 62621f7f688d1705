"""試行: changes of many orders are decided as usual, and not stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import Shipment, ShipmentId
from shukka.usecases.ports import Commit, ShipmentChanges

# Some 50 MB. Rows of one order that are further apart than this are each compared with what is stored.
_REMEMBERED_SHIPMENTS = 50_000


class DryRun:
    """ShipmentChanges that only remembers changes, so that later rows see the orders as earlier rows left them."""

    def __init__(self, orders: ShipmentChanges) -> None:
        self._orders = orders
        self._shipments: dict[ShipmentId, Shipment] = {}
        self._handling_statuses: dict[str, str] = {}

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> Mapping[str, Order]:
        return {number: self._as_it_would_be(order) for number, order in self._orders.load(ids, whole).items()}

    def load_lines(self, numbers: Iterable[str]) -> Mapping[str, Order]:
        return {number: self._as_it_would_be(order) for number, order in self._orders.load_lines(numbers).items()}

    def commit(self, changes: Sequence[Commit]) -> Sequence[Commit]:
        for change in changes:
            after = change.after
            self._shipments.update({ShipmentId(after.number, shipment.n): shipment for shipment in after.shipments})
            if change.before and change.before.header.handling_status != after.header.handling_status:
                self._handling_statuses[after.number] = after.header.handling_status
        _forget_oldest(self._shipments)
        _forget_oldest(self._handling_statuses)
        return []

    def _as_it_would_be(self, order: Order) -> Order:
        for stored in order.shipments:
            if changed := self._shipments.get(ShipmentId(order.number, stored.n)):
                order = order.with_shipment(changed)
        if handling_status := self._handling_statuses.get(order.number):
            order = order.with_header(handling_status=handling_status)
        return order


def _forget_oldest(remembered: dict[Any, Any]) -> None:
    for oldest in list(islice(remembered, max(len(remembered) - _REMEMBERED_SHIPMENTS, 0))):
        del remembered[oldest]
