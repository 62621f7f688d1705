"""One way through a file: its rows are applied, counted and reported, a group at a time."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, NamedTuple

from shipment_import.report import HELD_BACK, PLANNED, WORDS, Report
from shipment_import.rows import Batch
from shukka.domain.imports.job import ImportCounts, ImportJob, UploadMode
from shukka.domain.imports.row import RejectedRow, ShipmentRow
from shukka.domain.order.history import Context
from shukka.domain.settings import Settings
from shukka.usecases.ports import Clock, ImportedShipments, ShipmentChanges
from shukka.usecases.shipping.apply_rows import Listing, Outcome, RowResult, RowSource, apply_shipments
from shukka.usecases.shipping.find import ShipmentFinder
from shukka.usecases.trial import DryRun

# However many rows fail or are to be looked at, this many reasons of each are kept; all of them are in the report.
_FIRST_REASONS = 20
_HELD_BACK = "他の行に誤りがあるため反映していません"


class _Kind(NamedTuple):
    """What becomes of the rows, how the report says so, and what it says of each that is not rejected."""

    orders: ShipmentChanges
    words: Mapping[Outcome, str]
    note: str | None = None


class Passage:
    """Goes on with `job` from its checkpoint; `results` holds the report up to there. `lists` knows the whole file.

    Nothing is stored for a DRY_RUN, nor while a STRICT upload is checked. That report is the one for the case that the
    upload is refused.
    """

    def __init__(
        self,
        job: ImportJob,
        heading: Sequence[str],
        results: IO[bytes],
        orders: ImportedShipments,
        settings: Settings,
        lists: Listing,
        clock: Clock,
    ) -> None:
        self._job = job
        self._clock = clock
        self._kind = _kind(job, orders)
        self._settings = settings
        self._origin = RowSource(job.id, job.filename, notify=job.notify, lists=lists)
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
        # The moment of the upload counts, also for a file that is worked on past midnight or a second time.
        context = Context(self._clock(), f"import:{self._job.id}", self._job.id, stated_at=self._job.received_at)
        results = iter(apply_shipments(good, self._origin, context, self._kind.orders, self._settings))
        for row, cells in entries:
            if isinstance(row, RejectedRow):
                self._tell(cells, Outcome.REJECTED, list(map(str, row.problems)))
            else:
                result = next(results)
                self._tell(cells, result.outcome, _reasons(row, result), result.not_shipped)

    def finish(self) -> None:
        """The report is complete, or goes on in another run."""
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
