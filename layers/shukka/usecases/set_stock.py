"""在庫数を設定する."""

from collections.abc import Iterable
from typing import Protocol

from shukka.domain.errors import StockConflictError
from shukka.domain.history import Context
from shukka.domain.stock import Adjustment, Level, Movement, MovementKind, StockLevel, adjusted, ledger_entry
from shukka.domain.values import Value
from shukka.usecases.adjust_stock import StockChange, StockLevels


class StockWish(Value):
    """`level` null is 無制限."""

    level: Level | None


class ShortageNotices(Protocol):
    """Those who look after the orders that wait."""

    def tell(self, skus: Iterable[str]) -> None:
        """Has `settle_shortage` called for each sku, later. Raises BusyError."""


def set_stock(
    sku: str, wish: StockWish, based_on: int | None, context: Context, levels: StockLevels, notices: ShortageNotices
) -> StockLevel:
    """The level after it was set; `based_on` None is for a sku that has none. Raises StockConflictError."""
    before = levels.load([sku]).get(sku)
    if based_on != (before.version if before else None):
        raise StockConflictError(sku, before)
    level = before
    if before is None or before.level != wish.level:
        level = adjusted(before, Adjustment(sku, wish.level, adds=False), context.at)
        assert level is not None  # noqa: S101 - only adding can come to nothing
        movement = Movement(f"SET#{level.version:08d}", MovementKind.SET, context.at, context.actor)
        change = StockChange(movement.key, before, level, ledger_entry(movement, before, level))
        if levels.commit([change]):
            raise StockConflictError(sku, levels.load([sku]).get(sku))
    assert level is not None  # noqa: S101 - it was there, or was set just now
    if level.waiting:
        # Also where nothing was set: whoever asks again because telling failed finds the level as wished.
        notices.tell([sku])
    return level
