"""対応状況を一括で変更する."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shukka.domain.order.history import Context
from shukka.domain.order.order import CANCELLED
from shukka.domain.settings import Settings
from shukka.domain.text.values import Flag, Key, Label, OrderNumber, Value
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import ShipmentChanges

MAX_ORDERS = 100


class StatusChange(Value):
    """The orders `numbers` are changed in their current version; each has its own result.

    Cancelling gives back the stock of unshipped goods, unless `return_stock` is False; reopening takes it again.
    """

    numbers: Annotated[tuple[OrderNumber, ...], Field(min_length=1, max_length=MAX_ORDERS)]
    handling_status: Key
    return_stock: Flag = True
    reason: Label | None = None


class StatusResult(StrEnum):
    """`conflict`: someone else changed the order at the same moment, and this change was not made."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"


def change_statuses(
    request: StatusChange, context: Context, orders: ShipmentChanges, settings: Settings
) -> Sequence[tuple[str, StatusResult]]:
    """Any status may follow any other. Each order is changed on its own: a failure for one does not stop the rest."""
    settings.check_status(request.handling_status)
    numbers = list(dict.fromkeys(request.numbers))
    known = dict(orders.load([], whole=set(numbers)))
    cancels = request.handling_status == CANCELLED
    # Cancelling and reopening move stock by the order's lines, so these are needed.
    known |= orders.load_lines(
        [n for n, order in known.items() if (order.header.handling_status == CANCELLED) is not cancels]
    )
    changes = {
        number: change
        for number, order in known.items()
        if (
            change := next_version(
                order,
                order.with_header(handling_status=request.handling_status),
                "change_statuses",
                context,
                reason=request.reason,
                move_stock=request.return_stock or not cancels,
            )
        )
    }
    lost = {change.after.number for change in orders.commit(list(changes.values()))}
    results = []
    for number in numbers:
        if number not in known:
            results.append((number, StatusResult.NOT_FOUND))
        elif number in lost:
            results.append((number, StatusResult.CONFLICT))
        else:
            results.append((number, StatusResult.CHANGED if number in changes else StatusResult.UNCHANGED))
    return results
