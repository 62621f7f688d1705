"""受注."""

import hashlib
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query

from order_api import wiring
from order_api.auth import STAFF, STOREFRONT
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer, versions_of
from order_api.schemas.orders import (
    EditPreview,
    OrderListView,
    OrderView,
    PlacedView,
    PlacingPreviewView,
    order_list_view,
    order_view,
    placed_view,
    placing_preview_view,
    preview_view,
)
from shukka.domain.lists.listing import SETTLED_AFTER, OrderQuery, OrderSort, order_filter
from shukka.domain.settings import Settings
from shukka.domain.stock.display import StockDisplay
from shukka.usecases.commit_change import Edited
from shukka.usecases.order.amend import OrderAmendment, amend_order
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.order.preview_placing import preview_placing
from shukka.usecases.order.replace_lines import LinesReplacement, replace_lines
from shukka.usecases.ports import Placing

router = Router()

Number = Annotated[str, Path(max_length=20, description="受注番号")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag that the change is based on")]
_IDEMPOTENCY_KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=128,
    pattern="^[!-~]+$",
    description="Names this request: with the same key it takes effect once, however often it is sent",
)
IdempotencyKey = Annotated[str, _IDEMPOTENCY_KEY]
DryRun = Annotated[bool, Query(description="Write nothing, and only answer what would happen")]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]


@router.post(
    "/orders",
    operation_id="placeOrder",
    summary="Place an order",
    middlewares=[STOREFRONT],
    description="Needs an Idempotency-Key, except with `dry_run`, which tells what the order would come to.",
    responses=documented(PlacedView, status=201, description="Placed, or placed before with this key", versioned=True)
    | documented(PlacingPreviewView, description="With `dry_run`: totals, warnings and stock; nothing was stored"),
)
def place(
    request: Annotated[PlaceOrder, Body()],
    idempotency_key: Annotated[str | None, _IDEMPOTENCY_KEY] = None,
    dry_run: Annotated[bool, Query(description="Only answer what the order would come to, for a checkout")] = False,
) -> Response[Any]:
    if dry_run:
        settings = wiring.settings().current()
        display = StockDisplay.LEVEL if wiring.is_staff(router) else settings.storefront.stock
        preview = preview_placing(request, wiring.stock(), wiring.order_list(), settings, display)
        return answer(200, placing_preview_view(preview))
    if idempotency_key is None:
        raise RequestValidationError([{"type": "missing", "loc": ("header", "idempotency-key")}])
    context = wiring.context_of(router)
    # Without defaults, so that a field that is added later changes no hash of the bodies that do not use it.
    payload_hash = hashlib.sha256(request.model_dump_json(exclude_defaults=True).encode()).hexdigest()
    placing = Placing(client=context.actor, key=idempotency_key, payload_hash=payload_hash)
    placed = place_order(request, placing, context, wiring.orders(), wiring.settings().current())
    return answer(201, placed_view(placed.header), version=placed.header.version)


@router.get(
    "/orders",
    operation_id="listOrders",
    summary="Orders, newest first or by their last change",
    description=(
        "Filters combine. A filtered page can be short, or empty, and still have a next one. With `sort=updated_at`, "
        "the latest change comes last and the list ends two minutes ago, at `updated_until`: with that as the next "
        "`updated_from`, no change is missed and none comes twice. An order that changed several times comes once, "
        "with its last state. Marks that follow from other orders (`stock_short`) are no changes of an order."
    ),
    middlewares=[STAFF],
    responses=documented(OrderListView),
)
def list_orders(
    filters: Annotated[OrderQuery, Query()],
    sort: Annotated[OrderSort, Query()] = OrderSort.NEWEST,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Any]:
    settings = wiring.settings().current()
    wanted = order_filter(filters, settings)
    position = read_cursor(cursor, (sort, wanted))
    if sort is OrderSort.CHANGES:
        page = wiring.order_list().changes(wanted, position, wiring.now() - SETTLED_AFTER, limit)
    else:
        page = wiring.order_list().page(wanted, position, limit)
    return answer(200, order_list_view(page, write_cursor(page.next, (sort, wanted)), settings))


@router.get(
    "/orders/<number>",
    operation_id="getOrder",
    summary="One order",
    middlewares=[STAFF],
    responses=documented(OrderView, versioned=True),
)
def get(number: Number) -> Response[Any]:
    order, mails = wiring.orders().get_with_mails(number)
    return answer(200, order_view(order, wiring.settings().current(), list(mails)), version=order.version)


@router.patch(
    "/orders/<number>",
    operation_id="amendOrder",
    summary="Change fees, statuses, payment, messages",
    middlewares=[STAFF],
    responses=documented(OrderView | EditPreview, versioned=True),
)
def amend(
    number: Number, amendment: Annotated[OrderAmendment, Body()], if_match: IfMatch = None, dry_run: DryRun = False
) -> Response[Any]:
    settings = wiring.settings().current()
    edited = amend_order(
        number,
        amendment,
        versions_of(if_match),
        wiring.context_of(router),
        wiring.orders(),
        settings,
        dry_run=dry_run,
    )
    return edit_answer(edited, settings, dry_run=dry_run)


@router.put(
    "/orders/<number>/lines",
    operation_id="replaceLines",
    summary="Replace the lines",
    middlewares=[STAFF],
    responses=documented(OrderView | EditPreview, versioned=True),
)
def put_lines(
    number: Number,
    replacement: Annotated[LinesReplacement, Body()],
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response[Any]:
    edited = replace_lines(
        number, replacement, versions_of(if_match), wiring.context_of(router), wiring.orders(), dry_run=dry_run
    )
    return edit_answer(edited, wiring.settings().current(), dry_run=dry_run)


def edit_answer(edited: Edited, settings: Settings, *, dry_run: bool) -> Response[Any]:
    """The order after an edit, or what the edit would change."""
    if dry_run:
        return answer(200, preview_view(edited), version=edited.before.version)
    return answer(200, order_view(edited.after, settings), version=edited.after.version)
