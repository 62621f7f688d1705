"""受注を登録する."""

from typing import Annotated, NamedTuple

from pydantic import Field

from shukka.domain.dates import BusinessDate
from shukka.domain.errors import IdempotencyMismatchError, Rule, RuleError
from shukka.domain.history import Context, HistoryEntry
from shukka.domain.line import Line, LineInput
from shukka.domain.order import MAX_LINES, Member, Order, OrderHeader, Payment, totals_of
from shukka.domain.outbox import FollowUp, Mail, Recipient, StockMove
from shukka.domain.settings import Settings
from shukka.domain.shipment import Destination, Shipment
from shukka.domain.stock import moves_between, quantities
from shukka.domain.totals import Adjustments
from shukka.domain.values import Key, Label, Note, Value, Yen
from shukka.usecases.ports import AlreadyPlacedError, Commit, OrderPlaces, Placing


class OrderWish(Value):
    """An order as the storefront sends it. Prices and fees are in the shop's price mode (税抜 by default)."""

    member: Member
    destination: Destination | None = None
    payment_method: Key
    shipping_fee: Yen = 0
    payment_fee: Yen = 0
    discount: Yen = 0
    points_used: Yen = 0
    requested_date: BusinessDate | None = None
    time_slot: Label | None = None
    message_from_member: Note | None = None
    lines: Annotated[tuple[LineInput, ...], Field(min_length=1, max_length=MAX_LINES)]


class Placed(NamedTuple):
    """`replayed`: the answer is that of an earlier request with the same Idempotency-Key."""

    header: OrderHeader
    replayed: bool


def place_order(wish: OrderWish, placing: Placing, context: Context, orders: OrderPlaces, settings: Settings) -> Placed:
    """Stores the order once for each Idempotency-Key, with its receipt mails in the outbox.

    Raises RuleError, and IdempotencyMismatchError where the key came with another body before.
    """
    if earlier := _replayed(placing, context, orders):
        return earlier
    order = _new_order(orders.next_number(), wish, context, settings)
    entry = HistoryEntry(
        version=1, at=context.at, actor=context.actor, action="place_order", request_id=context.request_id
    )
    try:
        orders.commit(Commit(None, order, entry, _follow_ups(order, context, settings), placing))
    except AlreadyPlacedError:
        winner = _replayed(placing, context, orders)
        assert winner is not None  # noqa: S101 - the store has just refused because this key is there
        return winner
    return Placed(order.header, replayed=False)


def _replayed(placing: Placing, context: Context, orders: OrderPlaces) -> Placed | None:
    earlier = orders.find_placed(placing.client, placing.key, context.at)
    if earlier is None:
        return None
    payload_hash, header = earlier
    if payload_hash != placing.payload_hash:
        raise IdempotencyMismatchError
    return Placed(header, replayed=True)


def _new_order(number: str, wish: OrderWish, context: Context, settings: Settings) -> Order:
    if not settings.payment_method(wish.payment_method):
        known = "、".join(method.key for method in settings.payment_methods)
        raise RuleError(
            f"決済方法 {wish.payment_method} は設定にありません（使えるもの: {known}）",
            "payment_method",
            Rule.UNKNOWN_PAYMENT_METHOD,
        )
    lines = tuple(Line(line_id=n, **line.model_dump()) for n, line in enumerate(wish.lines, start=1))
    adjustments = Adjustments(wish.shipping_fee, wish.payment_fee, wish.discount, wish.points_used)
    shipment = Shipment(
        n=1,
        carrier=settings.shop.default_carrier,
        requested_date=wish.requested_date,
        time_slot=wish.time_slot,
        destination=wish.destination,
    )
    header = OrderHeader(
        number=number,
        version=1,
        placed_at=context.at,
        placed_by=context.actor,
        updated_at=context.at,
        member=wish.member,
        payment=Payment(method=wish.payment_method),
        requested_date=wish.requested_date,
        time_slot=wish.time_slot,
        message_from_member=wish.message_from_member,
        totals=totals_of(lines, adjustments, settings.tax),
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
