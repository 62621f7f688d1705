"""出荷を分ける・まとめる: which shipment holds how many of which line."""

from typing import Annotated

from pydantic import Field

from shukka.domain.errors import Rule, RuleError, VersionConflictError
from shukka.domain.order.allocation import reallocated
from shukka.domain.order.history import Context
from shukka.domain.order.order import MAX_SHIPMENTS, Order
from shukka.domain.shipping.shipment import ShipmentId
from shukka.domain.text.values import Label, Quantity, Value
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits


class ShipmentPlan(Value):
    """The quantities of a shipment by line id. Without `shipment_id` it is a new shipment."""

    shipment_id: Label | None = None
    lines: dict[int, Quantity]


class AllocateShipments(Value):
    """All shipments of the order after the change. One that has left stays as it is, named or not.

    One that has not left and is not named is dissolved.
    """

    shipments: Annotated[tuple[ShipmentPlan, ...], Field(max_length=MAX_SHIPMENTS)]
    reason: Label | None = None


def allocate_shipments(
    number: str,
    request: AllocateShipments,
    based_on: Versions,
    context: Context,
    orders: OrderEdits,
    *,
    dry_run: bool = False,
) -> Edited:
    """Splits, merges and moves in one step. Shipments that have left stay as they are.

    With `dry_run` nothing is written.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if not based_on.include(before.version):
        raise VersionConflictError(number, before)
    plans = [(_number_of(index, plan, before), plan.lines) for index, plan in enumerate(request.shipments)]
    after = reallocated(before, plans)
    return commit_edit(before, after, "allocate_shipments", context, orders, reason=request.reason, dry_run=dry_run)


def _number_of(index: int, plan: ShipmentPlan, order: Order) -> int | None:
    if plan.shipment_id is None:
        return None
    parsed = ShipmentId.parse(plan.shipment_id)
    if parsed is None or parsed.order_number != order.number:
        raise RuleError(
            f"発送 {plan.shipment_id} はこの受注の発送ではありません",
            f"shipments.{index}.shipment_id",
            Rule.UNKNOWN_SHIPMENT,
        )
    return parsed.n
