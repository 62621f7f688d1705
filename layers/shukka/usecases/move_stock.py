"""受注の分だけ在庫を動かす: one stock move of the outbox, exactly once."""

from collections.abc import Collection
from typing import Protocol

from shukka.domain.errors import NotFoundError, StockBusyError
from shukka.domain.outbox import StockMove, StockMoveState
from shukka.domain.stock import Adjustment, Movement, MovementKind
from shukka.usecases.adjust_stock import AdjustResult, StockLevels, adjust_stock
from shukka.usecases.ports import Clock
from shukka.usecases.settle_shortage import Shortages, settle_shortage


class StockMoveNotFoundError(NotFoundError):
    def __init__(self, number: str, version: int) -> None:
        super().__init__(f"受注 {number} の在庫移動（第{version}版）は見つかりません")


class StockMoves(Protocol):
    """The outbox and the marks of orders."""

    def find_stock_move(self, number: str, version: int) -> StockMove | None: ...

    def stock_short(self, number: str) -> Collection[str]:
        """The skus that the order is marked as short of."""

    def save_stock_move(self, number: str, move: StockMove) -> None:
        """Gives a PENDING move its outcome; one that has an outcome keeps it."""


def move_stock(
    number: str, version: int, moves: StockMoves, levels: StockLevels, shortages: Shortages, clock: Clock
) -> StockMove | None:
    """Returns the move with its outcome, or None where that was done before.

    However often it comes and wherever it was cut off: each sku moves once, because its ledger knows the order's
    version. Raises StockMoveNotFoundError and StockBusyError.
    """
    move = moves.find_stock_move(number, version)
    if move is None:
        raise StockMoveNotFoundError(number, version)
    if move.state is StockMoveState.DONE:
        return None
    movement = Movement(f"{number}#{version:08d}", MovementKind.ORDER, clock(), move.actor, number, version)
    results = adjust_stock([Adjustment(sku, change) for sku, change in move.moves.items()], movement, levels)
    for sku, adjusted in results.items():
        if adjusted.result is AdjustResult.BUSY:
            raise StockBusyError(sku)
    short: set[str] = set()
    if awaited := [sku for sku, adjusted in results.items() if adjusted.level and adjusted.level.waiting]:
        for sku in awaited:
            settle_shortage(sku, shortages)
        short = set(moves.stock_short(number)) & {sku for sku, change in move.moves.items() if change < 0}
    done = move.model_copy(update={"state": StockMoveState.DONE, "short": tuple(sorted(short)), "finished_at": clock()})
    moves.save_stock_move(number, done)
    return done
