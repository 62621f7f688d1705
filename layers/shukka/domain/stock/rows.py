"""在庫の CSV: 品番, 在庫数 and optionally 在庫制限, as Bカート exports and imports them."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from shukka.domain.errors import Rule, RuleError
from shukka.domain.stock.stock import MAX_LEVEL
from shukka.domain.text.ids import flaw_of
from shukka.domain.text.normalize import plain_code
from shukka.domain.text.spreadsheet import original
from shukka.domain.text.values import Name

MAX_ROWS = 5_000

_SKU = TypeAdapter(Name)
_HEADINGS = {"品番": "sku", "sku": "sku", "在庫数": "quantity", "入荷数": "quantity", "在庫制限": "limit"}
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_COUNT = re.compile(r"[+-]?[0-9]{1,7}")
_UNLIMITED = "無制限"


class StockRow(NamedTuple):
    """A row of the file. `line` is where it begins in the file, from 1; `quantity` None is 無制限.

    `blank` rows keep the stored level. A row with a `problem` (Japanese) cannot be applied.
    """

    line: int
    sku: str
    quantity: int | None = None
    blank: bool = False
    problem: str | None = None


def read_stock_rows(text: str) -> list[StockRow]:
    """Raises RuleError if the text as a whole is not such a file."""
    cells = _read(text.removeprefix("\ufeff"))
    try:
        line, heading = next(cells)
    except StopIteration:
        raise RuleError("ファイルが空です", "csv", Rule.UNREADABLE_STOCK_FILE) from None
    columns: dict[str, int] = {}
    for index, cell in enumerate(heading):
        if name := _HEADINGS.get(unicodedata.normalize("NFKC", cell).strip().casefold()):
            columns.setdefault(name, index)
    if not {"sku", "quantity"} <= columns.keys():
        raise RuleError(f"{line}行目に「品番」と「在庫数」の見出しが必要です", "csv", Rule.UNREADABLE_STOCK_FILE)
    rows: list[StockRow] = []
    for line, row in cells:
        if len(rows) == MAX_ROWS:
            raise RuleError(
                f"一度に取り込めるのは{MAX_ROWS:,}行までです。ファイルを分けてください", "csv", Rule.TOO_MANY_ROWS
            )
        rows.append(_row(line, {name: row[index] for name, index in columns.items() if index < len(row)}))
    return rows


def _read(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with the lines on which they begin."""
    reader = csv.reader(StringIO(text, newline=""))
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error:
        raise RuleError(
            f'{line}行目をCSVとして読めません。引用符（"）を確認してください', "csv", Rule.UNREADABLE_STOCK_FILE
        ) from None


def _row(line: int, cells: dict[str, str]) -> StockRow:
    code = original(cells.get("sku", "").strip())
    if wrapped := _EXCEL_TEXT.fullmatch(code):
        code = wrapped[1]
    try:
        # Not converted to half-width: orders have the sku exactly as the shop writes it.
        sku = _SKU.validate_python(code)
    except ValidationError:
        return StockRow(line, code[:255], problem="品番は改行を含まない1～255文字で指定してください")
    if flaw := flaw_of(sku):
        return StockRow(line, sku, problem=f"品番 {sku} は使えません: {flaw}")
    count = plain_code(cells.get("quantity", "")).replace(",", "")
    if _UNLIMITED in (count, cells.get("limit", "").strip()):
        return StockRow(line, sku)
    if not count:
        return StockRow(line, sku, blank=True)
    if not _COUNT.fullmatch(count):
        return StockRow(line, sku, problem=f"在庫数は{MAX_LEVEL:,}までの整数か「{_UNLIMITED}」で指定してください")
    return StockRow(line, sku, int(count))
