"""経過: everything that happened to an order, in one list."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shukka.domain.order.goods_return import GoodsReturn
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import Document, Mail, StockMove
from shukka.domain.text.values import Instant

Happening = HistoryEntry | Mail | Document | StockMove | GoodsReturn


class TimelinePage(NamedTuple):
    """Newest first. `line_names` are the names of the order's lines by id, as far as this page has read them.

    `next` is the position behind the page, None at the end.
    """

    happenings: tuple[Happening, ...]
    line_names: Mapping[int, str]
    next: str | None


def newest_first(happenings: Iterable[Happening]) -> tuple[Happening, ...]:
    """What follows from a change stands above it, even at the same time."""
    return tuple(sorted(happenings, key=_moment, reverse=True))


def _moment(happening: Happening) -> tuple[Instant, int, int]:
    match happening:
        case HistoryEntry():
            return happening.at, 0, happening.version
        case GoodsReturn():
            return happening.recorded_at, 1, 0
        case StockMove():
            return happening.created_at, 1, happening.version
        case Mail():
            return happening.created_at, 2, 0
        case Document():
            return happening.requested_at, 3, happening.revision
