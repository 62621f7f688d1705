"""出荷を変更する: number, status, dates, carrier, destination."""

from typing import Annotated

from pydantic import Field

from shukka.domain.carrier import Concern
from shukka.domain.dates import BusinessDate
from shukka.domain.errors import Rule, RuleError, ShipmentNotFoundError, VersionConflictError
from shukka.domain.history import Context
from shukka.domain.settings import Settings
from shukka.domain.shipment import MAX_PARCELS, Destination, Shipment, ShipmentId, ShippingStatus
from shukka.domain.shipping import shipped_on_after
from shukka.domain.tracking import TrackingNumber
from shukka.domain.values import Flag, Key, Label, Note, Value, business_date
from shukka.usecases.announcement import announced
from shukka.usecases.ports import OrderEdits
from shukka.usecases.revision import Edited, commit_edit


class ShipmentAmendment(Value):
    """What to change; fields that are left out stay as they are, null clears one. `notify` False sends no mail."""

    status: ShippingStatus = ShippingStatus.NOT_SHIPPED
    carrier: Key | None = None
    tracking_numbers: Annotated[tuple[TrackingNumber, ...], Field(max_length=MAX_PARCELS)] = ()
    shipped_on: BusinessDate | None = None
    delivered_on: BusinessDate | None = None
    requested_date: BusinessDate | None = None
    time_slot: Label | None = None
    external_shipment_code: Label | None = None
    memo: Note | None = None
    destination: Destination | None = None
    notify: Flag = True
    reason: Label | None = None


def amend_shipment(
    shipment_id: str,
    amendment: ShipmentAmendment,
    based_on: int,
    context: Context,
    orders: OrderEdits,
    settings: Settings,
) -> Edited:
    """Any status may follow any other; a correction after 発送済 is recorded. The version is the order's.

    Raises ShipmentNotFoundError, OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    parsed = ShipmentId.parse(shipment_id)
    if parsed is None:
        raise ShipmentNotFoundError(shipment_id)
    before = orders.get(parsed.order_number)
    stored = before.shipment(parsed.n)
    if before.version != based_on:
        raise VersionConflictError(before.number, before)
    after = before.with_shipment(_amended(stored, amendment, context, settings))
    after, mails = announced(after, context, settings, notify=amendment.notify)
    if after == before:
        after = before
    return commit_edit(before, after, "amend_shipment", context, orders, reason=amendment.reason, follow_ups=mails)


def _amended(stored: Shipment, amendment: ShipmentAmendment, context: Context, settings: Settings) -> Shipment:
    given = {name: getattr(amendment, name) for name in amendment.model_fields_set if name not in {"notify", "reason"}}
    if "tracking_numbers" in given:
        given["tracking_numbers"] = tuple(dict.fromkeys(given["tracking_numbers"]))
    carrier_key = given.get("carrier", stored.carrier)
    settings.check_carrier(carrier_key, stored.carrier)
    carrier = settings.carrier(carrier_key)
    for index, number in enumerate(given.get("tracking_numbers", ())):
        if carrier and carrier.concern_about(number) is Concern.IMPOSSIBLE:
            raise RuleError(
                f"送り状番号 {number} は{carrier.name}の番号として誤りがあります（検査数字が合いません）",
                f"tracking_numbers.{index}",
                Rule.IMPOSSIBLE_TRACKING_NUMBER,
            )
    status = given.get("status", stored.status)
    if given.get("shipped_on") or "shipped_on" not in given:
        given["shipped_on"] = shipped_on_after(stored, status, given.get("shipped_on"), business_date(context.at))
    return stored.model_copy(update=given)
