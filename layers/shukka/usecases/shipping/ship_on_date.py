"""発送日に発送済にする: shipments that are 発送指示 leave on their day."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from shukka.domain.lists.unshipped import ShipmentFilter, ShipmentPage
from shukka.domain.order.history import Context
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.usecases.ports import SettingsSource, ShipmentChanges
from shukka.usecases.shipping.apply_rows import Outcome, RowSource, apply_shipments
from shukka.usecases.shipping.ship import shipping_row

_PAGE = 100


class WaitingShipments(Protocol):
    def page(self, wanted: ShipmentFilter, after: str | None, limit: int) -> ShipmentPage: ...


class Shipped(NamedTuple):
    shipped: int = 0
    rejected: int = 0


def ship_on_date(
    context: Context,
    *,
    waiting: WaitingShipments,
    orders: ShipmentChanges,
    settings: SettingsSource,
    has_time: Callable[[], bool],
) -> Shipped:
    """Ships the shipments that are 発送指示 and whose 発送日 is today or earlier. A second run ships nothing twice."""
    shop = settings.current()
    if not shop.shipping.ship_on_date:
        return Shipped()
    today = context.today
    upload = RowSource(context.request_id, None, action="ship_on_date")
    total, after = Shipped(), None
    while has_time():
        page = waiting.page(ShipmentFilter((ShippingStatus.INSTRUCTED,)), after, _PAGE)
        due = [
            shipping_row(ShipmentId(entry.order.number, entry.shipment.n))
            for entry in page.shipments
            if entry.shipment.shipped_on and entry.shipment.shipped_on <= today
        ]
        outcomes = [result.outcome for result in apply_shipments(due, upload, context, orders, shop)]
        total = Shipped(
            total.shipped + outcomes.count(Outcome.APPLIED), total.rejected + outcomes.count(Outcome.REJECTED)
        )
        after = page.next
        if after is None:
            break
    return total
