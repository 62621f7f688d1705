"""受注を変更する: fees, messages, statuses, payment. Lines have their own use case."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import MISSING, Field

from shukka.domain.errors import Rule, RuleError, VersionConflictError
from shukka.domain.order.history import Context
from shukka.domain.order.order import CANCELLED, Order, OrderHeader, Payment
from shukka.domain.order.totals import Adjustments
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.text.amendment import Amendment, changed
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.ids import check_id
from shukka.domain.text.values import MAX_METADATA, Email, Flag, Key, Label, MetadataName, Name, Note, Yen
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits


class MemberAmendment(Amendment):
    """Changes to the orderer's snapshot. The shop's member master stays as it is."""

    member_id: Label | MISSING | None = MISSING
    company: Name | MISSING = MISSING
    department: Label | MISSING | None = MISSING
    name: Label | MISSING = MISSING
    email: Email | MISSING | None = MISSING
    phone: Label | MISSING | None = MISSING
    postal_code: Label | MISSING | None = MISSING
    prefecture: Label | MISSING | None = MISSING
    address1: Label | MISSING | None = MISSING
    address2: Label | MISSING | None = MISSING
    address3: Label | MISSING | None = MISSING


MetadataAmendment = Annotated[
    dict[MetadataName, Label | None],
    Field(max_length=2 * MAX_METADATA, description="Names that are left out stay as they are, null removes one"),
]


class OrderAmendment(Amendment):
    """Changes to an order.

    Cancelling gives back the stock of unshipped goods, unless `return_stock` is False; reopening takes it again.
    `move_stock` False leaves the stock as it is in both cases.
    """

    handling_status: Key | MISSING = MISSING
    return_stock: Flag | MISSING = MISSING
    move_stock: Flag | MISSING = MISSING
    member: MemberAmendment | MISSING = MISSING
    shipping_fee: Yen | MISSING = MISSING
    payment_fee: Yen | MISSING = MISSING
    discount: Yen | MISSING = MISSING
    points_used: Yen | MISSING = MISSING
    payment_method: Key | MISSING = MISSING
    paid_on: BusinessDate | MISSING | None = MISSING
    paid_amount: Yen | MISSING | None = MISSING
    requested_date: BusinessDate | MISSING | None = MISSING
    time_slot: Label | MISSING | None = MISSING
    message_to_member: Note | MISSING | None = MISSING
    staff_memo: Note | MISSING | None = MISSING
    customer_order_number: Label | MISSING | None = MISSING
    external_id: Label | MISSING | None = MISSING
    metadata: MetadataAmendment | MISSING = MISSING
    reason: Label | MISSING = MISSING


_ADJUSTMENTS = frozenset(Adjustments._fields)
_DELIVERY = ("requested_date", "time_slot")


def amend_order(
    number: str,
    amendment: OrderAmendment,
    based_on: Versions,
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
    if not based_on.include(before.version):
        raise VersionConflictError(number, before)
    given = amendment.given()
    reason, move_stock = given.pop("reason", None), given.pop("move_stock", True)
    return_stock = given.pop("return_stock", True)
    given = changed(given, _stored(before.header))
    settings.check_status(given.get("handling_status"), before.header.handling_status)
    settings.check_payment_method(given.get("payment_method"), before.header.payment.method)
    after = before
    if adjustments := _taken(given, _ADJUSTMENTS):
        after = after.with_adjustments(before.adjustments._replace(**adjustments))
    if delivery := {name: given[name] for name in _DELIVERY if name in given}:
        after = _with_delivery(after, delivery)
    if member := given.pop("member", None):
        if member.get("member_id") != before.header.member.member_id:
            check_id(member.get("member_id"), "member.member_id")
        after = after.with_header(member=before.header.member.model_copy(update=member))
    if payment := _taken(given, {"payment_method", "paid_on", "paid_amount"}):
        after = after.with_header(payment=_paid(after.header, payment))
    if metadata := given.pop("metadata", None):
        after = after.with_header(metadata=_merged(before.header.metadata, metadata))
    after = after.with_header(**given)
    cancels = after.header.handling_status == CANCELLED
    return commit_edit(
        before,
        after,
        "amend_order",
        context,
        orders,
        reason=reason,
        move_stock=move_stock and (return_stock or not cancels),
        dry_run=dry_run,
    )


def _stored(header: OrderHeader) -> Mapping[str, Any]:
    """The stored values of the amendment's fields."""
    totals, payment = header.totals, header.payment
    return {
        **dict(header),
        **{name: getattr(totals, name) for name in _ADJUSTMENTS},
        "payment_method": payment.method,
        "paid_on": payment.paid_on,
        "paid_amount": payment.paid_amount,
    }


def _taken(given: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: given.pop(name) for name in list(given) if name in names}


def _merged(stored: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    merged = {name: text for name, text in {**stored, **given}.items() if text is not None}
    if len(merged) > MAX_METADATA:
        raise RuleError(f"追加情報は{MAX_METADATA}項目までです", "metadata", Rule.TOO_MANY_METADATA)
    return merged


def _with_delivery(order: Order, delivery: dict[str, Any]) -> Order:
    """The member's delivery request applies to every shipment that has not left."""
    for shipment in order.shipments:
        if shipment.status is not ShippingStatus.SHIPPED:
            order = order.with_shipment(shipment.model_copy(update=delivery))
    return order


def _paid(header: OrderHeader, given: dict[str, Any]) -> Payment:
    """決済確認: a date without an amount means that the amount due was received; no date means that nothing was."""
    changes: dict[str, Any] = {"method" if name == "payment_method" else name: value for name, value in given.items()}
    if "paid_on" in changes and "paid_amount" not in changes:
        if changes["paid_on"] is None:
            changes["paid_amount"] = None
        elif header.payment.paid_amount is None:
            changes["paid_amount"] = header.totals.total
    return header.payment.model_copy(update=changes)
