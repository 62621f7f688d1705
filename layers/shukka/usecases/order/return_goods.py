"""返品を登録する."""

from typing import Annotated

from pydantic import MISSING, Field

from shukka.domain.errors import VersionConflictError
from shukka.domain.order.goods_return import MAX_RETURNED_LINES, ReturnedGoods
from shukka.domain.order.history import Context
from shukka.domain.order.returns import with_return
from shukka.domain.order.totals import Adjustments
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.values import Label, Value, Yen
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits


class ReturnGoods(Value):
    """Shipped goods that were returned. They are no longer charged; the shipment keeps what it carried.

    `returned_on` is 返品日, by default today in Tokyo. Fees and discounts only change if they are named here: a
    discount that exceeds the amount left to pay has to be lowered in the same request.
    """

    lines: Annotated[tuple[ReturnedGoods, ...], Field(min_length=1, max_length=MAX_RETURNED_LINES)]
    returned_on: BusinessDate | MISSING = MISSING
    shipping_fee: Yen | MISSING = MISSING
    payment_fee: Yen | MISSING = MISSING
    discount: Yen | MISSING = MISSING
    points_used: Yen | MISSING = MISSING
    reason: Label | None = None


def return_goods(
    number: str,
    request: ReturnGoods,
    based_on: Versions,
    context: Context,
    orders: OrderEdits,
    *,
    dry_run: bool = False,
) -> Edited:
    """Updates the totals, and the stock of entries with `restock`. With `dry_run` nothing is written.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if not based_on.include(before.version):
        raise VersionConflictError(number, before)
    given = request.model_dump(exclude_unset=True, include=set(Adjustments._fields))
    after = with_return(
        before,
        request.lines,
        context,
        returned_on=None if request.returned_on is MISSING else request.returned_on,
        reason=request.reason,
        adjustments=before.adjustments._replace(**given),
    )
    return commit_edit(
        before,
        after,
        "return_goods",
        context,
        orders,
        reason=request.reason,
        restocked=after.returns[-1].restocked,
        dry_run=dry_run,
    )
