"""受注を登録する."""

from typing import Annotated, NamedTuple

from pydantic import Field
from pydantic_core import to_json

from shukka.domain.errors import Rule, RuleError
from shukka.domain.order.history import Context, HistoryEntry
from shukka.domain.order.line import Line, LineInput
from shukka.domain.order.order import MAX_LINES, Member, Order, OrderHeader, Payment, totals_of
from shukka.domain.order.outbox import FollowUp, Mail, Recipient, StockMove
from shukka.domain.order.totals import Adjustments, Totals
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Destination, Shipment
from shukka.domain.stock.stock import moves_between, quantities
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.ids import check_id
from shukka.domain.text.values import Key, Label, Metadata, Note, Value, Yen
from shukka.usecases.ports import ClaimLostError, Commit, OrderPlaces, Placing

# DynamoDB's limits of a transaction (4 MB) and an item (400 KB), minus the other data in them.
_MAX_LINES_BYTES = 3_500_000
_MAX_HELD_BYTES = 200_000


class PlaceOrder(Value):
    """An order as the storefront sends it. Prices and fees are in the shop's price mode (税抜 by default)."""

    member: Member
    destination: Destination | None = None
    payment_method: Key
    shipping_fee: Yen = 0
    payment_fee: Yen | None = Field(
        None, description="決済手数料; where it is absent, the `fee` that the settings have for the payment method"
    )
    discount: Yen = 0
    points_used: Yen = 0
    requested_date: BusinessDate | None = None
    time_slot: Label | None = None
    message_from_member: Note | None = None
    customer_order_number: Label | None = Field(
        None, description="客先注文番号: the buyer's own number for this order", examples=["PO-2026-0815"]
    )
    external_id: Label | None = Field(None, description="The order's id in another system", examples=["web-58213"])
    metadata: Metadata = Field(default_factory=dict, description="Short texts of another system's own, by name")
    lines: Annotated[tuple[LineInput, ...], Field(min_length=1, max_length=MAX_LINES)]


class Placed(NamedTuple):
    """`replayed`: the answer is that of an earlier request with the same Idempotency-Key."""

    header: OrderHeader
    replayed: bool


def place_order(
    request: PlaceOrder, placing: Placing, context: Context, orders: OrderPlaces, settings: Settings
) -> Placed:
    """Stores the order once for each Idempotency-Key, with its receipt mails in the outbox.

    The number is drawn last, when nothing can refuse the order any more: only a fault leaves a gap
    (docs/decisions/0017). Raises RuleError, and IdempotencyMismatchError if the key came with another body before.
    """
    try:
        totals = checked_totals(request, settings)
    except RuleError:
        # The settings may have changed since the order was placed.
        if earlier := orders.find_placed(placing, context.at):
            return Placed(earlier, replayed=True)
        raise
    number = None
    while True:
        claim = orders.claim(placing, context.at)
        if isinstance(claim, OrderHeader):
            return Placed(claim, replayed=True)
        number = number or claim.number or orders.next_number()
        order = _new_order(number, request, totals, context, settings)
        entry = HistoryEntry(
            version=1, at=context.at, actor=context.actor, action="place_order", request_id=context.request_id
        )
        try:
            orders.commit(Commit(None, order, entry, _follow_ups(order, context, settings), claim))
        except ClaimLostError:
            continue
        except Exception:
            orders.release(claim, number)
            raise
        return Placed(order.header, replayed=False)


def checked_totals(request: PlaceOrder, settings: Settings) -> Totals:
    """The totals of the order. Raises RuleError if the order would be refused."""
    check_id(request.member.member_id, "member.member_id")
    for index, line in enumerate(request.lines):
        check_id(line.sku, f"lines.{index}.sku")
    settings.check_payment_method(request.payment_method)
    if len(to_json(request.lines)) > _MAX_LINES_BYTES or len(to_json(quantities(request.lines))) > _MAX_HELD_BYTES:
        raise RuleError("明細の文字数が多すぎて保存できません。受注を分けてください", "lines", Rule.TOO_LARGE)
    payment_fee = request.payment_fee
    if payment_fee is None:
        method = settings.payment_method(request.payment_method)
        payment_fee = method.fee if method else 0
    adjustments = Adjustments(request.shipping_fee, payment_fee, request.discount, request.points_used)
    return totals_of(request.lines, adjustments, settings.tax)


def _new_order(number: str, request: PlaceOrder, totals: Totals, context: Context, settings: Settings) -> Order:
    lines = tuple(Line(line_id=n, **line.model_dump()) for n, line in enumerate(request.lines, start=1))
    shipment = Shipment(
        n=1,
        carrier=settings.shop.default_carrier,
        requested_date=request.requested_date,
        time_slot=request.time_slot,
        destination=request.destination,
    )
    header = OrderHeader(
        number=number,
        version=1,
        placed_at=context.at,
        placed_by=context.actor,
        updated_at=context.at,
        member=request.member,
        payment=Payment(method=request.payment_method),
        requested_date=request.requested_date,
        time_slot=request.time_slot,
        message_from_member=request.message_from_member,
        customer_order_number=request.customer_order_number,
        external_id=request.external_id,
        metadata=request.metadata,
        totals=totals,
        line_count=len(lines),
        next_line_id=len(lines) + 1,
        shipments={1: shipment.digest},
    )
    return Order(header=header, lines=lines, shipments=(shipment,), held=quantities(lines))


def _follow_ups(order: Order, context: Context, settings: Settings) -> tuple[FollowUp, ...]:
    receipts = _receipts(order, context, settings)
    moves = moves_between({}, order.held)
    if not moves:
        return receipts
    return (*receipts, StockMove(version=1, created_at=context.at, actor=context.actor, moves=moves))


def _receipts(order: Order, context: Context, settings: Settings) -> tuple[Mail, ...]:
    mails = []
    if settings.mails.placed_to_member and order.header.member.email:
        mails.append(
            Mail(
                key="placed#member",
                template="placed_member",
                recipient=Recipient.MEMBER,
                created_at=context.at,
            )
        )
    if settings.mails.placed_to_shop and settings.shop.email:
        mails.append(Mail(key="placed#shop", template="placed_shop", recipient=Recipient.SHOP, created_at=context.at))
    return tuple(mails)
