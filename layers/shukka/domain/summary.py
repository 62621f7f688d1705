"""What lists show of an order."""

from datetime import date

from shukka.domain.order import Order, OverallShippingStatus, Payment
from shukka.domain.shipment import ShipmentDigest
from shukka.domain.values import Instant, Value


class OrderSummary(Value):
    """A row of the order list and of a member's history. It holds nothing that a member may not see."""

    number: str
    version: int
    placed_at: Instant
    handling_status: str
    shipping_status: OverallShippingStatus
    member_id: str | None
    company: str
    name: str
    payment: Payment
    total: int
    requested_date: date | None
    time_slot: str | None
    message_to_member: str | None
    shipments: dict[int, ShipmentDigest]


def summary_of(order: Order) -> OrderSummary:
    header = order.header
    return OrderSummary(
        number=header.number,
        version=header.version,
        placed_at=header.placed_at,
        handling_status=header.handling_status,
        shipping_status=header.shipping_status,
        member_id=header.member.member_id,
        company=header.member.company,
        name=header.member.name,
        payment=header.payment,
        total=header.totals.total,
        requested_date=header.requested_date,
        time_slot=header.time_slot,
        message_to_member=header.message_to_member,
        shipments=header.shipments,
    )
