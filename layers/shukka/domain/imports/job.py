"""出荷実績の取り込み: one uploaded file on its way through."""

import hashlib
import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from shukka.domain.text.values import TOKYO, Instant, Value

MAX_BYTES = 200_000_000
"""Larger files are refused: with its report, an upload has to fit on the function's disk."""

UPLOADS = "imports/"
"""What lies under this prefix of the bucket is imported. `docs/decisions/0004` says where its report goes."""

_REQUESTED = f"{UPLOADS}api/"
_ID = re.compile("[0-9]{14}-[0-9a-f]{12}")
# Letters of any script may stay.
_UNSAFE = re.compile(r"[^\w.()-]")
_STEM_CHARACTERS, _SUFFIX_CHARACTERS = 100, 10


class ImportState(StrEnum):
    """WAITING (asked for over HTTP, no file yet) → RUNNING → DONE, or FAILED where nothing of the file was taken.

    A job that was given up after unexpected faults is FAILED too; `may_have_applied_rows` tells the two apart.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class UploadMode(StrEnum):
    """APPLY takes the good rows, STRICT all rows or none, DRY_RUN only says what it would do."""

    APPLY = "apply"
    STRICT = "strict"
    DRY_RUN = "dry_run"


class ImportCounts(Value):
    """Rows of the file by what became of them.

    `held` rows were good, in a STRICT upload that was refused for others. `passed_over` rows say otherwise than a newer
    change. `warned` rows are also counted elsewhere, and so are the `not_shipped`: rows of a carrier's file that left
    their shipment 未発送. Those that a DRY_RUN would apply are `applied`.
    """

    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    held: int = 0
    passed_over: int = 0
    warned: int = 0
    not_shipped: int = 0

    @property
    def rows(self) -> int:
        return self.applied + self.unchanged + self.rejected + self.held + self.passed_over


class ImportJob(Value):
    """`id` sorts by arrival and is the same for every delivery of the same upload.

    Everything up to the line `next_line` is in `counts`, `first_problems` and the `parts` of the report: a run that is
    cut off, by time or by force, is taken up there. `checked`: a STRICT upload has no bad rows and is being applied.
    `percent` is how much of the file was read, once for the check and once more for the changes. `content` is the
    file's SHA-256, and `repeats` says, in Japanese, when the same content was imported before. `first_problems` and
    `first_warnings` are the first reasons, in Japanese, of rows that were rejected and of rows to look at; `problem`
    is why nothing was taken.
    """

    id: str
    source_key: str
    received_at: Instant
    mode: UploadMode = UploadMode.APPLY
    notify: bool = True
    version: str | None = None
    state: ImportState = ImportState.RUNNING
    lease_until: Instant | None = None
    checked: bool = False
    next_line: int = 0
    parts: int = 0
    percent: int = 0
    content: str | None = None
    repeats: str | None = None
    format: str | None = None
    counts: ImportCounts = ImportCounts()
    first_problems: tuple[str, ...] = ()
    first_warnings: tuple[str, ...] = ()
    problem: str | None = None
    result_key: str | None = None
    result_version: str | None = None
    finished_at: Instant | None = None

    @property
    def filename(self) -> str:
        return PurePosixPath(self.source_key).name

    @property
    def is_over(self) -> bool:
        return self.state in {ImportState.DONE, ImportState.FAILED}

    @property
    def is_checking(self) -> bool:
        """Whether a STRICT upload is still looked through, and nothing of it applied."""
        return self.mode is UploadMode.STRICT and not self.checked

    @property
    def may_have_applied_rows(self) -> bool:
        """Whether rows may have been applied although the job did not come to its end."""
        began = self.format is not None and not self.is_checking
        return began and self.state is not ImportState.DONE and self.mode is not UploadMode.DRY_RUN

    @property
    def took_effect(self) -> bool:
        return self.state is ImportState.DONE and self.mode is not UploadMode.DRY_RUN

    def repeats_of(self, earlier_key: str, at: datetime) -> str:
        """What to say of content that was imported `at`, from `earlier_key`."""
        return f"この内容は {at.astimezone(TOKYO):%Y-%m-%d %H:%M} に取り込み済みです（{earlier_key}）"


def import_id(source_key: str, version: str, received_at: datetime) -> str:
    """The job id of an upload: its time to the second, and a mark of its key and object version."""
    mark = hashlib.sha256(f"{source_key}\n{version}".encode()).hexdigest()[:12]
    return f"{received_at:%Y%m%d%H%M%S}-{mark}"


def new_import_id(at: datetime, mark: str) -> str:
    """The job id of an upload that was asked for over HTTP; `mark` is 12 hexadecimal digits, chosen at random."""
    return f"{at:%Y%m%d%H%M%S}-{mark}"


def requested_key(job_id: str, filename: str) -> str:
    """Where the file of that upload goes. `filename` may be what people call it: its name is made safe."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    path = PurePosixPath(_UNSAFE.sub("_", name).strip("._") or "upload.csv")
    return f"{_REQUESTED}{job_id}/{path.stem[:_STEM_CHARACTERS]}{path.suffix[:_SUFFIX_CHARACTERS]}"


def requested_id(source_key: str) -> str | None:
    """The id of the upload that was asked for over HTTP and went to this key; None for other keys."""
    job_id = source_key.removeprefix(_REQUESTED).partition("/")[0]
    return job_id if source_key.startswith(_REQUESTED) and _ID.fullmatch(job_id) else None


def result_key(source_key: str) -> str:
    """`imports/2026/yamato.csv` is answered by `results/2026/yamato.result.csv`."""
    path = PurePosixPath(source_key.removeprefix(UPLOADS))
    return f"results/{path.with_name(path.stem + '.result.csv')}"
