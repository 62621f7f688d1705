"""Shipments in lists."""

from datetime import date
from typing import Self

from order_api.schemas import View
from order_api.schemas.orders import TrackingView, tracking_views
from shukka.domain.lists.unshipped import ShipmentPage, WaitingShipment
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.usecases.shipping.apply_rows import Outcome, RowResult


class ShipmentRowView(View):
    """A shipment on the desk's list, with what is needed of its order."""

    shipment_id: str
    status: ShippingStatus
    carrier: str | None
    carrier_name: str | None
    tracking_numbers: list[str]
    tracking: list[TrackingView]
    requested_date: date | None
    time_slot: str | None
    order_number: str
    company: str
    name: str
    handling_status: str
    handling_status_label: str
    paid_on: date | None
    awaits_payment: bool


class ShipmentListView(View):
    """`next_cursor` is null on the last page."""

    shipments: list[ShipmentRowView]
    next_cursor: str | None


class ShipResult(View):
    """What became of one shipment; `notes` say why it was refused, or what to look at although it was not."""

    shipment_id: str
    result: Outcome
    notes: list[str]

    @classmethod
    def of(cls, shipment_id: str, result: RowResult) -> Self:
        return cls(shipment_id=shipment_id, result=result.outcome, notes=list(result.notes))


class ShipResults(View):
    """One result for each shipment, in the order of the request."""

    results: list[ShipResult]


def shipment_list_view(page: ShipmentPage, next_cursor: str | None, settings: Settings) -> ShipmentListView:
    return ShipmentListView(shipments=[_row(entry, settings) for entry in page.shipments], next_cursor=next_cursor)


def _row(entry: WaitingShipment, settings: Settings) -> ShipmentRowView:
    order, shipment = entry
    carrier = settings.carrier(shipment.carrier)
    method = settings.payment_method(order.payment.method)
    return ShipmentRowView(
        shipment_id=str(ShipmentId(order.number, shipment.n)),
        status=shipment.status,
        carrier=shipment.carrier,
        carrier_name=carrier.name if carrier else None,
        tracking_numbers=list(shipment.tracking_numbers),
        tracking=tracking_views(shipment, settings),
        requested_date=shipment.requested_date,
        time_slot=shipment.time_slot,
        order_number=order.number,
        company=order.company,
        name=order.name,
        handling_status=order.handling_status,
        handling_status_label=settings.status_label(order.handling_status),
        paid_on=order.payment.paid_on,
        awaits_payment=bool(method and method.awaits_payment and not order.payment.paid_on),
    )
