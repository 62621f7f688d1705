"""What lists show of an order."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from shukka.domain.order.order import CLOSED, Order, OverallShippingStatus, Payment
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import ShipmentDigest
from shukka.domain.text.values import Instant, Value


class OrderSummary(Value):
    """A row of the order list and of a member's history.

    `updated_at` is None where the order has not changed since rows have it.
    `stock_short` are the skus that are out of stock for the order; lists read them, and they are not stored here.
    """

    number: str
    version: int
    placed_at: Instant
    updated_at: Instant | None = None
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
    customer_order_number: str | None = None
    external_id: str | None = None
    shipments: dict[int, ShipmentDigest]
    stock_short: tuple[str, ...] = ()

    def waits_for_payment(self, settings: Settings) -> bool:
        """Whether it is unpaid, open, and the shop does not ship before the money is there."""
        waits = self.payment.paid_on is None and self.handling_status not in CLOSED
        return waits and self.payment.method in settings.awaited_methods


def summary_of(order: Order) -> OrderSummary:
    header = order.header
    return OrderSummary(
        number=header.number,
        version=header.version,
        placed_at=header.placed_at,
        updated_at=header.updated_at,
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
        customer_order_number=header.customer_order_number,
        external_id=header.external_id,
        shipments=header.shipments,
    )


class OpenState(NamedTuple):
    """What the desk's first look tells open orders apart by."""

    handling_status: str
    shipping_status: str
    payment_method: str
    paid: bool
    stock_short: bool


class OpenOrders(NamedTuple):
    """How many open orders there are in each state; at least so many where the count is not `complete`."""

    counts: Counter[OpenState]
    complete: bool

    def having(self, **facts: str | bool) -> int:
        """How many orders there are with these facts."""
        return sum(n for state, n in self.counts.items() if facts.items() <= state._asdict().items())
