"""返品を取り消す: voids a return that was recorded by mistake."""

from shukka.domain.errors import VersionConflictError
from shukka.domain.order.history import Context
from shukka.domain.order.returns import with_return_voided
from shukka.domain.text.values import Label, Value
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits


class VoidReturn(Value):
    """A voided return has no effect: its goods are charged again, and its restocked goods leave stock again."""

    reason: Label | None = None


def void_return(
    number: str,
    n: int,
    request: VoidReturn,
    based_on: Versions,
    context: Context,
    orders: OrderEdits,
    *,
    dry_run: bool = False,
) -> Edited:
    """The record stays. Fees and discounts stay as they are now. With `dry_run` nothing is written.

    Raises OrderNotFoundError, ReturnNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if not based_on.include(before.version):
        raise VersionConflictError(number, before)
    after = with_return_voided(before, n, context, request.reason)
    voided = next(record for record in after.returns if record.n == n)
    return commit_edit(
        before,
        after,
        "void_return",
        context,
        orders,
        reason=request.reason,
        restocked={sku: -quantity for sku, quantity in voided.restocked.items()},
        dry_run=dry_run,
    )
