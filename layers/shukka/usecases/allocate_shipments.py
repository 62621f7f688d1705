"""出荷を分ける・まとめる: which shipment holds how many of which line."""

from typing import Annotated

from pydantic import Field

from shukka.domain.allocation import reallocated
from shukka.domain.errors import VersionConflictError
from shukka.domain.history import Context
from shukka.domain.order import MAX_SHIPMENTS
from shukka.domain.values import Label, Quantity, Value
from shukka.usecases.ports import OrderEdits
from shukka.usecases.revision import Edited, commit_edit


class ShipmentPlan(Value):
    """A shipment that has not left: `n` is its number, absent for a new one; `lines` are quantities by line id."""

    n: Annotated[int, Field(strict=True, ge=1)] | None = None
    lines: dict[int, Quantity]


class AllocationWish(Value):
    """All shipments that have not left, as they shall be. One that is left out is dissolved."""

    shipments: Annotated[tuple[ShipmentPlan, ...], Field(max_length=MAX_SHIPMENTS)]
    reason: Label | None = None


def allocate_shipments(
    number: str, wish: AllocationWish, based_on: int, context: Context, orders: OrderEdits
) -> Edited:
    """Splits, merges and moves in one step. Shipments that have left stay as they are.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if before.version != based_on:
        raise VersionConflictError(number, before)
    after = reallocated(before, [(plan.n, plan.lines) for plan in wish.shipments])
    return commit_edit(before, after, "allocate_shipments", context, orders, reason=wish.reason)
