"""会員の注文履歴."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from order_api import wiring
from order_api.auth import STOREFRONT
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import PDF_LINK, documented
from order_api.responses import answer
from order_api.routes.orders import Cursor, Limit, Number
from order_api.schemas.members import (
    MemberOrderListView,
    MemberOrderView,
    member_order_list_view,
    member_order_view,
)
from shukka.domain.documents.document import TITLES
from shukka.domain.errors import NotFoundError, OrderNotFoundError
from shukka.domain.lists.listing import OrderFilter
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import DocumentKind

router = Router()

MemberId = Annotated[str, Path(max_length=255, description="会員ID")]


@router.get(
    "/members/<member_id>/orders",
    operation_id="listMemberOrders",
    summary="A member's orders, newest first",
    middlewares=[STOREFRONT],
    responses=documented(MemberOrderListView),
)
def list_orders(member_id: MemberId, limit: Limit = 20, cursor: Cursor = None) -> Response[Any]:
    wanted = OrderFilter.of_member(member_id)
    page = wiring.order_list().page(wanted, read_cursor(cursor, wanted), limit)
    return answer(200, member_order_list_view(page, write_cursor(page.next, wanted), wiring.settings().current()))


@router.get(
    "/members/<member_id>/orders/<number>",
    operation_id="getMemberOrder",
    summary="A member's order, with the documents issued for it",
    middlewares=[STOREFRONT],
    responses=documented(MemberOrderView),
)
def get_order(member_id: MemberId, number: Number) -> Response[Any]:
    order = _order_of(member_id, number)
    issued = wiring.orders().list_issued(number)
    return answer(200, member_order_view(member_id, order, issued, wiring.settings().current()))


@router.get(
    "/members/<member_id>/orders/<number>/documents/<kind>",
    operation_id="getMemberDocument",
    summary="The newest document of its kind that was issued for a member's order",
    middlewares=[STOREFRONT],
    responses={302: PDF_LINK},
)
def get_document(member_id: MemberId, number: Number, kind: DocumentKind) -> Response[Any]:
    _order_of(member_id, number)
    document = next((document for document in wiring.orders().list_issued(number) if document.kind is kind), None)
    if document is None or document.pdf_key is None:
        raise NotFoundError(f"{TITLES[kind]}はまだ発行されていません")
    filename = f"{TITLES[kind]}_{number}-{document.revision}.pdf"
    location = wiring.files().presigned_url(document.pdf_key, filename, "application/pdf")
    return Response(302, body="", headers={"location": location, "cache-control": "no-store"})


def _order_of(member_id: str, number: str) -> Order:
    """Raises OrderNotFoundError also for another member's order, which is none of the caller's business."""
    order = wiring.orders().get(number)
    if order.header.member.member_id != member_id:
        raise OrderNotFoundError(number)
    return order
