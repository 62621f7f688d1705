"""受注の経過."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from order_api import wiring
from order_api.auth import STAFF
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer
from order_api.routes.orders import Cursor, Number
from order_api.schemas.timeline import TimelineView, timeline_view

router = Router()


@router.get(
    "/orders/<number>/timeline",
    operation_id="getTimeline",
    summary="What happened to an order: changes, imports, mails, documents and stock, newest first",
    middlewares=[STAFF],
    responses=documented(TimelineView),
)
def get(number: Number, cursor: Cursor = None) -> Response[Any]:
    of_order = ("timeline", number)
    page = wiring.timeline().page(number, read_cursor(cursor, of_order))
    return answer(200, timeline_view(number, page, write_cursor(page.next, of_order), wiring.settings().current()))
