"""出荷実績の取り込み."""

from pathlib import PurePosixPath
from secrets import token_hex
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from order_api import wiring
from order_api.auth import OPEN, STAFF
from order_api.cursor import read_cursor, write_cursor
from order_api.openapi import documented
from order_api.responses import answer
from order_api.routes.orders import Cursor, Limit
from order_api.schemas.imports import (
    FileLinkView,
    ImportListView,
    ImportView,
    RequestedUploadView,
    import_list_view,
    import_view,
)
from shukka.domain.imports.job import MAX_BYTES, ImportJob, ImportState, new_import_id
from shukka.usecases.request_upload import RequestUpload, request_upload

router = Router()

Id = Annotated[str, Path(max_length=40, description="As answered by POST /imports")]

_CSV = "text/csv; charset=utf-8"
# What every file of the list has in common, for its cursor.
_LIST = "imports"


@router.post(
    "/imports",
    operation_id="requestUpload",
    summary="Ask for a place to upload a carrier's file to",
    middlewares=[STAFF],
    responses=documented(RequestedUploadView, status=201, description="Waiting for the file"),
)
def request(request: Annotated[RequestUpload, Body()]) -> Response[Any]:
    now = wiring.now()
    requested = request_upload(request, new_import_id(now, token_hex(6)), now, wiring.imports(), wiring.files())
    return answer(201, RequestedUploadView.of(requested, MAX_BYTES))


@router.get(
    "/imports",
    operation_id="listImports",
    summary="Imports, newest first",
    middlewares=[STAFF],
    responses=documented(ImportListView),
)
def list_newest(limit: Limit = 50, cursor: Cursor = None) -> Response[Any]:
    page = wiring.imports().page(read_cursor(cursor, _LIST), limit)
    return answer(200, import_list_view(page, write_cursor(page.next, _LIST)))


@router.get("/docs/imports", middlewares=[OPEN], include_in_schema=False)
def guide() -> Response[Any]:
    from order_api.import_guide import guide_page  # noqa: PLC0415 - nobody else needs its texts

    return Response(200, "text/html; charset=utf-8", guide_page())


@router.get("/docs/imports/template.csv", middlewares=[OPEN], include_in_schema=False)
def template() -> Response[Any]:
    from order_api.import_guide import TEMPLATE_FILENAME, template_csv  # noqa: PLC0415 - as above

    return Response(
        200, _CSV, template_csv(), headers={"Content-Disposition": f'attachment; filename="{TEMPLATE_FILENAME}"'}
    )


@router.get(
    "/imports/<import_id>",
    operation_id="getImport",
    summary="One import",
    middlewares=[STAFF],
    responses=documented(ImportView),
)
def get(import_id: Id) -> Response[Any]:
    job = wiring.imports().get(import_id)
    return answer(200, import_view(job, _original(job), _result(job)))


def _original(job: ImportJob) -> FileLinkView | None:
    return None if job.state is ImportState.WAITING else _link(job.source_key, job.version)


def _result(job: ImportJob) -> FileLinkView | None:
    return _link(job.result_key, job.result_version) if job.result_key else None


def _link(key: str, version: str | None) -> FileLinkView:
    url = wiring.files().presigned_url(key, PurePosixPath(key).name, _CSV, version or "")
    return FileLinkView(key=key, url=url)
