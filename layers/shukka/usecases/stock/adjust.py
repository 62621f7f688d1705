"""在庫を動かす: the levels of many skus for one cause, each exactly once."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from shukka.domain.stock.stock import Adjustment, LedgerEntry, Movement, StockLevel, adjusted, ledger_entry

_ROUNDS = 8


class StockChange(NamedTuple):
    """A sku's next level with its ledger entry, stored together under the movement's `key`.

    `waits` is the number of the order whose move goes onto the waiting list.
    """

    key: str
    before: StockLevel | None
    after: StockLevel
    entry: LedgerEntry
    waits: str | None = None


class StockRefusal(StrEnum):
    """`moved_before`: the ledger has this key. `stale`: the level changed since it was read."""

    MOVED_BEFORE = "moved_before"
    STALE = "stale"


class StockLevels(Protocol):
    """What moving stock needs."""

    def load(self, skus: Iterable[str]) -> Mapping[str, StockLevel]:
        """The current levels; skus that were never set are left out."""

    def commit(self, changes: Sequence[StockChange]) -> Mapping[str, StockRefusal]:
        """Stores each change whole or not at all; returns the refusals by sku. Raises BusyError."""


class AdjustResult(StrEnum):
    MOVED = "moved"
    MOVED_BEFORE = "moved_before"
    UNCHANGED = "unchanged"
    NOT_COUNTED = "not_counted"
    BUSY = "busy"


class Adjusted(NamedTuple):
    """The result for one sku, and its level afterwards (None: never set)."""

    result: AdjustResult
    level: StockLevel | None


def adjust_stock(requests: Sequence[Adjustment], movement: Movement, levels: StockLevels) -> dict[str, Adjusted]:
    """The results by sku; each sku may occur once. Simultaneous moves of the same skus are kept."""
    results: dict[str, Adjusted] = {}
    waiting = {request.sku: request for request in requests}
    for _ in range(_ROUNDS):
        known = levels.load(waiting)
        changes: dict[str, StockChange] = {}
        for sku, request in waiting.items():
            before = known.get(sku)
            after = adjusted(before, request, movement.at)
            if after is None:
                results[sku] = Adjusted(AdjustResult.NOT_COUNTED, before)
            elif before and after.level == before.level:
                results[sku] = Adjusted(AdjustResult.UNCHANGED, before)
            else:
                changes[sku] = _change(before, after, movement)
                results[sku] = Adjusted(AdjustResult.MOVED, changes[sku].after)
        refused = levels.commit(list(changes.values()))
        for sku, refusal in refused.items():
            result = AdjustResult.BUSY if refusal is StockRefusal.STALE else AdjustResult.MOVED_BEFORE
            results[sku] = Adjusted(result, known.get(sku))
        waiting = {sku: waiting[sku] for sku, refusal in refused.items() if refusal is StockRefusal.STALE}
        if not waiting:
            break
    return results


def _change(before: StockLevel | None, after: StockLevel, movement: Movement) -> StockChange:
    entry = ledger_entry(movement, before, after)
    # Also for goods given back: an order that takes them again later would otherwise count twice.
    waits = movement.order_number if after.is_short or after.waiting else None
    if waits:
        after = after.model_copy(update={"waiting": True})
    return StockChange(movement.key, before, after, entry, waits)
