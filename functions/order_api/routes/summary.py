"""The desk's first look: how much there is to do."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import answer
from order_api.schemas.summary import SummaryView, summary_view

router = Router()


@router.get(
    "/orders/summary",
    operation_id="getSummary",
    summary="Open orders, counted by what they wait for",
    middlewares=[STAFF],
    responses=documented(SummaryView),
)
def get() -> Response[Any]:
    return answer(200, summary_view(wiring.order_list().count_open(), wiring.settings().current()))
