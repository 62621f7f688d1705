"""Exports as staff see them."""

from datetime import datetime

from pydantic import Field

from order_api.schemas import View
from shukka.domain.exports.job import ExportJob, ExportProblem, ExportState, RequestExport
from shukka.store.exports import ExportPage


class ExportView(View):
    """書き出し. `orders` are those that were looked at so far, `rows` those written; `left_out` have no row.

    `problems` are the first of `problem_count`. `download_url` is there once the file is, and works for some minutes:
    ask again for another. A file without any row is not made.
    """

    id: str = Field(examples=["20261126030000-1f4c9b2a7d3e"])
    state: ExportState
    request: RequestExport
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    orders: int
    rows: int
    left_out: int
    problem_count: int
    problems: list[ExportProblem]
    problem: str | None = Field(description="Why there is no file, in Japanese")
    filename: str = Field(examples=["受注_20261126120000.csv"])
    download_url: str | None = None


class ExportListView(View):
    """Newest first, without download links. `next_cursor` is null on the last page."""

    exports: list[ExportView]
    next_cursor: str | None


_NO_ROWS = "条件に合うデータがありませんでした"


def export_view(job: ExportJob, download_url: str | None = None) -> ExportView:
    progress = job.progress
    is_empty = job.state is ExportState.DONE and job.file_key is None
    return ExportView(
        id=job.id,
        state=job.state,
        request=job.request,
        requested_by=job.requested_by,
        requested_at=job.requested_at,
        finished_at=job.finished_at,
        orders=progress.orders,
        rows=progress.rows,
        left_out=progress.left_out,
        problem_count=progress.problem_count,
        problems=list(progress.problems),
        problem=_NO_ROWS if is_empty else job.problem,
        filename=job.filename,
        download_url=download_url,
    )


def export_list_view(page: ExportPage, next_cursor: str | None) -> ExportListView:
    return ExportListView(exports=[export_view(job) for job in page.jobs], next_cursor=next_cursor)
