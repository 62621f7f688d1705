"""What reading and validating a shipment CSV costs over bare `csv.reader` on the same file: CPU time, and memory."""

import csv
import io
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from shipment_import.upload import open_upload
from shukka.domain.imports.row import RejectedRow
from shukka.domain.settings import BUILT_IN_STATUSES
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS

_ROWS = 1_000_000
_ROUNDS = 5
_TARGETS = {"csv_parse_utf8": ("utf-8-sig", 0.45), "csv_parse_cp932": ("cp932", 0.55)}
_MAX_MEGABYTES = 40
_HEADING = (
    "Bカート発送ID",
    "送り状番号",
    "発送日",
    "出荷管理番号",
    "発送状況",
    "発送メモ",
    "お客様への連絡事項",
    "対応状況",
)


def figures() -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        found = []
        for name, (encoding, target) in _TARGETS.items():
            path = Path(folder) / f"{name}.csv"
            write_file(path, encoding, _ROWS)
            # A round of each in turn, and the least of each: what other processes do to the caches adds, never helps.
            rounds = [(_seconds(_bare, path, encoding), _seconds(_read, path)) for _ in range(_ROUNDS)]
            bare, ours = (min(seconds) for seconds in zip(*rounds, strict=True))
            ratio = round(bare / ours, 2)
            found.append({"name": name, "value": ratio, "unit": "x", "target": target, "holds": ratio >= target})
        megabytes = _growth(path)
    memory = {"name": "csv_rss_mb", "value": megabytes, "unit": "MB", "target": _MAX_MEGABYTES}
    return [*found, {**memory, "holds": megabytes <= _MAX_MEGABYTES}]


def write_file(path: Path, encoding: str, rows: int) -> None:
    """A file in Bカート's layout, every cell quoted, with notes in some rows."""
    chance = Random(0)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(_HEADING)
        for n in range(rows):
            digits = chance.randrange(10**10, 10**11)
            notes = ["午前に再確認" * (n % 10 == 0), "ご確認ください" * (n % 20 == 0), ""]
            cells = [f"{100_001 + n}-1", f"{digits}{digits % 7}", f"2026/11/{1 + n % 28:02}", f"WMS-{n:07}", "発送済"]
            writer.writerow([*cells, *notes])


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    start = process_time()
    work(*arguments)
    return process_time() - start


def _bare(path: Path, encoding: str) -> None:
    with path.open("rb") as body:
        deque(csv.reader(io.TextIOWrapper(body, encoding=encoding, newline=""), strict=True), maxlen=0)


def _read(path: Path) -> None:
    """Every row, as the import gets it."""
    statuses = {status.label: status.key for status in BUILT_IN_STATUSES}
    rows = 0
    with path.open("rb") as body:
        upload = open_upload(body, carriers=DEFAULT_CARRIERS, handling_statuses=statuses, today=date(2026, 11, 26))
        for batch in upload.batches():
            rows += len(batch)
            (last,) = deque(batch.rows(), maxlen=1)
    # Of a file that was only half read, or refused, the figures would mean nothing.
    if rows != _ROWS or isinstance(last, RejectedRow):
        raise AssertionError(f"{rows} rows, {last}")


def _growth(path: Path) -> float:
    """Megabytes that a process of its own takes for the whole file, over what it has with everything imported."""
    run = subprocess.run([sys.executable, "-m", __name__, path], capture_output=True, text=True, check=True)
    return round(float(run.stdout), 1)


def _print_growth(path: Path) -> None:
    before = _status("VmRSS")
    _read(path)
    sys.stdout.write(str((_status("VmHWM") - before) / 1024))


def _status(name: str) -> int:
    """Kilobytes, from the kernel: what getrusage says of a new process is what its parent once had."""
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith(name))


if __name__ == "__main__":
    _print_growth(Path(sys.argv[1]))
