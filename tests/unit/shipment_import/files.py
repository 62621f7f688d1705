"""Uploaded files as they come, made from rows: every kind of dirt is produced here, none is typed into a file."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from shipment_import.upload import Upload, open_upload
from shukka.domain.imports.row import RejectedRow, ShipmentRow
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS
from tests.builders import some_settings

TODAY = date(2026, 11, 26)
ALL, MINIMAL = csv.QUOTE_ALL, csv.QUOTE_MINIMAL

NATIVE = ("発送ID", "送り状番号", "発送日", "出荷管理番号", "発送状況", "発送メモ", "お客様への連絡事項", "対応状況")
BCART = ("Bカート発送ID", *NATIVE[1:])
YUPACK = ("お客様側管理番号", "お問い合わせ番号", "発送予定日")


def a_number(n: int = 0) -> str:
    """A number with the check digit of the three big carriers."""
    digits = 39_150_000_000 + n
    return f"{digits}{digits % 7}"


def a_bad_number(last: int = 6) -> str:
    digits = next(digits for digits in range(39_150_000_000, 39_150_000_100) if digits % 7 not in {last, 6})
    return f"{digits}{last}"


def a_row(n: int = 1, heading: Sequence[str] = NATIVE, **cells: str) -> list[str]:
    """A good row of shipment 10000n-1; cells by heading."""
    first = {heading[0]: f"{100000 + n}-1", heading[1]: a_number(n), heading[2]: "2026/11/25"}
    return [{**first, **cells}.get(title, "") for title in heading]


def csv_bytes(
    rows: Iterable[Sequence[str]],
    encoding: str = "utf-8",
    *,
    quoting: int = ALL,
    end: str = "\r\n",
    delimiter: str = ",",
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=end, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def a_file(*rows: Sequence[str], heading: Sequence[str] = NATIVE, encoding: str = "utf-8", **options: Any) -> bytes:
    return csv_bytes([heading, *rows], encoding, **options)


def a_b2cloud_row(n: int = 1, *, width: int = 95, key_column: int = 1, **cells: str) -> list[str]:
    row = [""] * width
    row[key_column - 1] = f"{100000 + n}-1"
    row[1:6] = ["0", "0", a_number(n), "2026/11/25", ""]
    row[11:13] = ["東京都港区六本木1-2-3", "能登ビル5階"]
    for column, cell in cells.items():
        row[int(column.removeprefix("column"))] = cell
    return row


def opened(body: bytes | io.IOBase, **options: Any) -> Upload:
    statuses: Mapping[str, str] = {status.label: status.key for status in some_settings().statuses}
    defaults: dict[str, Any] = {"carriers": DEFAULT_CARRIERS, "handling_statuses": statuses, "today": TODAY}
    return open_upload(io.BytesIO(body) if isinstance(body, bytes) else body, **{**defaults, **options})


def rows_of(body: bytes, **options: Any) -> list[ShipmentRow | RejectedRow]:
    return [row for batch in opened(body, **options).batches() for row in batch.rows()]


def good_row(body: bytes, **options: Any) -> ShipmentRow:
    """The only row of the file, which is good."""
    (row,) = rows_of(body, **options)
    assert isinstance(row, ShipmentRow), row
    return row


def reasons(row: ShipmentRow | RejectedRow) -> list[str]:
    """Why the row was refused."""
    assert isinstance(row, RejectedRow), row
    return [problem.reason for problem in row.problems]
