"""When each fact that files write was last changed, so that an older file does not undo a newer change."""

from collections.abc import Iterable
from datetime import datetime

from shukka.domain.order.history import Change
from shukka.domain.order.order import Order

_OF_SHIPMENT = frozenset(
    (
        "tracking_numbers",
        "carrier",
        "status",
        "shipped_on",
        "delivered_on",
        "requested_date",
        "time_slot",
        "external_shipment_code",
        "memo",
    )
)
_OF_ORDER = frozenset(("message_to_member", "handling_status"))


def with_times(order: Order, changes: Iterable[Change], at: datetime) -> Order:
    """The order after these changes, with `at` as the time of the facts that they wrote."""
    of_order: dict[str, datetime] = {}
    of_shipments: dict[int, dict[str, datetime]] = {}
    for change in changes:
        if change.field.startswith("shipments."):
            _, n, name = change.field.split(".", 2)
            if name in _OF_SHIPMENT:
                of_shipments.setdefault(int(n), {})[name] = at
        elif change.field in _OF_ORDER:
            of_order[change.field] = at
    if of_order:
        order = order.with_header(written={**order.header.written, **of_order})
    if of_shipments:
        shipments = tuple(
            shipment.model_copy(update={"written": {**shipment.written, **of_shipments[shipment.n]}})
            if shipment.n in of_shipments
            else shipment
            for shipment in order.shipments
        )
        order = order.model_copy(update={"shipments": shipments})
    return order


def newer_changes(before: Order, after: Order, n: int, at: datetime) -> list[datetime]:
    """The times after `at` of the header's and `n`-th shipment's facts that differ between the two orders."""
    pairs = ((before.header, after.header), (before.shipment(n), after.shipment(n)))
    return [
        time
        for was, becomes in pairs
        for name, time in was.written.items()
        if time > at and getattr(was, name) != getattr(becomes, name)
    ]
