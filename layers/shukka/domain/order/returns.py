"""How a return changes an order.

The shipment keeps what it carried, and the line keeps what was ordered. The returned quantity is recorded beside them
and no longer charged. So for every line: 0 ≤ returned ≤ shipped ≤ ordered.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from shukka.domain.errors import ReturnNotFoundError, Rule, RuleError
from shukka.domain.order.allocation import shipped_quantities
from shukka.domain.order.goods_return import MAX_RETURNS, GoodsReturn, ReturnedGoods, ReturnedLine
from shukka.domain.order.history import Context
from shukka.domain.order.line import Line
from shukka.domain.order.order import Order
from shukka.domain.order.totals import Adjustments
from shukka.domain.text.values import business_date


def with_return(
    order: Order,
    goods: Sequence[ReturnedGoods],
    context: Context,
    *,
    returned_on: date | None = None,
    reason: str | None = None,
    adjustments: Adjustments | None = None,
) -> Order:
    """The order with one more return, and the resulting totals. `returned_on` None means today in Tokyo.

    Raises RuleError for more than was shipped and not yet returned, for an impossible day, and if the order's
    discounts exceed what is left to pay.
    """
    if len(order.returns) >= MAX_RETURNS:
        raise RuleError(f"1つの受注の返品は{MAX_RETURNS}件までです", "lines", Rule.TOO_MANY_RETURNS)
    today, ordered_on = context.today, business_date(order.header.placed_at)
    day = returned_on or today
    if not ordered_on <= day <= today:
        message = f"返品日は受注日（{ordered_on:%Y/%m/%d}）から今日（{today:%Y/%m/%d}）までの日付にしてください"
        raise RuleError(message, "returned_on", Rule.RETURN_DATE)
    record = GoodsReturn(
        n=len(order.returns) + 1,
        returned_on=day,
        recorded_at=context.at,
        recorded_by=context.actor,
        reason=reason,
        lines=_returned_lines(order, goods),
    )
    return _with_quantities(order, record.quantities, 1, adjustments).with_returns((*order.returns, record))


def with_return_voided(order: Order, n: int, context: Context, reason: str | None = None) -> Order:
    """The order without the effect of return `n`, whose record stays. Fees and discounts stay as they are now.

    Raises ReturnNotFoundError, and RuleError if it is voided already.
    """
    record = next((record for record in order.returns if record.n == n), None)
    if record is None:
        raise ReturnNotFoundError(order.number, n)
    if record.is_voided:
        raise RuleError(f"返品 {n} はすでに取り消されています", "n", Rule.RETURN_VOIDED)
    voided = record.model_copy(
        update={"voided_at": context.at, "voided_by": context.actor, "void_reason": reason},
    )
    returns = tuple(voided if known.n == n else known for known in order.returns)
    return _with_quantities(order, record.quantities, -1).with_returns(returns)


def check_returned_goods_left(order: Order) -> None:
    """Raises RuleError if more of a line was returned than was shipped according to the statuses of the shipments."""
    shipped = shipped_quantities(order)
    for line in order.lines:
        if line.returned > shipped.get(line.line_id, 0):
            raise RuleError(
                f"「{line.name}」は{line.returned}個の返品が登録されているため、発送済を取り消せません"
                "（先に返品を取り消してください）",
                "status",
                Rule.RETURNED_GOODS,
            )


def _returned_lines(order: Order, goods: Sequence[ReturnedGoods]) -> tuple[ReturnedLine, ...]:
    """One line may have several entries, some fit for sale and others not."""
    lines = {line.line_id: line for line in order.lines}
    shipped = shipped_quantities(order)
    left = {line_id: shipped.get(line_id, 0) - line.returned for line_id, line in lines.items()}
    returned = []
    for index, entry in enumerate(goods):
        line = lines.get(entry.line_id)
        if line is None:
            message = f"明細番号 {entry.line_id} はこの受注にありません"
            raise RuleError(message, f"lines.{index}.line_id", Rule.UNKNOWN_LINE)
        if entry.quantity > left[line.line_id]:
            message = f"「{line.name}」は{shipped.get(line.line_id, 0)}個を発送済みで、"
            message += f"あと{left[line.line_id]}個まで返品できます"
            raise RuleError(message, f"lines.{index}.quantity", Rule.RETURNED_QUANTITY)
        left[line.line_id] -= entry.quantity
        returned.append(_returned_line(line, entry))
    return tuple(returned)


def _returned_line(line: Line, entry: ReturnedGoods) -> ReturnedLine:
    return ReturnedLine(
        **dict(entry),
        sku=line.sku,
        name=line.name,
        units_per_set=line.units_per_set,
        unit=line.unit,
        unit_price=line.unit_price,
        tax_category=line.tax_category,
        amount=line.amount_of(entry.quantity),
    )


def _with_quantities(
    order: Order, quantities: Mapping[int, int], sign: int, adjustments: Adjustments | None = None
) -> Order:
    lines = (
        line.model_copy(update={"returned": line.returned + sign * quantities[line.line_id]})
        if line.line_id in quantities
        else line
        for line in order.lines
    )
    return order.with_lines(tuple(lines), adjustments)
