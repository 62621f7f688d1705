"""会員の注文履歴."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from order_api import wiring
from order_api.answers import answer
from order_api.auth import STOREFRONT
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import answers
from order_api.routes.orders import Cursor, Limit
from order_api.schemas.members import MemberOrderListView, member_order_list_view
from shukka.domain.listing import OrderFilter

router = Router()

MemberId = Annotated[str, Path(max_length=255, description="会員ID")]


@router.get(
    "/members/<member_id>/orders",
    summary="A member's orders, newest first",
    middlewares=[STOREFRONT],
    responses=answers(MemberOrderListView),
)
def list_orders(member_id: MemberId, limit: Limit = 20, cursor: Cursor = None) -> Response[Any]:
    wanted = OrderFilter.of_member(member_id)
    page = wiring.order_list().page(wanted, read_cursor(cursor, wanted), limit)
    return answer(200, member_order_list_view(page, write_cursor(page.next, wanted), wiring.settings().current()))
