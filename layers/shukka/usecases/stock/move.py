"""受注の分だけ在庫を動かす: one stock move of the outbox, exactly once."""

from collections.abc import Collection, Sequence
from typing import Protocol

from shukka.domain.errors import NotFoundError, StockBusyError
from shukka.domain.order.outbox import StockMove, StockMoveState
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind
from shukka.usecases.ports import Clock
from shukka.usecases.stock.adjust import AdjustResult, StockLevels, adjust_stock
from shukka.usecases.stock.settle_shortage import Shortages, settle_shortage


class StockMoveNotFoundError(NotFoundError):
    def __init__(self, number: str, version: int) -> None:
        super().__init__(f"受注 {number} の在庫移動（第{version}版）は見つかりません")


class StockMoves(Protocol):
    """The outbox and the marks of orders."""

    def stock_moves(self, number: str, version: int) -> Sequence[StockMove]:
        """The order's moves up to this version, oldest first."""

    def stock_short(self, number: str) -> Collection[str]:
        """The skus that the order is marked as short of."""

    def save_stock_move(self, number: str, move: StockMove) -> None:
        """Stores the outcome of a PENDING move; a move that has an outcome keeps it."""


def move_stock(
    number: str, version: int, moves: StockMoves, levels: StockLevels, shortages: Shortages, clock: Clock
) -> StockMove | None:
    """Returns the move with its outcome, or None if it was done before.

    Each sku moves once, even after a retry or an interrupted run, because its ledger records the order's version.
    Pending earlier moves of the order are done first. Otherwise goods could be given back before they were taken, and
    go to other orders. Raises StockMoveNotFoundError and StockBusyError.
    """
    found = moves.stock_moves(number, version)
    if not found or found[-1].version != version:
        raise StockMoveNotFoundError(number, version)
    *earlier, move = found
    if move.state is StockMoveState.DONE:
        return None
    for one in earlier:
        if one.state is StockMoveState.PENDING:
            _move(number, one, moves, levels, shortages, clock)
    return _move(number, move, moves, levels, shortages, clock)


def _move(
    number: str, move: StockMove, moves: StockMoves, levels: StockLevels, shortages: Shortages, clock: Clock
) -> StockMove:
    movement = Movement(f"{number}#{move.version:08d}", MovementKind.ORDER, clock(), move.actor, number, move.version)
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
