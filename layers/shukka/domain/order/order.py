"""受注: the order. Header, lines and shipments are separate, as in the store: most changes touch only one of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from shukka.domain.errors import ShipmentNotFoundError
from shukka.domain.order.goods_return import GoodsReturn
from shukka.domain.order.line import Line, LineInput
from shukka.domain.order.totals import Adjustments, TaxRule, Totals, compute_totals
from shukka.domain.shipping.shipment import Shipment, ShipmentDigest, ShipmentId, ShippingStatus
from shukka.domain.text.values import Email, Instant, Key, Label, Metadata, Name, Note, OrderNumber, Value, Yen

MAX_LINES = 2_000
MAX_SHIPMENTS = 45
"""All shipments of an order may leave at once, each with its mail: one transaction has 100 writes."""
_REMEMBERED_IMPORTS = 5
_REMEMBERED_ROWS = 200

NEW = "new"
PROCESSING = "processing"
ON_HOLD = "on_hold"
COMPLETED = "completed"
CANCELLED = "cancelled"
CLOSED = frozenset({COMPLETED, CANCELLED})
"""Orders with these handling statuses leave the desk's list of open orders."""


class Member(Value):
    """発注者 when the order was placed: a snapshot. Editing it never changes the shop's member master."""

    member_id: Label | None = None
    company: Name
    department: Label | None = None
    name: Label = ""
    email: Email | None = None
    phone: Label | None = None
    postal_code: Label | None = None
    prefecture: Label | None = None
    address1: Label | None = None
    address2: Label | None = None
    address3: Label | None = None

    @property
    def address(self) -> str:
        """Prefecture to street in one line; `address3` (建物名) is separate on documents and labels."""
        return "".join(part for part in (self.prefecture, self.address1, self.address2) if part)


class Payment(Value):
    """決済: `paid_on` is 決済確認日, `paid_amount` the amount received, None if nobody recorded it."""

    method: Key
    paid_on: date | None = None
    paid_amount: Yen | None = None


class OverallShippingStatus(StrEnum):
    """発送状況 of the whole order, derived from its shipments."""

    NOT_SHIPPED = "not_shipped"
    INSTRUCTED = "instructed"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        return _SHIPPING_LABELS[self]


_SHIPPING_LABELS = {
    OverallShippingStatus.NOT_SHIPPED: "未発送",
    OverallShippingStatus.INSTRUCTED: "発送指示",
    OverallShippingStatus.PARTLY_SHIPPED: "一部発送済",
    OverallShippingStatus.SHIPPED: "発送済",
    OverallShippingStatus.NOT_APPLICABLE: "対象外",
}


class OrderHeader(Value):
    """What every write touches. `shipments` repeats what lists show of each shipment, so that one can change alone.

    `customer_order_number` is 客先注文番号, the buyer's own. `external_id` and `metadata` belong to another system and
    are never shown to the member. `returned` is the number of returned sets of all lines (返品数).

    `imported_lines`: for each of the last imports that changed the order, the line of the file up to which its rows
    were processed. A run that resumes skips those rows. `applied_lines`: the lines that changed something. `written`:
    when each fact that files write was last changed, by the upload of a file or by a person.
    """

    number: OrderNumber
    version: Annotated[int, Field(ge=1)]
    placed_at: Instant
    placed_by: str
    updated_at: Instant
    handling_status: Key = NEW
    member: Member
    payment: Payment
    requested_date: date | None = None
    time_slot: Label | None = None
    message_from_member: Note | None = None
    message_to_member: Note | None = None
    staff_memo: Note | None = None
    customer_order_number: Label | None = None
    external_id: Label | None = None
    metadata: Metadata = Field(default_factory=dict)
    totals: Totals
    line_count: int
    returned: int = 0
    next_line_id: int
    next_shipment_n: int = 2
    shipments: dict[int, ShipmentDigest]
    imported_lines: dict[str, int] = Field(default_factory=dict)
    applied_lines: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    written: dict[str, AwareDatetime] = Field(default_factory=dict)

    @property
    def shipping_status(self) -> OverallShippingStatus:
        return overall_shipping_status(shipment.status for shipment in self.shipments.values())

    @property
    def payment_difference(self) -> int | None:
        """Yen to collect (negative: to pay back) after what was received; None if nothing was received."""
        received = self.payment.paid_amount
        return None if received is None else self.totals.total - received

    @property
    def payment_due(self) -> int:
        """Yen still to collect (negative: to pay back). A date without an amount means that all was received."""
        if self.payment.paid_amount is not None:
            return self.totals.total - self.payment.paid_amount
        return 0 if self.payment.paid_on else self.totals.total

    @property
    def is_open(self) -> bool:
        return self.handling_status not in CLOSED


class Order(Value):
    """The aggregate. If it was read for single shipments, it has only those `shipments`, no `lines` and no `returns`.

    `held` is the stock that the order took and has not given back, in sets by sku. `stock_short` are the skus that are
    out of stock for this order; the stock keeper writes them. `shared_numbers` are the tracking numbers that another
    order has too; the number watcher writes them. Neither is a change of the order or has a version.
    """

    header: OrderHeader
    lines: tuple[Line, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[GoodsReturn, ...] = ()
    held: dict[str, int] = Field(default_factory=dict)
    stock_short: tuple[str, ...] = ()
    shared_numbers: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        return self.header.number

    @property
    def version(self) -> int:
        return self.header.version

    def shipment(self, n: int) -> Shipment:
        """The `n`-th shipment; raises ShipmentNotFoundError."""
        for shipment in self.shipments:
            if shipment.n == n:
                return shipment
        raise ShipmentNotFoundError(str(ShipmentId(self.number, n)))

    def shipment_id(self, shipment: Shipment) -> str:
        return str(ShipmentId(self.number, shipment.n))

    def with_header(self, **changes: object) -> "Order":
        return self.model_copy(update={"header": self.header.model_copy(update=changes)})

    def with_shipment(self, changed: Shipment) -> "Order":
        """The order with this shipment replacing the one with the same number, and with its digest in the header."""
        shipments = tuple(changed if shipment.n == changed.n else shipment for shipment in self.shipments)
        header, digest = self.header, changed.digest
        if header.shipments.get(changed.n) != digest:
            header = header.model_copy(update={"shipments": {**header.shipments, changed.n: digest}})
        return self.model_copy(update={"shipments": shipments, "header": header})

    def with_import(self, import_id: str, line: int, applied: Sequence[int]) -> "Order":
        """The order, with the rows of this import processed up to `line`; rows on the lines `applied` changed it."""
        header = self.header
        recent = [known for known in header.imported_lines if known != import_id][1 - _REMEMBERED_IMPORTS :]
        lines = (*header.applied_lines.get(import_id, ()), *applied)[-_REMEMBERED_ROWS:]
        return self.with_header(
            imported_lines={**{known: header.imported_lines[known] for known in recent}, import_id: line},
            applied_lines={**{known: header.applied_lines.get(known, ()) for known in recent}, import_id: lines},
        )

    def was_applied(self, import_id: str, line: int) -> bool:
        """Whether the row on this line changed the order, in an import that has processed it."""
        lines = self.header.applied_lines.get(import_id, ())
        # The first of very many rows are not remembered. They count as applied, because most rows are.
        return line in lines or not lines or (len(lines) == _REMEMBERED_ROWS and line < lines[0])

    def with_shipments(self, shipments: tuple[Shipment, ...]) -> "Order":
        """The order with these as all its shipments."""
        digests = {shipment.n: shipment.digest for shipment in shipments}
        next_n = max([self.header.next_shipment_n, *(n + 1 for n in digests)])
        return self.model_copy(update={"shipments": shipments}).with_header(shipments=digests, next_shipment_n=next_n)

    def with_lines(self, lines: tuple[Line, ...], adjustments: Adjustments | None = None) -> "Order":
        """The order with these lines, and the totals that follow from them and from its (or these) adjustments."""
        next_line_id = max([self.header.next_line_id, *(line.line_id + 1 for line in lines)])
        order = self.model_copy(update={"lines": lines})
        returned = sum(line.returned for line in lines)
        order = order.with_header(line_count=len(lines), returned=returned, next_line_id=next_line_id)
        return order.with_adjustments(adjustments or order.adjustments)

    def with_returns(self, returns: tuple[GoodsReturn, ...]) -> "Order":
        return self.model_copy(update={"returns": returns})

    @property
    def adjustments(self) -> Adjustments:
        totals = self.header.totals
        return Adjustments(totals.shipping_fee, totals.payment_fee, totals.discount, totals.points_used)

    def with_adjustments(self, adjustments: Adjustments) -> "Order":
        """The order with these fees and discounts, under the tax rule that it was placed with."""
        return self.with_header(totals=totals_of(self.lines, adjustments, self.header.totals.rule))


def overall_shipping_status(states: Iterable[ShippingStatus]) -> OverallShippingStatus:
    """None, part or all of the shipments that are to leave; those that are 対象外 do not count."""
    relevant = [state for state in states if state is not ShippingStatus.NOT_APPLICABLE]
    if not relevant:
        return OverallShippingStatus.NOT_APPLICABLE
    shipped = relevant.count(ShippingStatus.SHIPPED)
    if shipped:
        return OverallShippingStatus.SHIPPED if shipped == len(relevant) else OverallShippingStatus.PARTLY_SHIPPED
    if ShippingStatus.INSTRUCTED in relevant:
        return OverallShippingStatus.INSTRUCTED
    return OverallShippingStatus.NOT_SHIPPED


def totals_of(lines: Iterable[LineInput], adjustments: Adjustments, rule: TaxRule) -> Totals:
    return compute_totals(((line.tax_category, line.amount) for line in lines), adjustments, rule)
