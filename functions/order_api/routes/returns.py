"""返品."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import versions_of
from order_api.routes.orders import DryRun, IfMatch, Number, edit_answer
from order_api.schemas.orders import EditPreview, OrderView
from shukka.domain.order.goods_return import MAX_RETURNS
from shukka.usecases.order.return_goods import ReturnGoods, return_goods
from shukka.usecases.order.void_return import VoidReturn, void_return

router = Router()

N = Annotated[int, Path(ge=1, le=MAX_RETURNS, description="The return's `n`, as the order shows it")]


@router.post(
    "/orders/<number>/returns",
    operation_id="recordReturn",
    summary="Record goods that were shipped and returned",
    middlewares=[STAFF],
    responses=documented(OrderView | EditPreview, versioned=True),
)
def record(
    number: Number, request: Annotated[ReturnGoods, Body()], if_match: IfMatch = None, dry_run: DryRun = False
) -> Response[Any]:
    context = wiring.context_of(router)
    edited = return_goods(number, request, versions_of(if_match), context, wiring.orders(), dry_run=dry_run)
    return edit_answer(edited, wiring.settings().current(), dry_run=dry_run)


@router.post(
    "/orders/<number>/returns/<n>/void",
    operation_id="voidReturn",
    summary="Take back a return that was recorded by mistake",
    middlewares=[STAFF],
    responses=documented(OrderView | EditPreview, versioned=True),
)
def void(
    number: Number, n: N, request: Annotated[VoidReturn, Body()], if_match: IfMatch = None, dry_run: DryRun = False
) -> Response[Any]:
    context = wiring.context_of(router)
    edited = void_return(number, n, request, versions_of(if_match), context, wiring.orders(), dry_run=dry_run)
    return edit_answer(edited, wiring.settings().current(), dry_run=dry_run)
