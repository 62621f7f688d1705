"""The report on an upload: its own columns, then 結果 and 理由. It can be corrected and uploaded again."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import IO

from shipment_import.file_problem import encodable
from shukka.domain.text.spreadsheet import guarded_row
from shukka.usecases.shipping.apply_rows import Outcome

RESULT, REASON = "結果", "理由"
WORDS = {
    Outcome.APPLIED: "反映",
    Outcome.UNCHANGED: "変更なし",
    Outcome.REJECTED: "エラー",
    Outcome.PASSED_OVER: "見送り",
}
PLANNED = {**WORDS, Outcome.APPLIED: "反映予定"}
"""The words for a dry run."""
HELD_BACK = dict.fromkeys(WORDS, "未反映") | {Outcome.REJECTED: "エラー"}
"""The words for an upload that was refused as a whole."""

# With a BOM, spreadsheet programs read the file as UTF-8.
_ENCODING = "utf-8-sig"


class Report:
    """Writes rows to `file` one by one. A continued report already has its heading.

    A report that was corrected and uploaded again has its previous results as last columns; the new ones replace them.
    """

    def __init__(
        self, file: IO[bytes], heading: Sequence[str], *, words: Mapping[Outcome, str] = WORDS, continued: bool = False
    ) -> None:
        encoding = "utf-8" if continued else _ENCODING
        self._text = io.TextIOWrapper(file, encoding=encoding, newline="", write_through=True)
        self._rows = csv.writer(self._text, quoting=csv.QUOTE_ALL)
        self._words = words
        self._columns = len(heading)
        self._own = self._columns - 2 if list(heading[-2:]) == [RESULT, REASON] else self._columns
        if not continued:
            self._write([*guarded_row(heading[: self._own]), RESULT, REASON])

    def add(self, cells: Sequence[str], outcome: Outcome, reasons: Sequence[str]) -> None:
        """Adds a row. Cells beyond the heading's width follow the results."""
        missing = [""] * (self._own - len(cells))
        extra = guarded_row(cells[self._columns :])
        self._write([*guarded_row(cells[: self._own]), *missing, self._words[outcome], "\n".join(reasons), *extra])

    def finish(self) -> None:
        """Writes what is buffered and releases the file; no more rows can be added."""
        self._text.flush()
        self._text.detach()

    def _write(self, row: list[str]) -> None:
        try:
            self._rows.writerow(row)
        except UnicodeEncodeError:
            self._rows.writerow(list(map(encodable, row)))


def problem_report(reason: str) -> bytes:
    """The report on a file of which no row could be applied."""
    rows = io.StringIO(newline="")
    csv.writer(rows, quoting=csv.QUOTE_ALL).writerows([[RESULT, REASON], [WORDS[Outcome.REJECTED], reason]])
    return rows.getvalue().encode(_ENCODING)


def close_report(file: IO[bytes], reason: str) -> None:
    """Ends an unfinished report with a row that says why nothing follows."""
    file.seek(0)
    text = io.TextIOWrapper(file, _ENCODING, newline="")
    columns = len(next(csv.reader(text)))
    text.detach()
    file.seek(0, io.SEEK_END)
    row = io.StringIO(newline="")
    # The error is in the last two columns, as in every report.
    csv.writer(row, quoting=csv.QUOTE_ALL).writerow([*[""] * (columns - 2), WORDS[Outcome.REJECTED], reason])
    file.write(row.getvalue().encode())
