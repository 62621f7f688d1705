"""Orders as their member sees them on the storefront: nothing that is the staff's own.

Every field is named here; what an order gains later is not shown before somebody decides that it may be.
"""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from order_api.schemas import View
from order_api.schemas.orders import TrackingView, tracking_views
from shukka.domain.documents.document import TITLES
from shukka.domain.lists.listing import OrderPage
from shukka.domain.lists.summary import OrderSummary
from shukka.domain.order.goods_return import GoodsReturn
from shukka.domain.order.line import Line
from shukka.domain.order.order import Order, OverallShippingStatus
from shukka.domain.order.outbox import Document, DocumentKind
from shukka.domain.order.totals import PriceMode, RateTotal, TaxCategory, Totals
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Shipment, ShipmentDigest, ShipmentId, ShippingStatus


class MemberShipmentView(View):
    shipment_id: str
    status: ShippingStatus
    status_label: str
    carrier_name: str | None
    tracking: list[TrackingView]
    shipped_on: date | None


class MemberOrderRow(View):
    number: str
    placed_at: datetime
    handling_status: str
    handling_status_label: str
    shipping_status: OverallShippingStatus
    shipping_status_label: str
    total: int
    customer_order_number: str | None
    message_to_member: str | None
    shipments: list[MemberShipmentView]


class MemberOrderListView(View):
    """`next_cursor` is null on the last page."""

    orders: list[MemberOrderRow]
    next_cursor: str | None


class MemberLineView(View):
    """`line_amount` is 単価 × 入数 × 数量 in yen, in the order's price mode."""

    line_id: int
    sku: str | None
    name: str
    units_per_set: int
    unit: str
    unit_price: int
    quantity: int
    returned: int
    tax_category: TaxCategory
    line_amount: int


class MemberTotalsView(View):
    """Yen. `goods`, fees and discounts are in the price mode `prices`; `net`, `tax`, `total` sum `rates`."""

    prices: PriceMode
    goods: int
    shipping_fee: int
    payment_fee: int
    discount: int
    points_used: int
    rates: list[RateTotal]
    net: int
    tax: int
    total: int


class MemberShipmentDetailView(MemberShipmentView):
    delivered_on: date | None
    requested_date: date | None
    time_slot: str | None


class MemberDocumentView(View):
    """An issued document; `path` downloads it."""

    kind: DocumentKind
    title: str
    issued_on: date | None
    total: int | None
    path: str


class MemberReturnedLineView(View):
    """`amount` is in yen, in the price mode of the totals."""

    line_id: int
    sku: str | None
    name: str
    unit: str
    quantity: int
    tax_category: TaxCategory
    amount: int


class MemberReturnView(View):
    """Goods that the member sent back; they are no longer charged."""

    n: int
    returned_on: date
    lines: list[MemberReturnedLineView]


class MemberOrderView(View):
    number: str
    placed_at: datetime
    handling_status: str
    handling_status_label: str
    shipping_status: OverallShippingStatus
    shipping_status_label: str
    payment_label: str
    paid_on: date | None
    requested_date: date | None
    time_slot: str | None
    customer_order_number: str | None
    message_from_member: str | None
    message_to_member: str | None
    lines: list[MemberLineView]
    totals: MemberTotalsView
    shipments: list[MemberShipmentDetailView]
    returns: list[MemberReturnView]
    documents: list[MemberDocumentView]


def member_order_list_view(page: OrderPage, next_cursor: str | None, settings: Settings) -> MemberOrderListView:
    return MemberOrderListView(orders=[_row(order, settings) for order in page.orders], next_cursor=next_cursor)


def member_order_view(member_id: str, order: Order, issued: Sequence[Document], settings: Settings) -> MemberOrderView:
    header = order.header
    return MemberOrderView(
        number=header.number,
        placed_at=header.placed_at,
        handling_status=header.handling_status,
        handling_status_label=settings.status_label(header.handling_status),
        shipping_status=header.shipping_status,
        shipping_status_label=header.shipping_status.label,
        payment_label=settings.payment_label(header.payment.method),
        paid_on=header.payment.paid_on,
        requested_date=header.requested_date,
        time_slot=header.time_slot,
        customer_order_number=header.customer_order_number,
        message_from_member=header.message_from_member,
        message_to_member=header.message_to_member,
        lines=[_line(line) for line in order.lines],
        totals=_totals(header.totals),
        shipments=[_shipment_detail(header.number, shipment, settings) for shipment in order.shipments],
        returns=[_return(record) for record in order.returns if not record.is_voided],
        documents=[_document(member_id, header.number, document) for document in issued],
    )


def _row(order: OrderSummary, settings: Settings) -> MemberOrderRow:
    return MemberOrderRow(
        number=order.number,
        placed_at=order.placed_at,
        handling_status=order.handling_status,
        handling_status_label=settings.status_label(order.handling_status),
        shipping_status=order.shipping_status,
        shipping_status_label=order.shipping_status.label,
        total=order.total,
        customer_order_number=order.customer_order_number,
        message_to_member=order.message_to_member,
        shipments=[_shipment(order.number, n, digest, settings) for n, digest in order.shipments.items()],
    )


def _shipment(number: str, n: int, digest: ShipmentDigest, settings: Settings) -> MemberShipmentView:
    carrier = settings.carrier(digest.carrier)
    return MemberShipmentView(
        shipment_id=str(ShipmentId(number, n)),
        status=digest.status,
        status_label=digest.status.label,
        carrier_name=carrier.name if carrier else None,
        tracking=tracking_views(digest, settings),
        shipped_on=digest.shipped_on,
    )


def _shipment_detail(number: str, shipment: Shipment, settings: Settings) -> MemberShipmentDetailView:
    return MemberShipmentDetailView(
        **dict(_shipment(number, shipment.n, shipment.digest, settings)),
        delivered_on=shipment.delivered_on,
        requested_date=shipment.requested_date,
        time_slot=shipment.time_slot,
    )


def _line(line: Line) -> MemberLineView:
    shown = {field: getattr(line, field) for field in MemberLineView.model_fields if field != "line_amount"}
    return MemberLineView.model_construct(**shown, line_amount=line.amount)


def _return(record: GoodsReturn) -> MemberReturnView:
    """Without the reason of the return and where the goods went: those concern the desk alone."""
    lines = [
        MemberReturnedLineView.model_construct(
            **{field: getattr(line, field) for field in MemberReturnedLineView.model_fields}
        )
        for line in record.lines
    ]
    return MemberReturnView(n=record.n, returned_on=record.returned_on, lines=lines)


def _totals(totals: Totals) -> MemberTotalsView:
    shown = {field: getattr(totals, field) for field in MemberTotalsView.model_fields if field != "prices"}
    return MemberTotalsView.model_construct(**shown, prices=totals.rule.prices)


def _document(member_id: str, number: str, document: Document) -> MemberDocumentView:
    return MemberDocumentView(
        kind=document.kind,
        title=TITLES[document.kind],
        issued_on=document.issued_on,
        total=document.total,
        path=f"/members/{quote(member_id, safe='')}/orders/{number}/documents/{document.kind}",
    )
