"""受注を変更する: fees, messages, statuses, payment. Lines have a use case of their own."""

from collections.abc import Collection
from typing import Any

from shukka.domain.dates import BusinessDate
from shukka.domain.errors import VersionConflictError
from shukka.domain.history import Context
from shukka.domain.order import CANCELLED, Order, OrderHeader, Payment
from shukka.domain.settings import Settings
from shukka.domain.shipment import ShippingStatus
from shukka.domain.totals import Adjustments
from shukka.domain.values import Email, Flag, Key, Label, Name, Note, Value, Yen
from shukka.usecases.ports import OrderEdits
from shukka.usecases.revision import Edited, commit_edit


class MemberAmendment(Value):
    """What to change of the orderer's snapshot; never touches the shop's member master."""

    member_id: Label | None = None
    company: Name = ""
    department: Label | None = None
    name: Label = ""
    email: Email | None = None
    phone: Label | None = None
    postal_code: Label | None = None
    prefecture: Label | None = None
    address1: Label | None = None
    address2: Label | None = None
    address3: Label | None = None


class OrderAmendment(Value):
    """What to change; fields that are left out stay as they are, null clears one.

    Cancelling gives back the stock that the order holds, unless `return_stock` is False; reopening takes it again.
    `move_stock` False leaves the stock as it is either way.
    """

    handling_status: Key = ""
    return_stock: Flag = True
    move_stock: Flag = True
    member: MemberAmendment = MemberAmendment()
    shipping_fee: Yen = 0
    payment_fee: Yen = 0
    discount: Yen = 0
    points_used: Yen = 0
    payment_method: Key = ""
    paid_on: BusinessDate | None = None
    paid_amount: Yen | None = None
    requested_date: BusinessDate | None = None
    time_slot: Label | None = None
    message_to_member: Note | None = None
    staff_memo: Note | None = None
    reason: Label | None = None


_ADJUSTMENTS = frozenset(Adjustments._fields)
_DELIVERY = ("requested_date", "time_slot")


def amend_order(
    number: str,
    amendment: OrderAmendment,
    based_on: int,
    context: Context,
    orders: OrderEdits,
    settings: Settings,
    *,
    dry_run: bool = False,
) -> Edited:
    """Any status may follow any other; no step is compulsory. With `dry_run` nothing is written.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if before.version != based_on:
        raise VersionConflictError(number, before)
    given = amendment.model_dump(exclude_unset=True, exclude={"reason", "return_stock", "move_stock"})
    settings.check_status(given.get("handling_status"), before.header.handling_status)
    settings.check_payment_method(given.get("payment_method"), before.header.payment.method)
    after = before
    if adjustments := _taken(given, _ADJUSTMENTS):
        after = after.with_adjustments(before.adjustments._replace(**adjustments))
    if delivery := {name: given[name] for name in _DELIVERY if name in given}:
        after = _with_delivery(after, delivery)
    if member := given.pop("member", None):
        after = after.with_header(member=before.header.member.model_copy(update=member))
    if payment := _taken(given, {"payment_method", "paid_on", "paid_amount"}):
        after = after.with_header(payment=_paid(after.header, payment))
    after = after.with_header(**given)
    cancels = after.header.handling_status == CANCELLED
    return commit_edit(
        before,
        after,
        "amend_order",
        context,
        orders,
        reason=amendment.reason,
        move_stock=amendment.move_stock and (amendment.return_stock or not cancels),
        dry_run=dry_run,
    )


def _taken(given: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: given.pop(name) for name in list(given) if name in names}


def _with_delivery(order: Order, delivery: dict[str, Any]) -> Order:
    """The member's wish holds for every shipment that has not left."""
    for shipment in order.shipments:
        if shipment.status is not ShippingStatus.SHIPPED:
            order = order.with_shipment(shipment.model_copy(update=delivery))
    return order


def _paid(header: OrderHeader, given: dict[str, Any]) -> Payment:
    """決済確認: a date without an amount means that what was due then has been received; no date means nothing was."""
    changes: dict[str, Any] = {"method" if name == "payment_method" else name: value for name, value in given.items()}
    if "paid_on" in changes and "paid_amount" not in changes:
        if changes["paid_on"] is None:
            changes["paid_amount"] = None
        elif header.payment.paid_amount is None:
            changes["paid_amount"] = header.totals.total
    return header.payment.model_copy(update=changes)
