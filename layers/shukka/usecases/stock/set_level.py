"""在庫数を設定する."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from shukka.domain.errors import StockConflictError
from shukka.domain.order.history import Context
from shukka.domain.stock.stock import Adjustment, Level, Movement, MovementKind, StockLevel, adjusted, ledger_entry
from shukka.domain.text.ids import check_id
from shukka.domain.text.values import Value
from shukka.domain.text.versions import Versions
from shukka.usecases.stock.adjust import StockChange, StockLevels


class SetStockLevel(Value):
    """`level` null is 無制限."""

    level: Level | None


class StockBasis(NamedTuple):
    """The versions that a change may be based on: those `matching`, without those `not_matching`.

    A sku without a level has no version, so nothing matches it.
    """

    matching: Versions | None = None
    not_matching: Versions | None = None

    def allows(self, level: StockLevel | None) -> bool:
        if level is None:
            return self.matching is None
        return (self.matching is None or self.matching.include(level.version)) and not (
            self.not_matching and self.not_matching.include(level.version)
        )


class ShortageNotices(Protocol):
    """Starts the check of waiting orders."""

    def tell(self, skus: Iterable[str]) -> None:
        """Queues `settle_shortage` for each sku. Raises BusyError."""


def set_stock(
    sku: str, request: SetStockLevel, basis: StockBasis, context: Context, levels: StockLevels, notices: ShortageNotices
) -> StockLevel:
    """The level after it was set. Raises StockConflictError, and RuleError for a sku that cannot be used."""
    check_id(sku, "sku")
    before = levels.load([sku]).get(sku)
    if not basis.allows(before):
        raise StockConflictError(sku, before)
    level = before
    if before is None or before.level != request.level:
        level = adjusted(before, Adjustment(sku, request.level, adds=False), context.at)
        assert level is not None  # noqa: S101 - only adding can come to nothing
        movement = Movement(f"SET#{level.version:08d}", MovementKind.SET, context.at, context.actor)
        change = StockChange(movement.key, before, level, ledger_entry(movement, before, level))
        if levels.commit([change]):
            raise StockConflictError(sku, levels.load([sku]).get(sku))
    assert level is not None  # noqa: S101 - it was there, or was set just now
    if level.waiting:
        # Also if nothing was set: a request repeated because the notice failed finds the level as requested.
        notices.tell([sku])
    return level
