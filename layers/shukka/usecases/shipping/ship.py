"""発送済にする: many shipments at once, from the desk's list."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from shukka.domain.imports.row import NOT_OF_A_FILE, ShipmentRow
from shukka.domain.order.history import Context
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import MAX_PARCELS, ShipmentId, ShippingStatus
from shukka.domain.shipping.tracking import TrackingNumber, shared_warning
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.values import Flag, Key, ShipmentIdText, Value
from shukka.usecases.ports import ShipmentChanges
from shukka.usecases.shipping.apply_rows import RowResult, RowSource, apply_shipments
from shukka.usecases.shipping.watch_numbers import KnownOwners

MAX_AT_ONCE = 100


class ShipmentToShip(Value):
    shipment_id: ShipmentIdText
    tracking_numbers: Annotated[tuple[TrackingNumber, ...], Field(max_length=MAX_PARCELS)] = ()
    carrier: Key | None = None


class ShipShipments(Value):
    """`shipped_on` is 発送日, by default today in Tokyo; `notify` False sends no mails."""

    shipments: Annotated[tuple[ShipmentToShip, ...], Field(min_length=1, max_length=MAX_AT_ONCE)]
    shipped_on: BusinessDate | None = None
    notify: Flag = True


def ship(
    request: ShipShipments, context: Context, orders: ShipmentChanges, settings: Settings, owners: KnownOwners
) -> Sequence[tuple[str, RowResult]]:
    """Ships each shipment on its own, like a row of a file, and returns a result for each.

    A number that another order has too is applied, with a note.
    """
    rows = [_row(entry, request.shipped_on) for entry in request.shipments]
    upload = RowSource(context.request_id, None, request.notify, action="ship")
    results = apply_shipments(rows, upload, context, orders, settings)
    shared = _shared_numbers(request.shipments, owners)
    return [
        (entry.shipment_id, result._replace(notes=(*result.notes, *_warnings(entry, shared))))
        for entry, result in zip(request.shipments, results, strict=True)
    ]


def _shared_numbers(shipments: Iterable[ShipmentToShip], owners: KnownOwners) -> dict[str, set[str]]:
    """The shipments that have each number already or get it by this request."""
    given = [(number, entry.shipment_id) for entry in shipments for number in entry.tracking_numbers]
    known = {number: set(map(str, found)) for number, found in owners.find({number for number, _ in given}).items()}
    for number, shipment_id in given:
        known.setdefault(number, set()).add(shipment_id)
    return known


def _warnings(entry: ShipmentToShip, shared: Mapping[str, Collection[str]]) -> Iterator[str]:
    order_number = entry.shipment_id.partition("-")[0]
    for number in entry.tracking_numbers:
        if others := sorted(other for other in shared[number] if other.partition("-")[0] != order_number):
            yield shared_warning(number, others)


def _row(entry: ShipmentToShip, shipped_on: date | None) -> ShipmentRow:
    shipment = ShipmentId.parse(entry.shipment_id)
    assert shipment is not None  # noqa: S101 - the field's pattern is the id's
    row = shipping_row(shipment)
    return row._replace(tracking_numbers=entry.tracking_numbers or None, carrier=entry.carrier, shipped_on=shipped_on)


def shipping_row(shipment: ShipmentId) -> ShipmentRow:
    """A row that only marks the shipment as shipped."""
    return ShipmentRow(
        line=NOT_OF_A_FILE,
        shipment=shipment,
        tracking_numbers=None,
        carrier=None,
        status=ShippingStatus.SHIPPED,
        shipped_on=None,
        delivered_on=None,
        requested_date=None,
        time_slot=None,
        external_shipment_code=None,
        memo=None,
        message_to_member=None,
        handling_status=None,
        status_follows_from_date=False,
        warnings=(),
    )
