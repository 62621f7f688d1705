"""Stock as staff see it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from order_api.schemas import View
from shukka.domain.stock.stock import LedgerEntry, MovementKind, StockLevel
from shukka.store.stock import LedgerPage, StockPage
from shukka.usecases.stock.import_levels import ImportMode, RowOutcome, StockRowResult


class StockView(View):
    """在庫. `level` counts sets that can still be sold; null is 無制限. `version` is also the ETag."""

    sku: str = Field(examples=["SOY-180"])
    level: int | None = Field(
        description="Below zero: sets that orders hold and the shop does not have", examples=[120]
    )
    unlimited: bool
    short: bool
    version: int
    updated_at: datetime


class StockListView(View):
    """`next_cursor` is null on the last page."""

    stock: list[StockView]
    next_cursor: str | None


class LedgerEntryView(View):
    """入出庫. `before` and `after` are levels, null for 無制限; `change` is what was added, null where either is.

    `kind` is `order` (with the order's number and version), `set` or `import`.
    """

    at: datetime
    actor: str
    kind: MovementKind
    order_number: str | None
    order_version: int | None
    before: int | None
    after: int | None
    change: int | None


class LedgerView(View):
    """Newest first. `next_cursor` is null on the last page."""

    entries: list[LedgerEntryView]
    next_cursor: str | None


class StockRowView(View):
    """A row of the file: `line` is where it begins, `level` the sku's after the import, `reason` is Japanese."""

    line: int
    sku: str
    outcome: RowOutcome
    level: int | None
    reason: str | None


class StockImportView(View):
    """How many rows came to what, and every row."""

    mode: ImportMode
    applied: int
    unchanged: int
    rejected: int
    rows: list[StockRowView]


def stock_view(level: StockLevel) -> StockView:
    return StockView(
        sku=level.sku,
        level=level.level,
        unlimited=level.level is None,
        short=level.is_short,
        version=level.version,
        updated_at=level.updated_at,
    )


def stock_list_view(page: StockPage, next_cursor: str | None) -> StockListView:
    return StockListView(stock=[stock_view(level) for level in page.levels], next_cursor=next_cursor)


def ledger_view(page: LedgerPage, next_cursor: str | None) -> LedgerView:
    return LedgerView(entries=[_entry(entry) for entry in page.entries], next_cursor=next_cursor)


def _entry(entry: LedgerEntry) -> LedgerEntryView:
    known = entry.before is not None and entry.after is not None
    return LedgerEntryView(
        at=entry.at,
        actor=entry.actor,
        kind=entry.kind,
        order_number=entry.order_number,
        order_version=entry.order_version,
        before=entry.before,
        after=entry.after,
        change=(entry.after or 0) - (entry.before or 0) if known else None,
    )


def stock_import_view(mode: ImportMode, results: Sequence[StockRowResult]) -> StockImportView:
    outcomes = [result.outcome for result in results]
    return StockImportView(
        mode=mode,
        applied=outcomes.count(RowOutcome.APPLIED),
        unchanged=outcomes.count(RowOutcome.UNCHANGED),
        rejected=outcomes.count(RowOutcome.REJECTED),
        rows=[
            StockRowView(
                line=result.row.line,
                sku=result.row.sku,
                outcome=result.outcome,
                level=result.level,
                reason=result.reason,
            )
            for result in results
        ],
    )
