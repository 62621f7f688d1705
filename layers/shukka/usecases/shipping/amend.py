"""出荷を変更する: number, status, dates, carrier, destination."""

from typing import Annotated, Any

from pydantic import MISSING, Field

from shukka.domain.errors import Rule, RuleError, ShipmentNotFoundError, VersionConflictError
from shukka.domain.order.history import Context
from shukka.domain.order.returns import check_returned_goods_left
from shukka.domain.settings import Settings
from shukka.domain.shipping.carrier import Concern
from shukka.domain.shipping.rules import shipped_on_after
from shukka.domain.shipping.shipment import MAX_PARCELS, Destination, Shipment, ShipmentId, ShippingStatus
from shukka.domain.shipping.tracking import TrackingNumber
from shukka.domain.text.amendment import Amendment, changed
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.values import Flag, Key, Label, Note
from shukka.domain.text.versions import Versions
from shukka.usecases.commit_change import Edited, commit_edit
from shukka.usecases.ports import OrderEdits
from shukka.usecases.shipping.shipping_mails import with_shipping_mails


class DestinationAmendment(Amendment):
    """Changes to 配送先. A shipment without its own destination gets a new one with these fields."""

    company: Label | MISSING = MISSING
    department: Label | MISSING | None = MISSING
    name: Label | MISSING = MISSING
    phone: Label | MISSING | None = MISSING
    postal_code: Label | MISSING | None = MISSING
    prefecture: Label | MISSING | None = MISSING
    address1: Label | MISSING | None = MISSING
    address2: Label | MISSING | None = MISSING
    address3: Label | MISSING | None = MISSING


class ShipmentAmendment(Amendment):
    """Changes to a shipment. `destination` null: it goes to the member. `notify` False sends no mail.

    `confirm_numbers`: the tracking numbers are right although they do not look like the carrier's. A mail that waits
    for the confirmation is sent.
    """

    status: ShippingStatus | MISSING = MISSING
    carrier: Key | MISSING | None = MISSING
    tracking_numbers: Annotated[tuple[TrackingNumber, ...], Field(max_length=MAX_PARCELS)] | MISSING = MISSING
    shipped_on: BusinessDate | MISSING | None = MISSING
    delivered_on: BusinessDate | MISSING | None = MISSING
    requested_date: BusinessDate | MISSING | None = MISSING
    time_slot: Label | MISSING | None = MISSING
    external_shipment_code: Label | MISSING | None = MISSING
    memo: Note | MISSING | None = MISSING
    destination: DestinationAmendment | MISSING | None = MISSING
    confirm_numbers: Flag | MISSING = MISSING
    notify: Flag | MISSING = MISSING
    reason: Label | MISSING = MISSING


def amend_shipment(
    shipment_id: str,
    amendment: ShipmentAmendment,
    based_on: Versions,
    context: Context,
    orders: OrderEdits,
    settings: Settings,
    *,
    dry_run: bool = False,
) -> Edited:
    """Any status may follow any other; a correction after 発送済 is recorded. The version is the order's.

    With `dry_run` nothing is written.

    Raises ShipmentNotFoundError, OrderNotFoundError, VersionConflictError (with the current order) and RuleError.
    """
    parsed = ShipmentId.parse(shipment_id)
    if parsed is None:
        raise ShipmentNotFoundError(shipment_id)
    before = orders.get(parsed.order_number)
    stored = before.shipment(parsed.n)
    if not based_on.include(before.version):
        raise VersionConflictError(before.number, before)
    given = amendment.given()
    reason, notify = given.pop("reason", None), given.pop("notify", True)
    after = before.with_shipment(_amended(stored, given, context, settings))
    check_returned_goods_left(after)
    after, mails = with_shipping_mails(after, context, settings, notify=notify)
    if after == before:
        after = before
    return commit_edit(
        before, after, "amend_shipment", context, orders, reason=reason, follow_ups=mails, dry_run=dry_run
    )


def _amended(stored: Shipment, given: dict[str, Any], context: Context, settings: Settings) -> Shipment:
    confirms = given.pop("confirm_numbers", False)
    if "tracking_numbers" in given:
        given["tracking_numbers"] = tuple(dict.fromkeys(given["tracking_numbers"]))
    if destination := given.get("destination"):
        given["destination"] = (stored.destination or Destination()).model_copy(update=destination)
    changes = changed(given, dict(stored))
    carrier_key = changes.get("carrier", stored.carrier)
    settings.check_carrier(carrier_key, stored.carrier)
    carrier = settings.carrier(carrier_key)
    numbers = changes.get("tracking_numbers", stored.tracking_numbers if "carrier" in changes else ())
    for index, number in enumerate(numbers):
        if carrier and carrier.concern_about(number) is Concern.IMPOSSIBLE:
            raise RuleError(
                f"送り状番号 {number}: {carrier.explain_concern(number)}",
                f"tracking_numbers.{index}" if "tracking_numbers" in changes else "carrier",
                Rule.IMPOSSIBLE_TRACKING_NUMBER,
            )
    if confirms:
        changes["confirmed_numbers"] = changes.get("tracking_numbers", stored.tracking_numbers)
    status = changes.get("status", stored.status)
    if changes.get("shipped_on") or "shipped_on" not in changes:
        changes["shipped_on"] = shipped_on_after(stored, status, changes.get("shipped_on"), context.today)
    return stored.model_copy(update=changes)
