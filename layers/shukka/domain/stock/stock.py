"""在庫: the stock that orders hold, the level that is left, and the orders that wait.

Stock is counted by sku in sets (セット), the unit of a line's `quantity`, not in pieces. An order holds what it took
and has not given back (`Order.held`). Each change moves its own difference or, if staff choose so, nothing. Later
changes do not make up for a move that was left out. See docs/decisions/0019.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from shukka.domain.order.allocation import shipped_quantities
from shukka.domain.order.line import LineInput
from shukka.domain.order.order import CANCELLED, Order
from shukka.domain.text.values import Instant, Name, Value

MAX_LEVEL = 9_999_999

Level = Annotated[int, Field(strict=True, ge=-MAX_LEVEL, le=MAX_LEVEL)]
"""Sets that can still be sold; below zero, sets that orders hold but the shop lacks."""


# --- what an order holds ---


def quantities(lines: Iterable[LineInput]) -> dict[str, int]:
    """Sets by sku, without zeros. Free lines and lines of money have no stock."""
    return _by_sku((line, line.quantity) for line in lines)


def _by_sku(lines: Iterable[tuple[LineInput, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line, quantity in lines:
        if line.sku and quantity and line.is_goods:
            found[line.sku] = found.get(line.sku, 0) + quantity
    return found


def held_after(before: Order, after: Order, *, move_stock: bool = True) -> dict[str, int]:
    """What the order holds after a change, in sets by sku; the same as before without `move_stock`.

    It changes by the difference between the order's claims before and after. An order claims the quantities of its
    lines, a cancelled one only what was shipped. It never gives back more than it took.
    """
    if not move_stock or not _may_claim_otherwise(before, after):
        return before.held
    old, new = _claim(before), _claim(after)
    held = {
        sku: max(0, before.held.get(sku, 0) + new.get(sku, 0) - old.get(sku, 0))
        for sku in before.held.keys() | old.keys() | new.keys()
    }
    return {sku: quantity for sku, quantity in sorted(held.items()) if quantity}


def held_without(held: Mapping[str, int], returned: Mapping[str, int]) -> dict[str, int]:
    """What an order holds after these sets by sku went back to stock (negative: were taken again)."""
    left = {sku: held.get(sku, 0) - returned.get(sku, 0) for sku in held.keys() | returned.keys()}
    return {sku: quantity for sku, quantity in sorted(left.items()) if quantity > 0}


def moves_between(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How levels move, by sku, when an order that held `before` holds `after`: negative takes stock."""
    moves = {sku: before.get(sku, 0) - after.get(sku, 0) for sku in sorted(before.keys() | after.keys())}
    return {sku: move for sku, move in moves.items() if move}


def _claim(order: Order) -> dict[str, int]:
    """Raises ValueError for an order that was read without its lines."""
    if len(order.lines) != order.header.line_count or len(order.shipments) != len(order.header.shipments):
        raise ValueError("what an order claims of the stock is in its lines and shipments")
    if not _is_cancelled(order):
        return quantities(order.lines)
    shipped = shipped_quantities(order)
    return _by_sku((line, shipped.get(line.line_id, 0)) for line in order.lines)


def _may_claim_otherwise(before: Order, after: Order) -> bool:
    """Most changes move no stock, and come with orders that were read without their lines."""
    if before.lines is not after.lines or _is_cancelled(before) is not _is_cancelled(after):
        return True
    return _is_cancelled(after) and before.shipments is not after.shipments


def _is_cancelled(order: Order) -> bool:
    return order.header.handling_status == CANCELLED


# --- what is left ---


class StockLevel(Value):
    """在庫数 of a sku. `level` None is 無制限: it can be ordered without limit and is not counted.

    `waiting`: there may be orders on the sku's waiting list.
    """

    sku: Name
    level: int | None
    version: int
    updated_at: Instant
    waiting: bool = False

    @property
    def is_short(self) -> bool:
        return self.level is not None and self.level < 0


class Adjustment(NamedTuple):
    """A change of one sku: sets its level (None: 無制限) or, with `adds`, adds sets to it (negative: takes them)."""

    sku: str
    quantity: int | None
    adds: bool = True


def adjusted(before: StockLevel | None, request: Adjustment, at: Instant) -> StockLevel | None:
    """The sku's next level; None if it is not counted, so that nothing can be added to or taken from it."""
    if not request.adds:
        level = request.quantity
    elif before is None or before.level is None or request.quantity is None:
        return None
    else:
        level = before.level + request.quantity
    if before is None:
        return StockLevel(sku=request.sku, level=level, version=1, updated_at=at)
    return before.model_copy(update={"level": level, "version": before.version + 1, "updated_at": at})


class MovementKind(StrEnum):
    ORDER = "order"
    SET = "set"
    IMPORT = "import"


class Movement(NamedTuple):
    """The cause of a move. A sku moves at most once for each `key`, even if the move is retried."""

    key: str
    kind: MovementKind
    at: Instant
    actor: str
    order_number: str | None = None
    order_version: int | None = None


class LedgerEntry(Value):
    """One move of one sku: the level before and after it (None: 無制限). `version` is the level's after it."""

    version: int
    kind: MovementKind
    at: Instant
    actor: str
    order_number: str | None = None
    order_version: int | None = None
    before: int | None
    after: int | None


def ledger_entry(movement: Movement, before: StockLevel | None, after: StockLevel) -> LedgerEntry:
    return LedgerEntry(
        version=after.version,
        kind=movement.kind,
        at=movement.at,
        actor=movement.actor,
        order_number=movement.order_number,
        order_version=movement.order_version,
        before=before.level if before else None,
        after=after.level,
    )


# --- who has to wait ---


class WaitingOrder(NamedTuple):
    """An order on a sku's waiting list, and whether it is marked as short.

    `taken`: the sets that it took since it joined the list, minus those that it gave back.
    """

    number: str
    taken: int
    marked: bool


def short_orders(level: int | None, waiting: Sequence[WaitingOrder]) -> set[str]:
    """Numbers of the orders that do not get their goods: the latest ones, because arriving goods serve the oldest.

    An order is on the list if it took from a level that falls short, or gave back while others waited. An order leaves
    the list when the rest took at least what is missing. So the orders on the list always took at least that.
    """
    missing = max(0, -(level or 0))
    short = set()
    for order in sorted(waiting, key=lambda order: int(order.number), reverse=True):
        if missing <= 0:
            break
        if order.taken > 0:
            short.add(order.number)
            missing -= order.taken
    return short
