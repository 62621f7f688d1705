"""Imports as staff see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from order_api.schemas import View
from shukka.domain.imports.job import ImportJob, ImportState, UploadMode
from shukka.store.imports import ImportPage
from shukka.usecases.request_upload import RequestedUpload


class UploadFormView(View):
    """POST `fields`, then the file as the field `file`, to `url` as multipart/form-data, within fifteen minutes."""

    url: str
    fields: Mapping[str, str]
    max_bytes: int


class RequestedUploadView(View):
    """`id` is the import's, to be asked for at /imports/{id}."""

    id: str = Field(examples=["20261126030000-0123456789ab"])
    state: ImportState
    upload: UploadFormView

    @classmethod
    def of(cls, requested: RequestedUpload, max_bytes: int) -> Self:
        form = UploadFormView(url=requested.form.url, fields=requested.form.fields, max_bytes=max_bytes)
        return cls(id=requested.job.id, state=requested.job.state, upload=form)


class ImportCountsView(View):
    """Rows. `applied` of a dry run are those that would be; `held` were good, in a strict upload that was refused.

    `passed_over` rows say otherwise than a change that is newer than their file. `warned` and `not_shipped` rows are
    among the others; the latter are a carrier's rows that left their shipment 未発送, for want of a date or a number.
    """

    rows: int
    applied: int
    unchanged: int
    rejected: int
    held: int
    passed_over: int
    warned: int
    not_shipped: int


class ImportRowView(View):
    """An import on the list. While it is `waiting`, no file has come; `counts` grow while it is `running`."""

    id: str
    filename: str
    mode: UploadMode
    notify: bool
    state: ImportState
    stage: Literal["checking", "applying"] | None = Field(
        description="While it runs. A strict upload is checked to its end before anything of it is applied"
    )
    percent: int = Field(description="How much of the file was read in this stage")
    received_at: datetime
    finished_at: datetime | None
    format: str | None = Field(description="What the file was recognised as", examples=["ヤマトB2クラウド"])
    counts: ImportCountsView
    problem: str | None = Field(description="Why nothing was taken, in Japanese")
    repeats: str | None = Field(description="Where the same content was imported before: when and from where")


class FileLinkView(View):
    """A file in the bucket, and a link to it that works for five minutes."""

    key: str
    url: str


class ImportView(ImportRowView):
    """`result` has the original's columns with 結果 and 理由 behind them, ready to be mended and uploaded again."""

    first_problems: list[str] = Field(description="Of rejected rows, at most 20, in Japanese")
    first_warnings: list[str] = Field(
        description="What to look at in rows that were not rejected, of at most 20 rows, in Japanese"
    )
    original: FileLinkView | None
    result: FileLinkView | None


class ImportListView(View):
    """`next_cursor` is null on the last page."""

    imports: list[ImportRowView]
    next_cursor: str | None


def import_list_view(page: ImportPage, next_cursor: str | None) -> ImportListView:
    return ImportListView(imports=[_row(job) for job in page.jobs], next_cursor=next_cursor)


def import_view(job: ImportJob, original: FileLinkView | None, result: FileLinkView | None) -> ImportView:
    return ImportView(
        **_row(job).model_dump(),
        first_problems=list(job.first_problems),
        first_warnings=list(job.first_warnings),
        original=original,
        result=result,
    )


def _row(job: ImportJob) -> ImportRowView:
    stage: Literal["checking", "applying"] = "checking" if job.is_checking else "applying"
    return ImportRowView(
        id=job.id,
        filename=job.filename,
        mode=job.mode,
        notify=job.notify,
        state=job.state,
        stage=stage if job.state is ImportState.RUNNING else None,
        percent=job.percent,
        received_at=job.received_at,
        finished_at=job.finished_at,
        format=job.format,
        counts=ImportCountsView(rows=job.counts.rows, **job.counts.model_dump()),
        problem=job.problem,
        repeats=job.repeats,
    )
