"""One upload from the bucket to its report: claimed, processed, and resumed if it was cut off."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any, NamedTuple

from shipment_import.file_problem import FileProblemError
from shipment_import.file_run import FileRun
from shipment_import.listed import ListedNumbers
from shipment_import.options import Options, options_of
from shipment_import.report import close_report, problem_report
from shipment_import.rows import Batch
from shipment_import.upload import Upload, open_upload
from shukka.domain.errors import NotFoundError
from shukka.domain.imports.job import (
    MAX_BYTES,
    ImportCounts,
    ImportJob,
    ImportState,
    import_id,
    requested_id,
    result_key,
)
from shukka.domain.order.outbox import Mail, Recipient
from shukka.domain.settings import Settings
from shukka.domain.text.options import retired_first
from shukka.domain.text.values import business_date
from shukka.store.files import FileStore
from shukka.store.imports import ImportStore
from shukka.usecases.ports import Clock, ImportedShipments, SettingsSource
from shukka.usecases.shipping.apply_rows import IsListed

_CSV = "text/csv; charset=utf-8"
_IN_MEMORY_BYTES = 4_000_000
_TIME_TO_FINISH = timedelta(seconds=45)
# Longer than the function may run, so that a lease ends with its holder.
LEASE = timedelta(minutes=6)
# Enough orders at a time to fill requests, and few rows to repeat after a run that was cut off.
_ROWS_AT_ONCE = 500
_ROWS_TO_CHECKPOINT = 2_000
_GIVEN_UP = "予期しない問題が続いたため、取り込みを中止しました。同じファイルをもう一度取り込んでください"
_SOME_ROWS_TAKEN = (
    "。結果ファイルにある行は処理済みです。それより後の行も、一部は反映されていることがあります"
    "（もう一度取り込んでも、反映済みの内容は変わりません）"
)
_TOO_LARGE = f"ファイルが大きすぎます（上限 {MAX_BYTES // 1_000_000} MB）。分割して取り込んでください"


class ImportBusyError(Exception):
    """Another worker has this upload. The message is retried later, and finds it done or takes it over."""


class ImportGivenUpError(Exception):
    """A fault on the last attempt, which is this error's cause. The job has ended as failed, with report and mail."""

    def __init__(self, job: ImportJob) -> None:
        super().__init__(job.id)
        self.job = job


class UploadedFile(NamedTuple):
    """A new object in S3's notification. `version` distinguishes two uploads under the same key."""

    key: str
    version: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Importer:
    """Everything an import needs. `remaining` says how long the function may still run."""

    imports: ImportStore
    orders: ImportedShipments
    files: FileStore
    settings: SettingsSource
    clock: Clock
    remaining: Callable[[], timedelta]

    def run(self, file: UploadedFile, *, last_try: bool = False) -> ImportJob:
        """Works on the upload until it is over or time runs out; a job that is RUNNING has to be run again.

        Raises ImportBusyError while another worker has it, and on the last attempt ImportGivenUpError for any fault.
        """
        job = self._claim(file)
        if job.is_over:
            return job
        try:
            return self._work_on(job, file)
        except ImportBusyError:
            raise
        except Exception as fault:
            if not last_try:
                raise
            ended = self._refuse(self._find(file) or job, _GIVEN_UP, self.settings.current())
            raise ImportGivenUpError(ended) from fault

    def _work_on(self, job: ImportJob, file: UploadedFile) -> ImportJob:
        settings = self.settings.current()
        if file.size > MAX_BYTES:
            return self._refuse(job, _TOO_LARGE, settings)
        with _temporary_file() as body:
            try:
                options = options_of(self.files.download(file.key, body, version=file.version))
                job = self._described(job, options, body)
                upload = _open(body, job, settings, options)
            except (FileProblemError, NotFoundError) as problem:
                return self._refuse(job, str(problem), settings)
            is_listed = ListedNumbers(body, partial(_open, body, job, settings, options))
            if job.is_checking:
                job = self._go_through(job, upload, body, settings, is_listed)
                if job.is_checking:
                    return job
                upload = _open(body, job, settings, options)
            return self._go_through(job, upload, body, settings, is_listed)

    def give_up(self, file: UploadedFile) -> ImportJob:
        """Ends the upload as failed, with a report and a mail, if no worker lived long enough to do so.

        An upload that is over stays as it is. Raises ImportBusyError while another worker has it.
        """
        job = self._claim(file)
        return job if job.is_over else self._refuse(job, _GIVEN_UP, self.settings.current())

    def _claim(self, file: UploadedFile) -> ImportJob:
        now = self.clock()
        stored = self._find(file)
        if stored and stored.is_over:
            return stored
        if stored and stored.lease_until and stored.lease_until > now:
            raise ImportBusyError
        new = ImportJob(id=import_id(file.key, file.version, file.at), source_key=file.key, received_at=file.at)
        claim = {"state": ImportState.RUNNING, "version": file.version, "received_at": file.at}
        claimed = (stored or new).model_copy(update={**claim, "lease_until": now + LEASE})
        if not self.imports.save(claimed, expected=stored):
            raise ImportBusyError
        return claimed

    def _find(self, file: UploadedFile) -> ImportJob | None:
        """The job of this upload. The first file under a key requested over HTTP belongs to the requested job."""
        if asked_for := requested_id(file.key):
            job = self.imports.find(asked_for)
            if job and job.source_key == file.key and job.version in {None, file.version}:
                return job
        return self.imports.find(import_id(file.key, file.version, file.at))

    def _described(self, job: ImportJob, options: Options, body: IO[bytes]) -> ImportJob:
        """The job with the facts that are known once the file has arrived."""
        found: dict[str, object] = {"mode": options.mode, "notify": options.notify}
        if job.content is None:
            content = _sha256(body)
            earlier = self.imports.find_content(content)
            found |= {"content": content, "repeats": job.repeats_of(*earlier) if earlier else None}
        return job.model_copy(update=found)

    def _go_through(
        self, job: ImportJob, upload: Upload, body: IO[bytes], settings: Settings, is_listed: IsListed
    ) -> ImportJob:
        """Processes the rows after the job's checkpoint. Rows that a killed run applied change nothing again."""
        job = self._save(job, format=upload.format_name)
        with _temporary_file() as results:
            self._download_parts(job, results)
            stored = results.tell()
            run = FileRun(job, upload.heading, results, self.orders, settings, is_listed, self.clock)
            for batches in _together(upload.batches(after_line=job.next_line)):
                run.take(batches)
                out_of_time = self.remaining() < _TIME_TO_FINISH
                if out_of_time or run.counts.rows - job.counts.rows >= _ROWS_TO_CHECKPOINT:
                    results.seek(stored)
                    self.files.put(_part_key(job, job.parts), results.read(), _CSV)
                    stored = results.tell()
                    job = self._save(
                        job,
                        counts=run.counts,
                        first_problems=run.first_problems,
                        first_warnings=run.first_warnings,
                        next_line=batches[-1].last_line,
                        parts=job.parts + 1,
                        percent=_percent(body),
                        lease_until=None if out_of_time else job.lease_until,
                    )
                if out_of_time:
                    return job
            run.finish()
            return self._conclude(job, run, results, settings)

    def _download_parts(self, job: ImportJob, into: IO[bytes]) -> None:
        """The report up to the job's checkpoint."""
        for part in range(job.parts):
            self.files.download(_part_key(job, part), into)

    def _conclude(self, job: ImportJob, run: FileRun, results: IO[bytes], settings: Settings) -> ImportJob:
        counts = run.counts
        if job.is_checking and not counts.rejected:
            # Again from the first line, and this time the rows are applied.
            nothing_yet = {"counts": ImportCounts(), "next_line": 0, "parts": 0, "percent": 0}
            return self._save(job, checked=True, **nothing_yet)
        results.seek(0)
        key = result_key(job.source_key)
        version = self.files.upload(key, results, _CSV)
        summary = {
            "first_problems": run.first_problems,
            "first_warnings": run.first_warnings,
            "result_key": key,
            "result_version": version,
        }
        if job.is_checking:
            problem = f"誤りのある行が{counts.rejected:,}行あるため、どの行も反映していません"
            held = {"held": counts.rows - counts.rejected, "applied": 0, "unchanged": 0, "passed_over": 0}
            counts = counts.model_copy(update=held)
            return self._finish(job, settings, state=ImportState.FAILED, problem=problem, counts=counts, **summary)
        return self._finish(job, settings, state=ImportState.DONE, counts=counts, **summary)

    def _refuse(self, job: ImportJob, reason: str, settings: Settings) -> ImportJob:
        """Ends the job as failed. The report has the rows up to the checkpoint, and then the reason."""
        if job.may_have_applied_rows:
            reason += _SOME_ROWS_TAKEN
        key = result_key(job.source_key)
        with _temporary_file() as results:
            self._download_parts(job, results)
            if job.parts:
                close_report(results, reason)
            else:
                results.write(problem_report(reason))
            results.seek(0)
            version = self.files.upload(key, results, _CSV)
        outcome = {"problem": reason, "result_key": key, "result_version": version}
        return self._finish(job, settings, state=ImportState.FAILED, **outcome)

    def _finish(self, job: ImportJob, settings: Settings, **outcome: Any) -> ImportJob:  # noqa: ANN401 - a job's fields
        now = self.clock()
        over = job.model_copy(update={**outcome, "percent": 100, "finished_at": now, "lease_until": None})
        wanted = settings.mails.import_to_shop and settings.shop.email
        mail = Mail(key="import#shop", template="import_shop", recipient=Recipient.SHOP, created_at=now)
        if not self.imports.finish(over, expected=job, summary=mail if wanted else None):
            raise ImportBusyError
        return over

    def _save(self, job: ImportJob, **changes: Any) -> ImportJob:  # noqa: ANN401 - a job's fields
        saved = job.model_copy(update=changes)
        if not self.imports.save(saved, expected=job):
            raise ImportBusyError
        return saved


def _open(body: IO[bytes], job: ImportJob, settings: Settings, options: Options) -> Upload:
    """Raises FileProblemError."""
    body.seek(0)
    return open_upload(
        body,
        carriers=retired_first(settings.carriers),
        handling_statuses={status.label: status.key for status in retired_first(settings.statuses)},
        today=business_date(job.received_at),
        imports=settings.imports,
        format_key=options.format,
    )


def _together(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    group: list[Batch] = []
    for batch in batches:
        group.append(batch)
        if sum(map(len, group)) >= _ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _sha256(body: IO[bytes]) -> str:
    body.seek(0)
    digest = hashlib.sha256()
    while block := body.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _percent(body: IO[bytes]) -> int:
    """How much of the file was read."""
    here = body.tell()
    size = body.seek(0, io.SEEK_END)
    body.seek(here)
    return here * 100 // size


def _part_key(job: ImportJob, part: int) -> str:
    return f"results/parts/{job.id}-{part}.csv"


def _temporary_file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)
