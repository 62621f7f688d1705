"""対応状況の一括変更."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import answer
from order_api.routes.orders import DryRun
from order_api.schemas import View
from shukka.usecases.order.change_statuses import StatusChange, StatusResult, change_statuses

router = Router()


class OrderResult(View):
    number: str
    result: StatusResult


class StatusResults(View):
    """One result for each order, in the order of the request."""

    results: list[OrderResult]


@router.post(
    "/orders/statuses",
    operation_id="changeStatuses",
    summary="Change the handling status of up to 100 orders",
    middlewares=[STAFF],
    responses=documented(StatusResults),
)
def change(request: Annotated[StatusChange, Body()], dry_run: DryRun = False) -> Response[Any]:
    settings, orders = wiring.settings().current(), wiring.shipment_changes(dry_run=dry_run)
    results = change_statuses(request, wiring.context_of(router), orders, settings)
    return answer(200, StatusResults(results=[OrderResult(number=number, result=result) for number, result in results]))
