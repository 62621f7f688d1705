"""受注商品を変更する."""

from typing import Annotated

from pydantic import MISSING, Field

from shukka.domain.errors import Rule, RuleError, VersionConflictError
from shukka.domain.order.allocation import with_lines
from shukka.domain.order.history import Context
from shukka.domain.order.line import Line, LineInput
from shukka.domain.order.order import MAX_LINES, Order
from shukka.domain.text.ids import check_id
from shukka.domain.text.values import Flag, Label, Value
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits


class LineEdit(LineInput):
    """An existing line with its `line_id`, or a new line without one."""

    line_id: Annotated[int, Field(strict=True, ge=1)] | None = None


class LinesReplacement(Value):
    """All lines of the order after the edit. A line with quantity 0 is kept; a missing one is removed.

    Shipped goods that were returned need a return, not an edit of their line. With `move_stock` False, neither this
    edit nor later ones move the stock of this difference.
    """

    lines: Annotated[tuple[LineEdit, ...], Field(min_length=1, max_length=MAX_LINES)]
    move_stock: Flag = True
    reason: Label | None = None


def replace_lines(
    number: str,
    replacement: LinesReplacement,
    based_on: Versions,
    context: Context,
    orders: OrderEdits,
    *,
    dry_run: bool = False,
) -> Edited:
    """Totals and shipments follow. With `dry_run` nothing is written.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if not based_on.include(before.version):
        raise VersionConflictError(number, before)
    after = with_lines(before, _numbered(replacement.lines, before))
    return commit_edit(
        before,
        after,
        "replace_lines",
        context,
        orders,
        reason=replacement.reason,
        move_stock=replacement.move_stock,
        dry_run=dry_run,
    )


def _numbered(edits: tuple[LineEdit, ...], before: Order) -> tuple[Line, ...]:
    known = {line.line_id: line for line in before.lines}
    # The order may have skus that are older than this check.
    skus = {line.sku for line in before.lines}
    seen: set[int] = set()
    next_line_id = before.header.next_line_id
    lines = []
    for index, edit in enumerate(edits):
        line_id = edit.line_id
        if line_id is None:
            line_id = next_line_id
            next_line_id += 1
        elif line_id not in known:
            raise RuleError(f"明細番号 {line_id} はこの受注にありません", f"lines.{index}.line_id", Rule.UNKNOWN_LINE)
        elif line_id in seen:
            raise RuleError(f"明細番号 {line_id} が2回指定されています", f"lines.{index}.line_id", Rule.REPEATED_LINE)
        seen.add(line_id)
        if edit.sku not in skus:
            check_id(edit.sku, f"lines.{index}.sku")
        lines.append(_edited(edit, line_id, known.get(line_id)))
    return tuple(lines)


def _edited(edit: LineEdit, line_id: int, before: Line | None) -> Line:
    """A line keeps its returned quantity, and its kind unless the edit names one: a discount of 0 yen stays money."""
    line = Line(line_id=line_id, **edit.model_dump(exclude={"line_id"}))
    if before is None:
        return line
    kept: dict[str, object] = {"returned": before.returned}
    if edit.kind is MISSING and line.kind_or_usual is not before.kind_or_usual:
        kept["kind"] = before.kind_or_usual
    return line.model_copy(update=kept)
