"""在庫."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query

from order_api import wiring
from order_api.auth import STAFF
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer, versions_not_to_match, versions_of
from order_api.routes.orders import Cursor, IdempotencyKey, IfMatch, Limit
from order_api.schemas.stock import (
    LedgerView,
    StockImportView,
    StockListView,
    StockView,
    ledger_view,
    stock_import_view,
    stock_list_view,
    stock_view,
)
from shukka.domain.errors import StockNotFoundError
from shukka.domain.text.values import Name
from shukka.http import Fault, Problem, ProblemError
from shukka.usecases.stock.import_levels import StockImport, import_stock
from shukka.usecases.stock.set_level import SetStockLevel, StockBasis, set_stock

router = Router()

Sku = Annotated[Name, Path(description="品番")]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="`*` for a sku that has no stock record yet"),
]
_NO_CONDITION = Problem(
    Fault.IF_MATCH_REQUIRED,
    "If-Match に読み取ったときの ETag を、在庫が未登録の品番では If-None-Match に * を指定してください",
)


@router.get(
    "/stock",
    operation_id="listStock",
    summary="Stock, by sku or only what is short",
    middlewares=[STAFF],
    responses=documented(StockListView),
)
def list_stock(
    sku: Annotated[str, Query(max_length=255, description="Only skus that begin so")] = "",
    short: Annotated[bool, Query(description="Only skus of which orders hold more than there is")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Any]:
    wanted = ("stock", sku, short)
    page = wiring.stock().page(sku, read_cursor(cursor, wanted), limit, short=short)
    return answer(200, stock_list_view(page, write_cursor(page.next, wanted)))


@router.post(
    "/stock/import",
    operation_id="importStock",
    summary="Set many levels (洗い替え), or add what arrived (入荷実績)",
    middlewares=[STAFF],
    responses=documented(StockImportView),
)
def post_import(request: Annotated[StockImport, Body()], idempotency_key: IdempotencyKey) -> Response[Any]:
    stock, context = wiring.stock(), wiring.context_of(router)
    results = import_stock(request, idempotency_key, context, stock, stock, wiring.stock_queue())
    return answer(200, stock_import_view(request.mode, results))


@router.get(
    "/stock/<sku>",
    operation_id="getStock",
    summary="The stock of a sku",
    middlewares=[STAFF],
    responses=documented(StockView, versioned=True),
)
def get(sku: Sku) -> Response[Any]:
    level = wiring.stock().load([sku]).get(sku)
    if level is None:
        raise StockNotFoundError(sku)
    return answer(200, stock_view(level), version=level.version)


@router.put(
    "/stock/<sku>",
    operation_id="setStock",
    summary="Set the stock of a sku",
    middlewares=[STAFF],
    responses=documented(StockView, versioned=True),
)
def put(
    sku: Sku,
    request: Annotated[SetStockLevel, Body()],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response[Any]:
    if if_match is None and if_none_match is None:
        raise ProblemError(_NO_CONDITION)
    basis = StockBasis(
        matching=None if if_match is None else versions_of(if_match),
        not_matching=None if if_none_match is None else versions_not_to_match(if_none_match),
    )
    level = set_stock(sku, request, basis, wiring.context_of(router), wiring.stock(), wiring.stock_queue())
    return answer(200, stock_view(level), version=level.version)


@router.get(
    "/stock/<sku>/ledger",
    operation_id="getStockLedger",
    summary="What moved the stock of a sku",
    middlewares=[STAFF],
    responses=documented(LedgerView),
)
def get_ledger(sku: Sku, limit: Limit = 50, cursor: Cursor = None) -> Response[Any]:
    wanted = ("ledger", sku)
    page = wiring.stock().ledger(sku, read_cursor(cursor, wanted), limit)
    return answer(200, ledger_view(page, write_cursor(page.next, wanted)))
