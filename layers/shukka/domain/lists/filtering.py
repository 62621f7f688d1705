"""Whether an order is one that a list would show: over an order at hand what the store asks of an index."""

from collections.abc import Mapping
from datetime import date

from shukka.domain.lists.findable import (
    addresses_text,
    carriers,
    goods_text,
    header_text,
    names_text,
    prefecture_line,
    shipped_days,
)
from shukka.domain.lists.listing import Choice, Days, OrderFilter, PaymentState
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import ShipmentDigest
from shukka.domain.text.values import business_date


def is_wanted(order: Order, wanted: OrderFilter) -> bool:
    """`order` has its lines where the filter searches for words."""
    header, search = order.header, wanted.search
    return (
        _chosen(wanted.handling_status, header.handling_status)
        and _chosen(wanted.shipping_status, header.shipping_status)
        and _chosen(wanted.payment_method, header.payment.method)
        and _chosen(wanted.member_id, header.member.member_id)
        and wanted.customer_order_number in {None, header.customer_order_number}
        and wanted.external_id in {None, header.external_id}
        and _paid_as(order, wanted)
        and _within(wanted.placed, business_date(header.placed_at))
        and _within(wanted.requested, header.requested_date)
        and wanted.has_requested_date in {None, header.requested_date is not None}
        and wanted.stock_short in {None, bool(order.stock_short)}
        and (wanted.updated_from is None or wanted.updated_from <= header.updated_at)
        and (wanted.prefecture is None or _goes_to(order, wanted.prefecture) is not wanted.prefecture.excluded)
        and wanted.destination.finds(names_text(order))
        and (wanted.sku is None or wanted.sku in {line.sku for line in order.lines})
        and meets(wanted, header.totals.total, header.shipments)
        and (search.number == order.number or search.finds(_words(order)))
    )


def meets(wanted: OrderFilter, total: int, shipments: Mapping[int, ShipmentDigest]) -> bool:
    """Whether the total and the shipments are as wanted; each condition may be met by another shipment."""
    return (
        wanted.total.include(total)
        and (wanted.shipped == Days() or any(map(wanted.shipped.include, shipped_days(shipments))))
        and (
            wanted.carrier is None
            or bool(carriers(shipments).intersection(wanted.carrier.keys)) is not wanted.carrier.excluded
        )
    )


def _chosen(choice: Choice | None, value: str | None) -> bool:
    return choice is None or (value in choice.keys) is not choice.excluded


def _within(days: Days, day: date | None) -> bool:
    return days == Days() or (day is not None and days.include(day))


def _paid_as(order: Order, wanted: OrderFilter) -> bool:
    if wanted.payment is None:
        return True
    payment = order.header.payment
    states = {PaymentState.PAID if payment.paid_on else PaymentState.UNPAID}
    if not payment.paid_on and order.header.is_open and payment.method in wanted.awaited_methods:
        states.add(PaymentState.WAITING)
    return bool(states & set(wanted.payment.keys)) is not wanted.payment.excluded


def _goes_to(order: Order, prefectures: Choice) -> bool:
    addresses = addresses_text(order)
    return any(prefecture_line(prefecture) in addresses for prefecture in prefectures.keys)


def _words(order: Order) -> str:
    texts = (header_text(order.header), goods_text(order.lines), names_text(order), addresses_text(order))
    return "\n".join(texts)
