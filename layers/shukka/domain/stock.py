"""在庫: what orders hold of each sku, what is left, and who has to wait.

Stock is counted by sku in sets (セット), the unit that a line's `quantity` counts, not in pieces. An order holds what
its own record says (`Order.held`), whatever became of its lines and status since; stock only ever moves by the
difference between what it held before and what it holds afterwards. So the level of a sku is always what it was set to
less what orders have taken since, and no way through edits, cancellations and reopenings can invent stock.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from shukka.domain.line import LineInput
from shukka.domain.order import CANCELLED, Order
from shukka.domain.values import Instant, Name, Value

MAX_LEVEL = 9_999_999

Level = Annotated[int, Field(strict=True, ge=-MAX_LEVEL, le=MAX_LEVEL)]
"""Sets that can still be sold; below zero, sets that orders hold and the shop does not have."""


# --- what an order holds ---


def quantities(lines: Iterable[LineInput]) -> dict[str, int]:
    """Sets by sku, of skus with any. Free lines have no sku and no stock."""
    found: dict[str, int] = {}
    for line in lines:
        if line.sku and line.quantity:
            found[line.sku] = found.get(line.sku, 0) + line.quantity
    return found


def held_after(before: Order, after: Order, *, move_stock: bool = True) -> dict[str, int]:
    """What the order holds after a change, sets by sku; the same as before unless stock shall move.

    Cancelling gives everything back and reopening takes what the lines say. Any other change concerns only the skus
    whose quantity it changes: the order then holds exactly what its lines say of them. What is done to a cancelled
    order's lines moves nothing, and neither do prices.
    """
    was_cancelled, is_cancelled = _is_cancelled(before), _is_cancelled(after)
    if not move_stock or (was_cancelled and is_cancelled):
        return before.held
    if is_cancelled:
        return {}
    if was_cancelled:
        assert len(after.lines) == after.header.line_count, "reopening needs the lines"  # noqa: S101
        return quantities(after.lines)
    if before.lines is after.lines:
        return before.held
    old, new = quantities(before.lines), quantities(after.lines)
    changed = {sku for sku in old.keys() | new.keys() if old.get(sku) != new.get(sku)}
    kept = {sku: quantity for sku, quantity in before.held.items() if sku not in changed}
    return kept | {sku: quantity for sku, quantity in new.items() if sku in changed}


def moves_between(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """What happens to the levels, by sku, when an order that held `before` holds `after`: negative takes stock."""
    moves = {sku: before.get(sku, 0) - after.get(sku, 0) for sku in sorted(before.keys() | after.keys())}
    return {sku: move for sku, move in moves.items() if move}


def _is_cancelled(order: Order) -> bool:
    return order.header.handling_status == CANCELLED


# --- what is left ---


class StockLevel(Value):
    """在庫数 of a sku. `level` None is 無制限: it can be ordered without end and is not counted.

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
    """A wish about one sku: to set its level (None: 無制限), or where `adds`, to add sets to it (negative: to take)."""

    sku: str
    quantity: int | None
    adds: bool = True


def adjusted(before: StockLevel | None, wish: Adjustment, at: Instant) -> StockLevel | None:
    """The sku's next level; None where it is not counted, so that nothing can be added to or taken from it."""
    if not wish.adds:
        level = wish.quantity
    elif before is None or before.level is None or wish.quantity is None:
        return None
    else:
        level = before.level + wish.quantity
    if before is None:
        return StockLevel(sku=wish.sku, level=level, version=1, updated_at=at)
    return before.model_copy(update={"level": level, "version": before.version + 1, "updated_at": at})


class MovementKind(StrEnum):
    ORDER = "order"
    SET = "set"
    IMPORT = "import"


class Movement(NamedTuple):
    """Why levels move. A sku moves at most once for each `key`, however often it is tried."""

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

    `taken`: sets that it took since it came onto the list, less those that it gave back since.
    """

    number: str
    taken: int
    marked: bool


def short_orders(level: int | None, waiting: Sequence[WaitingOrder]) -> set[str]:
    """Numbers of the orders that what is missing falls on: the latest ones, because what arrives serves the oldest.

    Whoever takes from a level that falls short, or gives back while others wait, is on the list; all others were let go
    when the rest had taken what was missing. So those on the list have always taken at least what orders lack.
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
