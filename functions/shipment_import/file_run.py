"""One run through a file: its rows are applied, counted and reported, a group at a time."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, NamedTuple

from shipment_import.report import HELD_BACK, PLANNED, WORDS, Report
from shipment_import.rows import Batch
from shukka.domain.imports.job import ImportCounts, ImportJob, UploadMode
from shukka.domain.imports.row import RejectedRow, ShipmentRow
from shukka.domain.order.history import Context
from shukka.domain.settings import Settings
from shukka.usecases.dry_run import DryRun
from shukka.usecases.ports import Clock, ImportedShipments, ShipmentChanges
from shukka.usecases.shipping.apply_rows import IsListed, Outcome, RowResult, RowSource, apply_shipments
from shukka.usecases.shipping.find import ShipmentFinder

# The job keeps at most this many reasons for rejected rows, and as many warnings; the report has all of them.
_FIRST_REASONS = 20
_HELD_BACK = "他の行に誤りがあるため反映していません"


class _Kind(NamedTuple):
    """Where changes go, the report's words for each outcome, and its note on each row that is not rejected."""

    orders: ShipmentChanges
    words: Mapping[Outcome, str]
    note: str | None = None


class FileRun:
    """Continues `job` from its checkpoint; `results` holds the report up to there. `is_listed` knows the whole file.

    A DRY_RUN stores nothing, and neither does the check of a STRICT upload. The report of that check is used if the
    upload is refused.
    """

    def __init__(
        self,
        job: ImportJob,
        heading: Sequence[str],
        results: IO[bytes],
        orders: ImportedShipments,
        settings: Settings,
        is_listed: IsListed,
        clock: Clock,
    ) -> None:
        self._job = job
        self._clock = clock
        self._kind = _kind(job, orders)
        self._settings = settings
        self._origin = RowSource(job.id, job.filename, notify=job.notify, is_listed=is_listed)
        self._finder = ShipmentFinder(orders)
        self._report = Report(results, heading, words=self._kind.words, continued=job.parts > 0)
        self._counts = job.counts.model_dump()
        self._first_problems = list(job.first_problems)
        self._first_warnings = list(job.first_warnings)
        self._opening = [job.repeats] if job.repeats and not job.counts.rows else []

    @property
    def counts(self) -> ImportCounts:
        return ImportCounts(**self._counts)

    @property
    def first_problems(self) -> tuple[str, ...]:
        return tuple(self._first_problems)

    @property
    def first_warnings(self) -> tuple[str, ...]:
        return tuple(self._first_warnings)

    def take(self, batches: Iterable[Batch]) -> None:
        """Applies the rows of some batches, together."""
        read = list(chain.from_iterable(batches))
        rows = self._finder.found(row for row, _ in read)
        entries = list(zip(rows, (cells for _, cells in read), strict=True))
        good = [row for row, _ in entries if isinstance(row, ShipmentRow)]
        # The moment of the upload counts, even if the file is processed after midnight or a second time.
        context = Context(self._clock(), f"import:{self._job.id}", self._job.id, stated_at=self._job.received_at)
        results = iter(apply_shipments(good, self._origin, context, self._kind.orders, self._settings))
        for row, cells in entries:
            if isinstance(row, RejectedRow):
                self._tell(cells, Outcome.REJECTED, list(map(str, row.problems)))
            else:
                result = next(results)
                self._tell(cells, result.outcome, _reasons(row, result), result.not_shipped)

    def finish(self) -> None:
        """Ends the report, or its part of this run."""
        self._report.finish()

    def _tell(self, cells: Sequence[str], outcome: Outcome, reasons: list[str], not_shipped: str | None = None) -> None:
        self._counts[outcome] += 1
        if outcome is not Outcome.REJECTED:
            self._counts["warned"] += bool(reasons) and outcome is not Outcome.PASSED_OVER
            if not_shipped:
                self._counts["not_shipped"] += 1
                reasons = [*reasons, not_shipped]
            if reasons and len(self._first_warnings) < _FIRST_REASONS:
                self._first_warnings.append("\n".join(reasons))
            if self._kind.note:
                reasons = [self._kind.note, *reasons]
        elif len(self._first_problems) < _FIRST_REASONS:
            self._first_problems += reasons[:1]
        self._report.add(cells, outcome, [*self._opening, *reasons] if self._opening else reasons)
        self._opening = []


def _kind(job: ImportJob, orders: ShipmentChanges) -> _Kind:
    if job.mode is UploadMode.DRY_RUN:
        return _Kind(DryRun(orders), PLANNED)
    return _Kind(DryRun(orders), HELD_BACK, _HELD_BACK) if job.is_checking else _Kind(orders, WORDS)


def _reasons(row: ShipmentRow, result: RowResult) -> list[str]:
    return [*map(str, row.warnings), *(f"{row.line}行目: {note}" for note in result.notes)]
