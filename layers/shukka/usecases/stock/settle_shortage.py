"""欠品を見直す: who has to wait for a sku after its level moved."""

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
        """As it is now; None where no order waits."""

    def settle(self, shortage: Shortage, short: Collection[str]) -> bool:
        """Marks the orders in `short` and lets the others go; False where the level moved meanwhile."""


def settle_shortage(sku: str, shortages: Shortages) -> None:
    """Marks the orders that have to wait and clears the mark of those that do not any more.

    Doing it again changes nothing. The work grows with the orders that wait for this one sku, not with all orders.
    Raises StockBusyError where the level keeps moving.
    """
    for _ in range(_ROUNDS):
        shortage = shortages.find_shortage(sku)
        if shortage is None or shortages.settle(shortage, short_orders(shortage.level.level, shortage.waiting)):
            return
    raise StockBusyError(sku)
