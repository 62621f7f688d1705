"""Orders as staff see them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import Field

from order_api.schemas import View
from shukka.domain.lists.listing import OrderPage
from shukka.domain.lists.summary import OrderSummary
from shukka.domain.order.allocation import quantities_of
from shukka.domain.order.goods_return import GoodsReturn, ReturnedLine
from shukka.domain.order.history import Change
from shukka.domain.order.line import Line, LineKind
from shukka.domain.order.order import Member, Order, OrderHeader, OverallShippingStatus, Payment
from shukka.domain.order.outbox import Mail
from shukka.domain.order.totals import TaxCategory, Totals
from shukka.domain.settings import Settings
from shukka.domain.shipping.rules import doubtful_numbers
from shukka.domain.shipping.shipment import Destination, Shipment, ShipmentDigest, ShipmentId, ShippingStatus
from shukka.domain.shipping.tracking import shared_warning
from shukka.usecases.commit_change import Edited
from shukka.usecases.order.preview_placing import OrderedStock, PlacingPreview, PlacingWarning
from shukka.usecases.shipping.shipping_mails import mail_waits


class TrackingView(View):
    """送り状番号 and where it can be followed."""

    number: str
    url: str | None


class LineView(Line):
    """`line_amount` is 単価 × 入数 × (`quantity` − `returned`) in yen, in the order's price mode."""

    kind: LineKind
    returned: int
    line_amount: int


class ShipmentView(View):
    """`lines` has the quantity of each line that this shipment holds, by `line_id`.

    `tracking` repeats `tracking_numbers`, with links.
    `doubtful_numbers`: tracking numbers that do not look like the carrier's and that nobody has confirmed yet.
    `mail_waits`: the mail to the member is due, and goes when they are confirmed (`confirm_numbers`) or corrected.
    `warnings` say what to look at, in Japanese: a tracking number that another order has too.
    """

    shipment_id: str
    status: ShippingStatus
    carrier: str | None
    carrier_name: str | None
    tracking_numbers: list[str]
    tracking: list[TrackingView]
    doubtful_numbers: list[str]
    mail_waits: bool
    shipped_on: date | None
    delivered_on: date | None
    requested_date: date | None
    time_slot: str | None
    external_shipment_code: str | None
    memo: str | None
    destination: Destination | None
    lines: dict[int, int]
    warnings: list[str]


class ReturnView(View):
    """返品. `amounts` are yen by tax category, in the order's price mode.

    `voided_at` is set where it was taken back: then it counts for nothing.
    """

    n: int
    returned_on: date
    recorded_at: datetime
    recorded_by: str
    reason: str | None
    lines: list[ReturnedLine]
    amounts: dict[TaxCategory, int]
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None


class OrderView(View):
    """An order in full. `version` is also the ETag. What PATCH changes is here under the names that PATCH takes.

    `payment_difference`: yen still to collect (or, negative, to pay back) against what was received; null while unpaid.
    `held`: the stock that the order holds, sets by sku. `stock_short`: the skus of which there is not enough for it.
    `shared_tracking_numbers`: those that another order has too, as is known a moment after they were given.
    """

    number: str
    version: int
    placed_at: datetime
    placed_by: str
    updated_at: datetime
    handling_status: str
    handling_status_label: str
    shipping_status: OverallShippingStatus
    member: Member
    shipping_fee: int
    payment_fee: int
    discount: int
    points_used: int
    payment_method: str
    payment_label: str
    paid_on: date | None
    paid_amount: int | None
    payment_difference: int | None
    requested_date: date | None
    time_slot: str | None
    message_from_member: str | None
    message_to_member: str | None
    staff_memo: str | None
    customer_order_number: str | None
    external_id: str | None
    metadata: dict[str, str]
    totals: Totals
    lines: list[LineView]
    held: dict[str, int]
    stock_short: list[str]
    shared_tracking_numbers: list[str]
    shipments: list[ShipmentView]
    returns: list[ReturnView]
    mails: list[Mail]


class EditPreview(View):
    """What an edit would come to. `difference` in yen is the new total less the old one.

    `stock_moves` are sets by sku that the edit would move: negative takes them from stock. `mails` would be sent.
    """

    totals: Totals
    stock_moves: dict[str, int]
    difference: int
    payment_difference: int | None
    changes: list[Change]
    mails: list[Mail]


class PlacedView(View):
    """The answer to a placed order."""

    number: str
    version: int
    placed_at: datetime
    handling_status: str
    totals: Totals
    shipments: list[str]


class PlacingPreviewView(View):
    """What an order would come to. `warnings` do not stop it. `stock` is empty where the caller may not see it."""

    totals: Totals
    stock: list[OrderedStock]
    warnings: list[PlacingWarning] = Field(description="What is doubtful about the order")


class OrderRow(OrderSummary):
    """A row of the list."""

    payment: Payment = Field(exclude=True)
    payment_method: str
    paid_on: date | None
    paid_amount: int | None
    handling_status_label: str
    shipping_status_label: str
    payment_label: str
    waiting_for_payment: bool


class OrderListView(View):
    """`next_cursor` is null on the last page. A filtered page can be short and still have a next one.

    `updated_until`, with `sort=updated_at`: changes before this moment are in the list. The next list begins here.
    """

    orders: list[OrderRow]
    next_cursor: str | None
    updated_until: datetime | None


def tracking_views(shipment: Shipment | ShipmentDigest, settings: Settings) -> list[TrackingView]:
    carrier = settings.carrier(shipment.carrier)
    return [
        TrackingView(number=number, url=carrier.tracking_link(number) if carrier else None)
        for number in shipment.tracking_numbers
    ]


def shipment_view(
    order: Order, shipment: Shipment, settings: Settings, others: Mapping[str, Sequence[ShipmentId]] | None = None
) -> ShipmentView:
    """`others` are the shipments of other orders, where they were looked up, by a number of this one."""
    carrier = settings.carrier(shipment.carrier)
    shared = dict.fromkeys(order.shared_numbers, ()) | dict(others or {})
    return ShipmentView(
        shipment_id=order.shipment_id(shipment),
        status=shipment.status,
        carrier=shipment.carrier,
        carrier_name=carrier.name if carrier else None,
        tracking_numbers=list(shipment.tracking_numbers),
        tracking=tracking_views(shipment, settings),
        doubtful_numbers=list(doubtful_numbers(shipment, carrier)),
        mail_waits=mail_waits(shipment, settings),
        shipped_on=shipment.shipped_on,
        delivered_on=shipment.delivered_on,
        requested_date=shipment.requested_date,
        time_slot=shipment.time_slot,
        external_shipment_code=shipment.external_shipment_code,
        memo=shipment.memo,
        destination=shipment.destination,
        lines=dict(quantities_of(shipment, order.lines)),
        warnings=[shared_warning(number, shared[number]) for number in shipment.tracking_numbers if number in shared],
    )


def _line_view(line: Line) -> LineView:
    return LineView.model_construct(**{**dict(line), "kind": line.kind_or_usual}, line_amount=line.amount)


def return_view(record: GoodsReturn) -> ReturnView:
    return ReturnView.model_construct(**{**dict(record), "lines": list(record.lines)}, amounts=record.amounts)


def order_view(order: Order, settings: Settings, mails: list[Mail] | None = None) -> OrderView:
    header = order.header
    return OrderView(
        number=header.number,
        version=header.version,
        placed_at=header.placed_at,
        placed_by=header.placed_by,
        updated_at=header.updated_at,
        handling_status=header.handling_status,
        handling_status_label=settings.status_label(header.handling_status),
        shipping_status=header.shipping_status,
        member=header.member,
        **order.adjustments._asdict(),
        payment_method=header.payment.method,
        payment_label=settings.payment_label(header.payment.method),
        paid_on=header.payment.paid_on,
        paid_amount=header.payment.paid_amount,
        payment_difference=header.payment_difference,
        requested_date=header.requested_date,
        time_slot=header.time_slot,
        message_from_member=header.message_from_member,
        message_to_member=header.message_to_member,
        staff_memo=header.staff_memo,
        customer_order_number=header.customer_order_number,
        external_id=header.external_id,
        metadata=header.metadata,
        totals=header.totals,
        lines=[_line_view(line) for line in order.lines],
        held=order.held,
        stock_short=list(order.stock_short),
        shared_tracking_numbers=list(order.shared_numbers),
        shipments=[shipment_view(order, shipment, settings) for shipment in order.shipments],
        returns=[return_view(record) for record in order.returns],
        mails=mails or [],
    )


def preview_view(edited: Edited) -> EditPreview:
    before, after = edited.before.header, edited.after.header
    return EditPreview(
        totals=after.totals,
        stock_moves=dict(edited.stock_moves),
        difference=after.totals.total - before.totals.total,
        payment_difference=after.payment_difference,
        changes=list(edited.changes),
        mails=list(edited.mails),
    )


def placed_view(header: OrderHeader) -> PlacedView:
    return PlacedView(
        number=header.number,
        version=header.version,
        placed_at=header.placed_at,
        handling_status=header.handling_status,
        totals=header.totals,
        shipments=[str(ShipmentId(header.number, n)) for n in header.shipments],
    )


def placing_preview_view(preview: PlacingPreview) -> PlacingPreviewView:
    return PlacingPreviewView(totals=preview.totals, stock=list(preview.stock), warnings=list(preview.warnings))


def order_list_view(page: OrderPage, next_cursor: str | None, settings: Settings) -> OrderListView:
    rows = [
        OrderRow.model_construct(
            **dict(summary),
            payment_method=summary.payment.method,
            paid_on=summary.payment.paid_on,
            paid_amount=summary.payment.paid_amount,
            handling_status_label=settings.status_label(summary.handling_status),
            shipping_status_label=summary.shipping_status.label,
            payment_label=settings.payment_label(summary.payment.method),
            waiting_for_payment=summary.waits_for_payment(settings),
        )
        for summary in page.orders
    ]
    return OrderListView(orders=rows, next_cursor=next_cursor, updated_until=page.until)
