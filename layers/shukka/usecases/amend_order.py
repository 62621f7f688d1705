"""受注を変更する: fees, messages, statuses, payment. Lines have a use case of their own."""

from datetime import date

from shukka.domain.errors import RuleError, VersionConflictError
from shukka.domain.history import Context
from shukka.domain.order import Order
from shukka.domain.settings import Settings
from shukka.domain.totals import Adjustments
from shukka.domain.values import Key, Label, Note, Value, Yen
from shukka.usecases.ports import OrderEdits
from shukka.usecases.revision import revision


class OrderAmendment(Value):
    """What to change; fields that are left out stay as they are, null clears one."""

    handling_status: Key = ""
    shipping_fee: Yen = 0
    payment_fee: Yen = 0
    discount: Yen = 0
    points_used: Yen = 0
    payment_method: Key = ""
    paid_on: date | None = None
    paid_amount: Yen | None = None
    requested_date: date | None = None
    time_slot: Label | None = None
    message_to_member: Note | None = None
    staff_memo: Note | None = None
    reason: Label | None = None


_ADJUSTMENTS = frozenset(Adjustments._fields)
_PAYMENT = {"payment_method": "method", "paid_on": "paid_on", "paid_amount": "paid_amount"}


def amend_order(
    number: str, amendment: OrderAmendment, based_on: int, context: Context, orders: OrderEdits, settings: Settings
) -> Order:
    """Any status may follow any other; no step is compulsory.

    Raises OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    before = orders.get(number)
    if before.version != based_on:
        raise VersionConflictError(number, before)
    given = amendment.model_dump(exclude_unset=True, exclude={"reason"})
    if "handling_status" in given and not settings.has_status(amendment.handling_status):
        known = "、".join(status.key for status in settings.statuses)
        raise RuleError(
            f"対応状況 {amendment.handling_status} は設定にありません（使えるもの: {known}）", "handling_status"
        )
    payment = {_PAYMENT[field]: given.pop(field) for field in _PAYMENT if field in given}
    adjustments = {field: given.pop(field) for field in _ADJUSTMENTS if field in given}
    after = before.with_header(**given)
    if payment:
        after = after.with_header(payment=before.header.payment.model_copy(update=payment))
    if adjustments:
        after = after.with_adjustments(before.adjustments._replace(**adjustments))
    change = revision(before, after, "amend_order", context, reason=amendment.reason)
    if change is None:
        return before
    orders.commit(change)
    return change.after
