"""出荷."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from order_api import wiring
from order_api.auth import STAFF
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer, versions_of
from order_api.routes.orders import Cursor, DryRun, IfMatch, Limit, Number, edit_answer
from order_api.schemas.orders import EditPreview, OrderView, ShipmentView, shipment_view
from order_api.schemas.shipments import (
    ShipmentListView,
    ShipResult,
    ShipResults,
    shipment_list_view,
)
from shukka.domain.errors import Rule, RuleError, ShipmentNotFoundError
from shukka.domain.lists.unshipped import ShipmentFilter
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.text.dates import BusinessDate
from shukka.usecases.shipping.allocate import AllocateShipments, allocate_shipments
from shukka.usecases.shipping.amend import ShipmentAmendment, amend_shipment
from shukka.usecases.shipping.ship import ShipShipments, ship
from shukka.usecases.shipping.watch_numbers import other_owners

router = Router()

Id = Annotated[str, Path(max_length=20, description="発送ID, such as 100001-1")]


@router.get(
    "/shipments",
    operation_id="listShipments",
    summary="Shipments that have not left, by the day they are wanted",
    middlewares=[STAFF],
    responses=documented(ShipmentListView),
)
def list_waiting(
    status: Annotated[list[ShippingStatus] | None, Query(description="not_shipped, instructed or both")] = None,
    carrier: Annotated[str | None, Query(max_length=40)] = None,
    requested_from: Annotated[BusinessDate | None, Query()] = None,
    requested_to: Annotated[BusinessDate | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Any]:
    if requested_from and requested_to and requested_from > requested_to:
        raise RuleError("期間の終わりが始まりより前です", "requested_to", Rule.REVERSED_PERIOD)
    statuses = tuple(sorted(set(status))) if status else ShipmentFilter().statuses
    wanted = ShipmentFilter(statuses, carrier, requested_from, requested_to)
    page = wiring.shipment_list().page(wanted, read_cursor(cursor, wanted), limit)
    settings = wiring.settings().current()
    return answer(200, shipment_list_view(page, write_cursor(page.next, wanted), settings))


@router.post(
    "/shipments/ship",
    operation_id="shipShipments",
    summary="Mark up to 100 shipments as shipped",
    middlewares=[STAFF],
    responses=documented(ShipResults),
)
def ship_many(request: Annotated[ShipShipments, Body()], dry_run: DryRun = False) -> Response[Any]:
    settings = wiring.settings().current()
    changes = wiring.shipment_changes(dry_run=dry_run)
    results = ship(request, wiring.context_of(router), changes, settings, wiring.number_owners())
    return answer(200, ShipResults(results=[ShipResult.of(shipment_id, result) for shipment_id, result in results]))


@router.get(
    "/shipments/<shipment_id>",
    operation_id="getShipment",
    summary="One shipment",
    middlewares=[STAFF],
    responses=documented(ShipmentView, versioned=True),
)
def get(shipment_id: Id) -> Response[Any]:
    parsed = ShipmentId.parse(shipment_id)
    if parsed is None:
        raise ShipmentNotFoundError(shipment_id)
    return _shipment_answer(wiring.orders().get(parsed.order_number), parsed)


@router.patch(
    "/shipments/<shipment_id>",
    operation_id="amendShipment",
    summary="Change numbers, status, dates, carrier, destination of a shipment",
    middlewares=[STAFF],
    responses=documented(ShipmentView | EditPreview, versioned=True),
)
def amend(
    shipment_id: Id, amendment: Annotated[ShipmentAmendment, Body()], if_match: IfMatch = None, dry_run: DryRun = False
) -> Response[Any]:
    based_on, settings = versions_of(if_match), wiring.settings().current()
    context = wiring.context_of(router)
    edited = amend_shipment(shipment_id, amendment, based_on, context, wiring.orders(), settings, dry_run=dry_run)
    if dry_run:
        return edit_answer(edited, settings, dry_run=True)
    parsed = ShipmentId.parse(shipment_id)
    assert parsed is not None  # noqa: S101 - the use case has just found it
    gained = _numbers(edited.after, parsed) - _numbers(edited.before, parsed)
    return _shipment_answer(edited.after, parsed, other_owners(gained, parsed.order_number, wiring.number_owners()))


@router.put(
    "/orders/<number>/shipments",
    operation_id="allocateShipments",
    summary="Split and merge: which shipment holds how many of which line",
    middlewares=[STAFF],
    responses=documented(OrderView | EditPreview, versioned=True),
)
def allocate(
    number: Number, request: Annotated[AllocateShipments, Body()], if_match: IfMatch = None, dry_run: DryRun = False
) -> Response[Any]:
    based_on, context = versions_of(if_match), wiring.context_of(router)
    edited = allocate_shipments(number, request, based_on, context, wiring.orders(), dry_run=dry_run)
    return edit_answer(edited, wiring.settings().current(), dry_run=dry_run)


def _numbers(order: Order, shipment_id: ShipmentId) -> set[str]:
    return set(order.shipment(shipment_id.n).tracking_numbers)


def _shipment_answer(
    order: Order, shipment_id: ShipmentId, others: Mapping[str, Sequence[ShipmentId]] | None = None
) -> Response[Any]:
    view = shipment_view(order, order.shipment(shipment_id.n), wiring.settings().current(), others)
    return answer(200, view, version=order.version)
