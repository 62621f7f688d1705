"""出荷実績の取り込み: one uploaded file on its way through."""

import hashlib
import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from shukka.domain.text.values import TOKYO, Instant, Value

MAX_BYTES = 200_000_000
"""Larger files are refused: an upload and its report have to fit on the function's disk."""

UPLOADS = "imports/"
"""Files under this prefix of the bucket are imported. `docs/decisions/0004` says where their reports go."""

_REQUESTED = f"{UPLOADS}api/"
_ID = re.compile("[0-9]{14}-[0-9a-f]{12}")
# Letters of any script are kept.
_UNSAFE = re.compile(r"[^\w.()-]")
_STEM_CHARACTERS, _SUFFIX_CHARACTERS = 100, 10


class ImportState(StrEnum):
    """WAITING (requested over HTTP, no file yet) → RUNNING → DONE, or FAILED if no row was applied.

    A job that was given up after unexpected faults is FAILED too; `may_have_applied_rows` distinguishes the two.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class UploadMode(StrEnum):
    """APPLY takes the good rows, STRICT all rows or none, DRY_RUN only reports what it would do."""

    APPLY = "apply"
    STRICT = "strict"
    DRY_RUN = "dry_run"


class ImportCounts(Value):
    """Rows of the file by outcome.

    `held` rows were good, but other rows had a STRICT upload refused. `passed_over` rows contradict a newer change.
    `warned` and `not_shipped` rows are also counted under another outcome; `not_shipped` are rows of a carrier's file
    that left their shipment 未発送. `applied` includes the rows that a DRY_RUN would apply.
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

    `counts`, `first_problems` and the `parts` of the report cover the rows up to the line `next_line`, where a run that
    was cut off resumes. `checked`: a STRICT upload has no bad rows and is being applied. `percent` is how much of the
    file was read, once for the check and again for the changes. `content` is the file's SHA-256; `repeats` says, in
    Japanese, when the same content was imported before. `first_problems` and `first_warnings` are the first reasons, in
    Japanese, of rejected rows and of rows to check. `problem` is why no row was applied.
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
        """Whether a STRICT upload is still being checked, with no row applied yet."""
        return self.mode is UploadMode.STRICT and not self.checked

    @property
    def may_have_applied_rows(self) -> bool:
        """Whether rows may have been applied although the job was given up."""
        began = self.format is not None and not self.is_checking
        return began and self.state is not ImportState.DONE and self.mode is not UploadMode.DRY_RUN

    @property
    def took_effect(self) -> bool:
        return self.state is ImportState.DONE and self.mode is not UploadMode.DRY_RUN

    def repeats_of(self, earlier_key: str, at: datetime) -> str:
        """The note on content that was imported `at` from `earlier_key`."""
        return f"この内容は {at.astimezone(TOKYO):%Y-%m-%d %H:%M} に取り込み済みです（{earlier_key}）"


def import_id(source_key: str, version: str, received_at: datetime) -> str:
    """The job id of an upload: its time to the second, and a digest of its key and object version."""
    mark = hashlib.sha256(f"{source_key}\n{version}".encode()).hexdigest()[:12]
    return f"{received_at:%Y%m%d%H%M%S}-{mark}"


def new_import_id(at: datetime, mark: str) -> str:
    """The job id of an upload requested over HTTP; `mark` is 12 random hexadecimal digits."""
    return f"{at:%Y%m%d%H%M%S}-{mark}"


def requested_key(job_id: str, filename: str) -> str:
    """The key of that upload's file. `filename` may be any name: it is made safe."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    path = PurePosixPath(_UNSAFE.sub("_", name).strip("._") or "upload.csv")
    return f"{_REQUESTED}{job_id}/{path.stem[:_STEM_CHARACTERS]}{path.suffix[:_SUFFIX_CHARACTERS]}"


def requested_id(source_key: str) -> str | None:
    """The id of the upload requested over HTTP that went to this key; None for other keys."""
    job_id = source_key.removeprefix(_REQUESTED).partition("/")[0]
    return job_id if source_key.startswith(_REQUESTED) and _ID.fullmatch(job_id) else None


def result_key(source_key: str) -> str:
    """`imports/2026/yamato.csv` is answered by `results/2026/yamato.result.csv`."""
    path = PurePosixPath(source_key.removeprefix(UPLOADS))
    return f"results/{path.with_name(path.stem + '.result.csv')}"
