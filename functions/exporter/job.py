"""One export from its request to its file: claimed, written part by part, continued where time runs out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from shukka.domain.errors import RuleError
from shukka.domain.exports.job import MAX_PROBLEMS, ExportJob, ExportProgress, ExportState, RequestExport
from shukka.domain.exports.sheet import Row, Sheet, sheet_of, unknown
from shukka.domain.lists.listing import Days, order_filter
from shukka.domain.lists.unshipped import ShipmentFilter
from shukka.domain.settings import Settings
from shukka.domain.text.csv_text import Encoding
from shukka.domain.text.values import business_date
from shukka.store.export_files import ExportFiles
from shukka.store.export_source import ExportSource, SourcePage
from shukka.store.exports import ExportStore
from shukka.usecases.ports import Clock, SettingsSource

PART_BYTES = 8_000_000
"""More than the 5 MiB that S3 requires of all parts but the last."""

_TIME_TO_FINISH = timedelta(seconds=30)
# Longer than the function may run, so that a lease ends with its holder.
_LEASE = timedelta(minutes=6)
_FAILED = "ファイルを作成できませんでした。時間をおいて、もう一度書き出してください"


class ExportBusyError(Exception):
    """Another worker has this job. The message is retried later, and finds it done or takes it over."""


@dataclass(frozen=True)
class Exporter:
    """Everything an export needs. `remaining` says how long the function may still run."""

    exports: ExportStore
    source: ExportSource
    files: ExportFiles
    settings: SettingsSource
    clock: Clock
    remaining: Callable[[], timedelta]

    def run(self, job_id: str) -> ExportJob | None:
        """Works on the job until it is done or time runs out; a job that is still RUNNING has to be run again.

        None if there is no such job. Raises ExportBusyError while another worker has it.
        """
        stored = self.exports.find(job_id)
        if stored is None or stored.is_over:
            return stored
        now = self.clock()
        if stored.lease_until and stored.lease_until > now:
            raise ExportBusyError
        job = self._save(stored, state=ExportState.RUNNING, lease_until=now + _LEASE)
        try:
            return self._finished(job) if job.progress.written else self._write(job)
        except RuleError as refusal:
            # The settings have changed since the request was checked.
            return self._failed(job, str(refusal))

    def give_up(self, job_id: str) -> None:
        """Ends the job as failed, so that nobody waits for it."""
        job = self.exports.find(job_id)
        if job and not job.is_over:
            self._failed(job, _FAILED)

    def _failed(self, job: ExportJob, problem: str) -> ExportJob:
        return self._save(job, state=ExportState.FAILED, problem=problem, finished_at=self.clock(), lease_until=None)

    def _write(self, job: ExportJob) -> ExportJob:
        settings = self.settings.current()
        # The day of the request, even if the file is written after midnight.
        sheet = sheet_of(job.request, settings, business_date(job.requested_at))
        draft = _Draft(job, self.files)
        if job.progress == ExportProgress():
            draft.write(sheet.beginning())
        for page in self._pages(job, settings):
            draft.add(page.position, len(page.orders), _rows(sheet, page))
            if draft.is_a_part:
                job = self._save(job, progress=draft.with_part(), lease_until=self.clock() + _LEASE)
                draft = _Draft(job, self.files)
            if self.remaining() < _TIME_TO_FINISH:
                return self._save(job, progress=draft.set_aside(), lease_until=None)
        return self._finished(self._save(job, progress=draft.with_last_part()))

    def _finished(self, job: ExportJob) -> ExportJob:
        progress, key = job.progress, None
        if progress.upload_id:
            key = file_key(job)
            self.files.finish(key, progress.upload_id, progress.parts)
        return self._save(job, state=ExportState.DONE, file_key=key, finished_at=self.clock(), lease_until=None)

    def _pages(self, job: ExportJob, settings: Settings) -> Iterator[SourcePage]:
        request, after = job.request, job.progress.position
        wanted = order_filter(request.filters, settings)
        if request.labels is None:
            return self.source.orders(request.kind, wanted, after)
        waiting = ShipmentFilter(
            carrier=request.labels.format.layout.carrier,
            requested_from=request.filters.requested_from,
            requested_to=request.filters.requested_to,
        )
        return self.source.shipments_to_label(request.labels, wanted._replace(requested=Days()), waiting, after)

    def _save(self, job: ExportJob, **changes: object) -> ExportJob:
        saved = self.exports.save(job.model_copy(update=changes))
        if saved is None:
            raise ExportBusyError
        return saved


class _Draft:
    """The part of the file that is not in the bucket yet, and the progress."""

    def __init__(self, job: ExportJob, files: ExportFiles) -> None:
        self._job = job
        self._files = files
        self._progress = job.progress
        self._text = bytearray(files.kept(self._tail_key()) if job.progress.tail is not None else b"")

    @property
    def is_a_part(self) -> bool:
        return len(self._text) >= PART_BYTES

    def write(self, text: bytes) -> None:
        self._text += text

    def add(self, position: str, orders: int, rows: Iterable[Row]) -> None:
        progress = self._progress
        count, left_out = progress.rows, progress.left_out
        problem_count, problems = progress.problem_count, list(progress.problems)
        for text, found in rows:
            self._text += text
            count += bool(text)
            left_out += bool(found) and not text
            problem_count += len(found)
            problems += found[: MAX_PROBLEMS - len(problems)]
        self._progress = progress.model_copy(
            update={
                "position": position,
                "orders": progress.orders + orders,
                "rows": count,
                "left_out": left_out,
                "problem_count": problem_count,
                "problems": tuple(problems),
            }
        )

    def with_part(self) -> ExportProgress:
        """The progress with the text as a part of the file."""
        key, progress = file_key(self._job), self._progress
        upload_id = progress.upload_id or self._files.begin(key, content_type(self._job.request))
        tag = self._files.add_part(key, upload_id, len(progress.parts) + 1, bytes(self._text))
        return progress.model_copy(update={"upload_id": upload_id, "parts": (*progress.parts, tag), "tail": None})

    def with_last_part(self) -> ExportProgress:
        """The progress of a complete file. Without any rows there is no file."""
        there_is_more = bool(self._text) if self._progress.upload_id else self._progress.rows > 0
        progress = self.with_part() if there_is_more else self._progress
        return progress.model_copy(update={"written": True})

    def set_aside(self) -> ExportProgress:
        """The progress with the text kept for the next run. Each run keeps its own."""
        progress = self._progress.model_copy(update={"tail": self._job.revision})
        self._files.keep(_tail_key(self._job, self._job.revision), bytes(self._text))
        return progress

    def _tail_key(self) -> str:
        return _tail_key(self._job, self._job.progress.tail or 0)


def _rows(sheet: Sheet, page: SourcePage) -> Iterator[Row]:
    for order in page.orders:
        yield from sheet.rows(order)
    yield from unknown(page.unknown)


def file_key(job: ExportJob) -> str:
    return f"exports/{job.id}.csv"


def _tail_key(job: ExportJob, number: int) -> str:
    return f"exports/parts/{job.id}-{number}"


def content_type(request: RequestExport) -> str:
    is_cp932 = request.labels is not None or request.encoding is Encoding.CP932
    return f"text/csv; charset={'Shift_JIS' if is_cp932 else 'utf-8'}"
