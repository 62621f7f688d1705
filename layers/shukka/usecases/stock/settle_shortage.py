"""欠品を見直す: which orders have to wait for a sku after its level moved."""

from collections.abc import Collection
from typing import NamedTuple, Protocol

from shukka.domain.errors import StockBusyError
from shukka.domain.stock.stock import StockLevel, WaitingOrder, short_orders

_ROUNDS = 8


class Shortage(NamedTuple):
    """A sku's level and its waiting list."""

    level: StockLevel
    waiting: tuple[WaitingOrder, ...]


class Shortages(Protocol):
    """What settling needs."""

    def find_shortage(self, sku: str) -> Shortage | None:
        """The current shortage; None if no order waits."""

    def settle(self, shortage: Shortage, short: Collection[str]) -> bool:
        """Marks the orders in `short` and releases the others; False if the level moved meanwhile."""


def settle_shortage(sku: str, shortages: Shortages) -> None:
    """Marks the orders that have to wait, and clears the mark of those that no longer wait.

    A second call changes nothing. The work grows with the orders that wait for this sku, not with all orders.
    Raises StockBusyError if the level keeps moving.
    """
    for _ in range(_ROUNDS):
        shortage = shortages.find_shortage(sku)
        if shortage is None or shortages.settle(shortage, short_orders(shortage.level.level, shortage.waiting)):
            return
    raise StockBusyError(sku)
