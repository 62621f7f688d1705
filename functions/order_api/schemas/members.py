"""Orders as their member sees them on the storefront: nothing that is the staff's own."""

from datetime import date, datetime

from pydantic import BaseModel

from order_api.schemas.orders import TrackingView, tracking_views
from shukka.domain.listing import OrderPage
from shukka.domain.order import OverallShippingStatus
from shukka.domain.settings import Settings
from shukka.domain.shipment import ShipmentDigest, ShipmentId, ShippingStatus
from shukka.domain.summary import OrderSummary


class MemberShipmentView(BaseModel):
    shipment_id: str
    status: ShippingStatus
    carrier_name: str | None
    tracking: list[TrackingView]
    shipped_on: date | None


class MemberOrderRow(BaseModel):
    number: str
    placed_at: datetime
    handling_status_label: str
    shipping_status: OverallShippingStatus
    total: int
    message_to_member: str | None
    shipments: list[MemberShipmentView]


class MemberOrderListView(BaseModel):
    orders: list[MemberOrderRow]
    next_cursor: str | None


def member_order_list_view(page: OrderPage, next_cursor: str | None, settings: Settings) -> MemberOrderListView:
    return MemberOrderListView(orders=[_row(order, settings) for order in page.orders], next_cursor=next_cursor)


def _row(order: OrderSummary, settings: Settings) -> MemberOrderRow:
    return MemberOrderRow(
        number=order.number,
        placed_at=order.placed_at,
        handling_status_label=settings.status_label(order.handling_status),
        shipping_status=order.shipping_status,
        total=order.total,
        message_to_member=order.message_to_member,
        shipments=[_shipment(order.number, n, digest, settings) for n, digest in order.shipments.items()],
    )


def _shipment(number: str, n: int, digest: ShipmentDigest, settings: Settings) -> MemberShipmentView:
    carrier = settings.carrier(digest.carrier)
    return MemberShipmentView(
        shipment_id=str(ShipmentId(number, n)),
        status=digest.status,
        carrier_name=carrier.name if carrier else None,
        tracking=tracking_views(digest, settings),
        shipped_on=digest.shipped_on,
    )
