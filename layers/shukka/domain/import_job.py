"""出荷実績の取り込み: one uploaded file on its way through."""

import hashlib
from datetime import datetime
from enum import StrEnum

from shukka.domain.values import Instant, Value


class ImportState(StrEnum):
    """RUNNING → DONE, or FAILED where the file as a whole could not be taken."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportCounts(Value):
    """Rows of the file by what became of them; `warned` rows are also applied or unchanged ones."""

    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    warned: int = 0

    @property
    def rows(self) -> int:
        return self.applied + self.unchanged + self.rejected


class ImportJob(Value):
    """`id` sorts by arrival and is the same for every delivery of the same upload.

    A job that runs out of time goes on behind the line `next_line`, with the `parts` of its report written so far.
    `first_problems` are the first reasons, in Japanese, for the summary.
    """

    id: str
    source_key: str
    received_at: Instant
    state: ImportState = ImportState.RUNNING
    lease_until: Instant | None = None
    next_line: int = 0
    parts: int = 0
    format: str | None = None
    counts: ImportCounts = ImportCounts()
    first_problems: tuple[str, ...] = ()
    problem: str | None = None
    result_key: str | None = None
    finished_at: Instant | None = None


def import_id(source_key: str, version: str, received_at: datetime) -> str:
    """The job id of an upload: its time to the second, and a mark of its key and object version."""
    mark = hashlib.sha256(f"{source_key}\n{version}".encode()).hexdigest()[:12]
    return f"{received_at:%Y%m%d%H%M%S}-{mark}"
