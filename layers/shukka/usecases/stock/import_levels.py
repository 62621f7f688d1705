"""在庫を取り込む: a file of 品番 and 在庫数 that sets levels (洗い替え) or adds to them (入荷実績)."""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple, Protocol

from pydantic import Field

from shukka.domain.errors import IdempotencyMismatchError
from shukka.domain.order.history import Context
from shukka.domain.stock.rows import StockRow, read_stock_rows
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind
from shukka.domain.text.values import Value
from shukka.usecases.stock.adjust import Adjusted, AdjustResult, StockLevels, adjust_stock
from shukka.usecases.stock.set_level import ShortageNotices


class ImportMode(StrEnum):
    """`overwrite`: 洗い替え, the file's numbers become the levels. `add`: 入荷実績, they are added to the levels."""

    OVERWRITE = "overwrite"
    ADD = "add"


class StockImport(Value):
    """`csv` is the file's text with its heading: 品番, 在庫数 and optionally 在庫制限 (無制限)."""

    mode: ImportMode
    csv: Annotated[str, Field(max_length=1_000_000)]


class RowOutcome(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class StockRowResult(NamedTuple):
    """The result of a row, the sku's level afterwards (None: 無制限 or unknown), and the reason in Japanese."""

    row: StockRow
    outcome: RowOutcome
    level: int | None = None
    reason: str | None = None


class StockImports(Protocol):
    def claim_import(self, client_key: str, payload_hash: str) -> bool:
        """Records the payload of the key; False if the key has another payload."""


_REASONS: Mapping[AdjustResult, str] = {
    AdjustResult.NOT_COUNTED: "在庫数が設定されていない（無制限の）品番です。洗い替えで在庫数を設定してください",
    AdjustResult.BUSY: "他の操作と重なり反映できませんでした。同じ Idempotency-Key でもう一度取り込んでください",
}


def import_stock(
    request: StockImport,
    key: str,
    context: Context,
    levels: StockLevels,
    imports: StockImports,
    notices: ShortageNotices,
) -> Sequence[StockRowResult]:
    """Applies the good rows once for each Idempotency-Key and returns a result for every row.

    Rows of one sku are added up in `add`; in `overwrite` only the first counts. Raises RuleError for text that is not
    such a file, and IdempotencyMismatchError if the key came with another body before.
    """
    rows = read_stock_rows(request.csv)
    client_key = hashlib.sha256(f"{context.actor}\n{key}".encode()).hexdigest()
    if not imports.claim_import(client_key, hashlib.sha256(request.model_dump_json().encode()).hexdigest()):
        raise IdempotencyMismatchError
    plan = _Plan(request.mode)
    refused = {row: reason for row in rows if (reason := plan.take(row))}
    movement = Movement(f"IMPORT#{client_key}", MovementKind.IMPORT, context.at, context.actor)
    adjusted = adjust_stock(plan.requests(), movement, levels)
    notices.tell(sku for sku, result in adjusted.items() if result.level and result.level.waiting)
    return [_result(row, refused.get(row), adjusted.get(row.sku)) for row in rows]


class _Plan:
    """The changes of the rows by sku."""

    def __init__(self, mode: ImportMode) -> None:
        self._adds = mode is ImportMode.ADD
        self._requests: dict[str, Adjustment] = {}
        self._lines: dict[str, int] = {}

    def take(self, row: StockRow) -> str | None:
        """Adds the row to the plan, or returns why not."""
        if row.problem or row.blank:
            return row.problem
        if self._adds and row.quantity is None:
            return "入荷実績の取り込みでは「無制限」は指定できません"
        earlier = self._requests.get(row.sku)
        if earlier and not self._adds:
            return f"同じ品番が{self._lines[row.sku]}行目にもあります"
        added = (earlier.quantity or 0) if earlier else 0
        quantity = None if row.quantity is None else row.quantity + added
        self._requests[row.sku] = Adjustment(row.sku, quantity, self._adds)
        self._lines.setdefault(row.sku, row.line)
        return None

    def requests(self) -> list[Adjustment]:
        return list(self._requests.values())


def _result(row: StockRow, refusal: str | None, adjusted: Adjusted | None) -> StockRowResult:
    if refusal:
        return StockRowResult(row, RowOutcome.REJECTED, reason=refusal)
    if row.blank or adjusted is None:
        return StockRowResult(row, RowOutcome.UNCHANGED, reason="在庫数が空欄のため変更していません")
    level = adjusted.level.level if adjusted.level else None
    if reason := _REASONS.get(adjusted.result):
        return StockRowResult(row, RowOutcome.REJECTED, level, reason)
    changed = adjusted.result is not AdjustResult.UNCHANGED
    return StockRowResult(row, RowOutcome.APPLIED if changed else RowOutcome.UNCHANGED, level)
