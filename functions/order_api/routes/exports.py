"""書き出し."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from order_api import wiring
from order_api.auth import STAFF
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer
from order_api.routes.orders import Cursor, Limit
from order_api.schemas.exports import ExportListView, ExportView, export_list_view, export_view
from shukka.domain.errors import NotFoundError
from shukka.domain.exports.job import RequestExport
from shukka.usecases.request_export import request_export

router = Router()

ExportId = Annotated[str, Path(max_length=40, description="The id that POST /exports answered")]
_LIST = "exports"


@router.post(
    "/exports",
    operation_id="requestExport",
    summary="Have orders, lines, shipments or carriers' labels written to a CSV file",
    middlewares=[STAFF],
    responses=documented(
        ExportView, status=202, description="It is being written; GET /exports/{id} says how far it is"
    ),
)
def post(request: Annotated[RequestExport, Body()]) -> Response[Any]:
    settings = wiring.settings().current()
    job = request_export(request, wiring.context_of(router), wiring.exports(), wiring.export_queue(), settings)
    return answer(202, export_view(job))


@router.get(
    "/exports",
    operation_id="listExports",
    summary="Exports of the last 30 days, newest first",
    middlewares=[STAFF],
    responses=documented(ExportListView),
)
def list_newest(limit: Limit = 50, cursor: Cursor = None) -> Response[Any]:
    page = wiring.exports().page(read_cursor(cursor, _LIST), limit)
    return answer(200, export_list_view(page, write_cursor(page.next, _LIST)))


@router.get(
    "/exports/<export_id>",
    operation_id="getExport",
    summary="How far an export is, and where its file is",
    middlewares=[STAFF],
    responses=documented(ExportView),
)
def get(export_id: ExportId) -> Response[Any]:
    job = wiring.exports().find(export_id)
    if job is None:
        raise NotFoundError(f"書き出し {export_id} は見つかりません")
    url = wiring.files().presigned_url(job.file_key, job.filename, "text/csv") if job.file_key else None
    return answer(200, export_view(job, url))
