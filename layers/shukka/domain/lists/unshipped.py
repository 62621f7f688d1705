"""What the shipping desk has before it."""

from datetime import date
from typing import NamedTuple

from shukka.domain.lists.summary import OrderSummary
from shukka.domain.shipping.shipment import Shipment, ShippingStatus


class ShipmentFilter(NamedTuple):
    """Shipments of open orders that have not left, in any of `statuses`; the days are those the members request."""

    statuses: tuple[ShippingStatus, ...] = (ShippingStatus.INSTRUCTED, ShippingStatus.NOT_SHIPPED)
    carrier: str | None = None
    requested_from: date | None = None
    requested_to: date | None = None


class WaitingShipment(NamedTuple):
    order: OrderSummary
    shipment: Shipment


class ShipmentPage(NamedTuple):
    """`next` is the position behind the page, None at the end. A filtered page may be short and still have a next."""

    shipments: tuple[WaitingShipment, ...]
    next: str | None
