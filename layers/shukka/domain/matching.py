"""Whether an order is one that a list would show: over an order at hand what the store asks of an index."""

from datetime import date

from shukka.domain.listing import Choice, Days, OrderFilter, PaymentState
from shukka.domain.order import Order
from shukka.domain.search import search_text
from shukka.domain.values import business_date


def is_wanted(order: Order, wanted: OrderFilter) -> bool:
    """`order` has its lines where the filter searches for words."""
    header, search = order.header, wanted.search
    return (
        _chosen(wanted.handling_status, header.handling_status)
        and _chosen(wanted.shipping_status, header.shipping_status)
        and _chosen(wanted.payment_method, header.payment.method)
        and _chosen(wanted.member_id, header.member.member_id)
        and _paid_as(order, wanted)
        and _within(wanted.placed, business_date(header.placed_at))
        and _within(wanted.requested, header.requested_date)
        and wanted.has_requested_date in {None, header.requested_date is not None}
        and wanted.stock_short in {None, bool(order.stock_short)}
        and (search.number == order.number or search.finds(_words(order)))
    )


def _chosen(choice: Choice | None, value: str | None) -> bool:
    return choice is None or (value in choice.keys) is not choice.excluded


def _within(days: Days, day: date | None) -> bool:
    return days == Days() or (day is not None and (days.first or day) <= day <= (days.last or day))


def _paid_as(order: Order, wanted: OrderFilter) -> bool:
    if wanted.payment is None:
        return True
    payment = order.header.payment
    states = {PaymentState.PAID if payment.paid_on else PaymentState.UNPAID}
    if not payment.paid_on and order.header.is_open and payment.method in wanted.awaited_methods:
        states.add(PaymentState.WAITING)
    return bool(states & set(wanted.payment.keys)) is not wanted.payment.excluded


def _words(order: Order) -> str:
    header, member = order.header, order.header.member
    parcels = (number for shipment in header.shipments.values() for number in shipment.tracking_numbers)
    products = (word for line in order.lines for word in (line.sku, line.name))
    return search_text([header.number, member.company, member.name, member.phone, *parcels, *products])
