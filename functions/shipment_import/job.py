"""One upload from the bucket to its report: claimed, applied batch by batch, continued where time runs out."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, NamedTuple

from shipment_import.problem import FileProblemError
from shipment_import.report import Report, problem_report
from shipment_import.rows import Batch
from shipment_import.upload import Upload as OpenUpload
from shipment_import.upload import open_upload
from shukka.domain.errors import NotFoundError
from shukka.domain.history import Context
from shukka.domain.import_job import ImportCounts, ImportJob, ImportState, import_id
from shukka.domain.settings import Settings
from shukka.domain.shipment_row import RejectedRow, ShipmentRow
from shukka.domain.values import business_date
from shukka.store.files import FileStore
from shukka.store.imports import ImportStore
from shukka.usecases.apply_shipments import Outcome, RowResult, Upload, apply_shipments
from shukka.usecases.ports import Clock, SettingsSource, ShipmentChanges

MAX_BYTES = 200_000_000
"""Larger files are refused: with its report, an upload has to fit on the function's disk."""

_CSV = "text/csv; charset=utf-8"
_IN_MEMORY_BYTES = 4_000_000
_TIME_TO_FINISH = timedelta(seconds=45)
# Longer than the function may run, so that a lease ends with its holder.
_LEASE = timedelta(minutes=6)
_FIRST_PROBLEMS = 20
_TOO_LARGE = f"ファイルが大きすぎます（上限 {MAX_BYTES // 1_000_000} MB）。分割して取り込んでください"


class ImportBusyError(Exception):
    """Another worker has this upload. The message comes back later, and finds it done or takes it over."""


class UploadedFile(NamedTuple):
    """What S3 says of a new object. `version` tells two uploads under the same key apart."""

    key: str
    version: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Importer:
    """Everything an import needs. `remaining` says how long the function may still run."""

    imports: ImportStore
    orders: ShipmentChanges
    files: FileStore
    settings: SettingsSource
    clock: Clock
    remaining: Callable[[], timedelta]

    def run(self, file: UploadedFile) -> ImportJob:
        """Works on the upload until it is done or time runs out; a job that is RUNNING wants to be run again.

        Raises ImportBusyError while another worker is at it.
        """
        job = self._claim(file)
        if job.state is not ImportState.RUNNING:
            return job
        if file.size > MAX_BYTES:
            return self._refuse(job, _TOO_LARGE)
        settings = self.settings.current()
        with _temporary_file() as body, _temporary_file() as results:
            try:
                self.files.download(file.key, body, version=file.version)
                body.seek(0)
                upload = open_upload(
                    body,
                    carriers=settings.carriers,
                    handling_statuses={status.label: status.key for status in settings.statuses},
                    today=business_date(job.received_at),
                    imports=settings.imports,
                )
            except (FileProblemError, NotFoundError) as problem:
                return self._refuse(job, str(problem))
            return self._work(job, upload, settings, results)

    def _claim(self, file: UploadedFile) -> ImportJob:
        now = self.clock()
        job_id = import_id(file.key, file.version, file.at)
        stored = self.imports.find(job_id)
        if stored and stored.state is not ImportState.RUNNING:
            return stored
        if stored and stored.lease_until and stored.lease_until > now:
            raise ImportBusyError
        job = stored or ImportJob(id=job_id, source_key=file.key, received_at=file.at)
        claimed = job.model_copy(update={"lease_until": now + _LEASE})
        if not self.imports.save(claimed, expected=stored):
            raise ImportBusyError
        return claimed

    def _work(self, job: ImportJob, upload: OpenUpload, settings: Settings, results: IO[bytes]) -> ImportJob:
        """Applies the batches from the job's checkpoint on. Rows that a killed run applied change nothing again."""
        for part in range(job.parts):
            self.files.download(_part_key(job, part), results)
        report = Report(results, upload.heading, continued=job.parts > 0)
        origin = Upload(job.id, PurePosixPath(job.source_key).name)
        # The day of the upload counts, also for a file that is worked on past midnight or a second time.
        context = Context(job.received_at, f"import:{job.id}", job.id)
        progress = _Progress(job)
        for batch in upload.batches(after_line=job.next_line):
            self._apply(batch, origin, context, settings, report, progress)
            if self.remaining() < _TIME_TO_FINISH:
                report.finish()
                return self._pause(job, progress, batch.last_line, results)
        report.finish()
        key = result_key(job.source_key)
        results.seek(0)
        self.files.upload(key, results, _CSV)
        outcome = {"state": ImportState.DONE, "format": upload.format_name, "result_key": key}
        return self._save(job, {**outcome, **progress.fields, "finished_at": self.clock(), "lease_until": None})

    def _apply(
        self,
        batch: Batch,
        origin: Upload,
        context: Context,
        settings: Settings,
        report: Report,
        progress: "_Progress",
    ) -> None:
        entries = list(batch)
        good = [row for row, _ in entries if isinstance(row, ShipmentRow)]
        applied = iter(apply_shipments(good, origin, context, self.orders, settings))
        for row, cells in entries:
            result = next(applied) if isinstance(row, ShipmentRow) else RowResult(Outcome.REJECTED)
            problems = row.problems if isinstance(row, RejectedRow) else row.warnings
            reasons = [*map(str, problems), *(f"{row.line}行目: {note}" for note in result.notes)]
            report.add(cells, result.outcome, reasons)
            progress.count(result.outcome, reasons)

    def _pause(self, job: ImportJob, progress: "_Progress", line: int, results: IO[bytes]) -> ImportJob:
        # All of the report so far is one part: the next run starts with it.
        results.seek(0)
        self.files.upload(_part_key(job, 0), results, _CSV)
        return self._save(job, {**progress.fields, "next_line": line, "parts": 1, "lease_until": None})

    def _refuse(self, job: ImportJob, reason: str) -> ImportJob:
        key = result_key(job.source_key)
        self.files.put(key, problem_report(reason), _CSV)
        outcome = {"state": ImportState.FAILED, "problem": reason, "result_key": key}
        return self._save(job, {**outcome, "finished_at": self.clock(), "lease_until": None})

    def _save(self, job: ImportJob, changes: dict[str, object]) -> ImportJob:
        saved = job.model_copy(update=changes)
        if not self.imports.save(saved, expected=job):
            raise ImportBusyError
        return saved


class _Progress:
    """What became of the rows so far."""

    def __init__(self, job: ImportJob) -> None:
        self._counts = job.counts.model_dump()
        self._first_problems = list(job.first_problems)

    def count(self, outcome: Outcome, reasons: Sequence[str]) -> None:
        self._counts[outcome] += 1
        if reasons and outcome is not Outcome.REJECTED:
            self._counts["warned"] += 1
        if outcome is Outcome.REJECTED and len(self._first_problems) < _FIRST_PROBLEMS:
            self._first_problems += reasons[:1]

    @property
    def fields(self) -> dict[str, object]:
        return {"counts": ImportCounts(**self._counts), "first_problems": tuple(self._first_problems)}


def result_key(source_key: str) -> str:
    """`imports/2026/yamato.csv` is answered by `results/2026/yamato.result.csv`."""
    path = PurePosixPath(source_key.removeprefix("imports/"))
    return f"results/{path.with_name(path.stem + '.result.csv')}"


def _part_key(job: ImportJob, part: int) -> str:
    return f"results/parts/{job.id}-{part}.csv"


def _temporary_file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)
