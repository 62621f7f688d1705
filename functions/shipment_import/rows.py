"""Cells to validated rows, a column at a time.

A column whose cells are all in the form in which they are stored is proved to be so in one go; that is most columns of
most files, and costs a tenth of looking at each cell. Any other column is read cell by cell with the validators that
the API uses, which also say what is wrong. Both ways give the same rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import repeat
from typing import Any, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shipment_import.formats import Layout
from shipment_import.reader import Block
from shipment_import.text import NOT_DECODED, UNREADABLE
from shukka.domain.carrier import Carrier, Concern
from shukka.domain.codes import plain_code
from shukka.domain.cp932 import USER_DEFINED
from shukka.domain.dates import parse_business_date
from shukka.domain.import_mapping import NOT_CLEARABLE, ImportField, StatusRule
from shukka.domain.shipment import ShipmentId, ShippingStatus
from shukka.domain.shipment_row import CLEARING_MARKS, Clear, RejectedRow, RowProblem, ShipmentRow
from shukka.domain.spreadsheet import original
from shukka.domain.tracking import MAX_DIGITS, MIN_DIGITS, parse_tracking_numbers
from shukka.domain.values import SHIPMENT_ID, Label, Note

_SHOWN_CHARACTERS = 40
_REMEMBERED_CELLS = 10_000
_WHOLE_ROW = -1
_FAR_AWAY = timedelta(days=366)

_SHIPMENT_IDS = re.compile(rf"(?:{SHIPMENT_ID}\n)*+")
# Most codes are nothing but these: no blanks to trim, no apostrophes, no ="text", no control characters.
_CODE_BYTES = bytes(set(range(0x21, 0x7F)) - set(b"'="))
_MAX_LABEL, _MAX_NOTE = 255, 10_000

_NO_KEY = "発送IDが空です"
_NOT_A_KEY = "発送IDではありません。受注番号-番号（例 100123-1）の形で入れてください"
_NO_NUMBER = "送り状番号が空です。送り状を発行してから出力し直してください"
_NOT_CLEARABLE = "この項目は空にできません"
_FAR_DATE = "今日から1年以上離れた日付です。年を確認してください"
_NUL = "壊れた文字（NUL）があります。ファイルを出力し直してください"
_NOT_DECODED = "文字コードとして読めない文字があります。UTF-8またはShift_JISで保存し直してください"
_NOT_DECODED_UNUSED = "読めない文字がありますが、取り込みに使わない列のため、そのまま進めました"
_LOST = "元のファイルで失われた文字があります。内容を確認してください"
_GAIJI = "外字（登録したパソコンでしか読めない文字）があります。ほかの文字に置き換えてください"

Cell = Callable[[str], Any]
Values: TypeAlias = "Iterable[Any]"


class RowReader:
    """Reads the rows of files of one layout.

    `carriers` and `handling_statuses` (label to key) are the shop's, `today` is the day in Tokyo.
    """

    def __init__(
        self,
        layout: Layout,
        carriers: Iterable[Carrier],
        handling_statuses: Mapping[str, str],
        status_rule: StatusRule,
        today: date,
    ) -> None:
        self._layout = layout
        self._carriers: dict[Any, Carrier] = {carrier.key: carrier for carrier in carriers}
        self._default_carrier = layout.format.carrier if layout.format.carrier in self._carriers else None
        self._today = today
        self.status_follows_from_date = ImportField.STATUS not in layout.columns and status_rule is StatusRule.FROM_DATE
        self._ordinals = _Memo(int)
        self._status_on = _Memo(self._status_of_day)
        self._far_days: set[date] = set()
        carrier_names = {carrier.name: carrier.key for carrier in self._carriers.values()}
        parsers: dict[ImportField, Cell] = {
            ImportField.SHIPMENT_ID: _parse_key,
            ImportField.TRACKING_NUMBERS: parse_tracking_numbers,
            ImportField.CARRIER: _choice("配送業者", carrier_names),
            ImportField.STATUS: _parse_status,
            ImportField.SHIPPED_ON: self._ship_date,
            ImportField.DELIVERED_ON: parse_business_date,
            ImportField.REQUESTED_DATE: parse_business_date,
            ImportField.TIME_SLOT: _text(TypeAdapter(Label)),
            ImportField.EXTERNAL_SHIPMENT_CODE: _text(TypeAdapter(Label)),
            ImportField.MEMO: _text(TypeAdapter(Note)),
            ImportField.MESSAGE_TO_MEMBER: _text(TypeAdapter(Note)),
            ImportField.HANDLING_STATUS: _choice("対応状況", handling_statuses),
        }
        self._cells: dict[ImportField, Cell] = {
            name: partial(_cell, parse, clearable=name not in NOT_CLEARABLE) for name, parse in parsers.items()
        }
        self._memos = {
            name: _Memo(self._cells[name])
            for name in (
                ImportField.CARRIER,
                ImportField.STATUS,
                ImportField.SHIPPED_ON,
                ImportField.DELIVERED_ON,
                ImportField.REQUESTED_DATE,
                ImportField.HANDLING_STATUS,
            )
        }

    def read(self, block: Block) -> "Batch":
        notes = _Notes(block, self._layout)
        self._note_remarks(block, notes)
        orders, ordinals = self._shipments(block, notes)
        carriers = self._carriers_of(block, notes)
        shipped_on = self._repeated(ImportField.SHIPPED_ON, block, notes)
        columns = (
            self._numbers(block, carriers, notes),
            carriers,
            self._statuses(block, shipped_on, notes),
            shipped_on,
            self._repeated(ImportField.DELIVERED_ON, block, notes),
            self._repeated(ImportField.REQUESTED_DATE, block, notes),
            self._texts(ImportField.TIME_SLOT, _MAX_LABEL, block, notes),
            self._texts(ImportField.EXTERNAL_SHIPMENT_CODE, _MAX_LABEL, block, notes),
            self._texts(ImportField.MEMO, _MAX_NOTE, block, notes),
            self._texts(ImportField.MESSAGE_TO_MEMBER, _MAX_NOTE, block, notes),
            self._repeated(ImportField.HANDLING_STATUS, block, notes),
            repeat(self.status_follows_from_date),
        )
        return Batch(block, orders, ordinals, columns, notes)

    # --- columns ---

    def _shipments(self, block: Block, notes: "_Notes") -> tuple[Sequence[str], Sequence[int]]:
        column = block.columns[self._layout.columns[ImportField.SHIPMENT_ID]]
        joined = "\n".join(column)
        if _SHIPMENT_IDS.fullmatch(f"{joined}\n"):
            parts = joined.replace("-", "\n").split("\n")
            return parts[::2], list(map(self._ordinals.__getitem__, parts[1::2]))
        ids = self._cell_by_cell(ImportField.SHIPMENT_ID, column, notes)
        for row, shipment in enumerate(ids):
            if shipment is None:
                notes.refuse(row, self._layout.columns[ImportField.SHIPMENT_ID], column[row], _NO_KEY)
        orders, ordinals = zip(*(shipment or ("", 0) for shipment in ids), strict=True) if ids else ((), ())
        return orders, ordinals

    def _carriers_of(self, block: Block, notes: "_Notes") -> Values:
        values = self._repeated(ImportField.CARRIER, block, notes)
        if isinstance(values, repeat):
            return repeat(self._default_carrier)
        return [value or self._default_carrier for value in values] if self._default_carrier else values

    def _numbers(self, block: Block, carriers: Values, notes: "_Notes") -> Values:
        index = self._layout.columns.get(ImportField.TRACKING_NUMBERS)
        if index is None:
            return repeat(None)
        column = block.columns[index]
        joined = "".join(column)
        if not joined and not self._layout.format.needs_number:
            return repeat(None)
        lengths = set(map(len, column))
        blanks = 0 in lengths
        lengths.discard(0)
        values: Iterable[tuple[str, ...] | Clear | None]
        # Of text, isdigit() would be slow and take other digits for digits.
        if joined.isascii() and joined.encode().isdigit() and min(lengths) >= MIN_DIGITS and max(lengths) <= MAX_DIGITS:
            numbers = [number for number in column if number] if blanks else column
            values = [(number,) if number else None for number in column] if blanks else _Alone(column)
        else:
            values = self._cell_by_cell(ImportField.TRACKING_NUMBERS, column, notes)
            numbers = [number for found in values if isinstance(found, tuple) for number in found]
        if self._layout.format.needs_number and not isinstance(values, _Alone):
            for row, found in enumerate(values):
                if not isinstance(found, tuple):
                    notes.refuse(row, index, column[row], _NO_NUMBER)
        if not self._all_in_order(numbers, carriers):
            self._check_numbers(values, carriers, index, notes)
        return values

    def _all_in_order(self, numbers: Sequence[str], carriers: Values) -> bool:
        """Whether nothing can be said against the numbers of these rows; False may be too cautious."""
        if not isinstance(carriers, repeat):
            return not any(isinstance(carrier, str) for carrier in carriers)
        return self._default_carrier is None or self._carriers[self._default_carrier].vouches_for(numbers)

    def _check_numbers(
        self, values: Iterable[tuple[str, ...] | Clear | None], carriers: Values, index: int, notes: "_Notes"
    ) -> None:
        """Refuses or doubts numbers, each by the rule of its row's carrier, where that is known."""
        for row, (key, found) in enumerate(zip(carriers, values, strict=False)):
            carrier = self._carriers.get(key)
            if carrier is None or not isinstance(found, tuple):
                continue
            for number in found:
                match carrier.concern_about(number):
                    case Concern.IMPOSSIBLE:
                        notes.refuse(row, index, number, carrier.explain_concern(number))
                    case Concern.UNLIKELY:
                        notes.warn(row, index, number, carrier.explain_concern(number))

    def _statuses(self, block: Block, shipped_on: Values, notes: "_Notes") -> Values:
        if not self.status_follows_from_date:
            return self._repeated(ImportField.STATUS, block, notes)
        if ImportField.SHIPPED_ON not in self._layout.columns:
            # A file without dates lists what was shipped.
            return repeat(ShippingStatus.SHIPPED)
        if isinstance(shipped_on, repeat):
            return repeat(None)
        return list(map(self._status_on.__getitem__, shipped_on))

    def _repeated(self, name: ImportField, block: Block, notes: "_Notes") -> Values:
        """A column in which few values come again and again."""
        if name not in self._layout.columns or not any(column := block.columns[self._layout.columns[name]]):
            return repeat(None)
        try:
            values = list(map(self._memos[name].__getitem__, column))
        except (PydanticCustomError, ValidationError):
            values = self._cell_by_cell(name, column, notes)
        if name is ImportField.SHIPPED_ON and self._far_days and not self._far_days.isdisjoint(values):
            for row, day in enumerate(values):
                if day in self._far_days:
                    notes.warn(row, self._layout.columns[name], column[row], _FAR_DATE)
        return values

    def _texts(self, name: ImportField, max_length: int, block: Block, notes: "_Notes") -> Values:
        if name not in self._layout.columns:
            return repeat(None)
        column = block.columns[self._layout.columns[name]]
        filled = list(filter(None, column))
        if not filled:
            return repeat(None)
        if not _are_as_stored(filled, max_length):
            return self._cell_by_cell(name, column, notes)
        return column if len(filled) == len(column) else [cell or None for cell in column]

    def _cell_by_cell(self, name: ImportField, column: Sequence[str], notes: "_Notes") -> list[Any]:
        read, index = self._cells[name], self._layout.columns[name]
        values: list[Any] = []
        for row, cell in enumerate(column):
            try:
                values.append(read(cell))
            except (PydanticCustomError, ValidationError) as error:
                notes.refuse(row, index, cell, _reason(error))
                values.append(None)
        return values

    # --- cells ---

    def _ship_date(self, text: str) -> date:
        day = parse_business_date(text)
        if abs(day - self._today) > _FAR_AWAY:
            self._far_days.add(day)
        return day

    def _status_of_day(self, day: date | Clear | None) -> ShippingStatus | None:
        if not isinstance(day, date):
            return None
        return ShippingStatus.INSTRUCTED if day > self._today else ShippingStatus.SHIPPED

    # --- rows ---

    def _note_remarks(self, block: Block, notes: "_Notes") -> None:
        """What the reader found, and characters that were lost on the way here, in columns that count or do not."""
        for row, remark in block.remarks.items():
            note = notes.refuse if remark.fatal else notes.warn
            note(row, _WHOLE_ROW, remark.value, remark.reason)
        if not block.damaged:
            return
        used = set(self._layout.columns.values())
        for row, cells in enumerate(block):
            for index, cell in enumerate(cells):
                if "\0" in cell:
                    notes.refuse(row, index, cell, _NUL)
                elif UNREADABLE.search(cell) and index not in used:
                    notes.warn(row, index, cell, _NOT_DECODED_UNUSED)
                elif NOT_DECODED.search(cell):
                    notes.refuse(row, index, cell, _NOT_DECODED)
                elif "\ufffd" in cell:
                    notes.warn(row, index, cell, _LOST)


class Batch:
    """The rows of a block. Iterating gives each row with its cells as they are in the file.

    The next batch goes on behind `last_line`, in this run or another.
    """

    def __init__(
        self, block: Block, orders: Sequence[str], ordinals: Sequence[int], columns: Sequence[Values], notes: "_Notes"
    ) -> None:
        self._block = block
        self._orders = orders
        self._ordinals = ordinals
        self._columns = columns
        self._notes = notes
        self.last_line = block.last_line

    def __len__(self) -> int:
        return len(self._block)

    def __iter__(self) -> Iterator[tuple[ShipmentRow | RejectedRow, Sequence[str]]]:
        return zip(self.rows(), self._block, strict=True)

    def rows(self) -> Iterator[ShipmentRow | RejectedRow]:
        # tuple.__new__ is what the generated constructors come to, without a Python call for each row.
        shipments = map(tuple.__new__, repeat(ShipmentId), zip(self._orders, self._ordinals, strict=True))
        cells = zip(self._block.lines, shipments, *self._columns, repeat(()), strict=False)
        rows = cast("Iterator[ShipmentRow]", map(tuple.__new__, repeat(ShipmentRow), cells))
        return self._noted(rows) if self._notes else rows

    def _noted(self, rows: Iterator[ShipmentRow]) -> Iterator[ShipmentRow | RejectedRow]:
        for index, row in enumerate(rows):
            warnings = self._notes.warnings_of(index)
            if problems := self._notes.problems_of(index):
                yield RejectedRow(row.line, (*problems, *warnings))
            else:
                yield row._replace(warnings=warnings) if warnings else row


class _Notes:
    """What was found in a block, by row and column. The first finding about a cell counts."""

    def __init__(self, block: Block, layout: Layout) -> None:
        self._block = block
        self._layout = layout
        self._problems: dict[int, dict[int, RowProblem]] = {}
        self._warnings: dict[int, dict[int, RowProblem]] = {}

    def __bool__(self) -> bool:
        return bool(self._problems or self._warnings)

    def refuse(self, row: int, column: int, value: str, reason: str) -> None:
        self._problems.setdefault(row, {}).setdefault(column, self._problem(row, column, value, reason))

    def warn(self, row: int, column: int, value: str, reason: str) -> None:
        self._warnings.setdefault(row, {}).setdefault(column, self._problem(row, column, value, reason))

    def problems_of(self, row: int) -> tuple[RowProblem, ...]:
        problems = self._problems.get(row, {})
        # What follows from a damaged row's cells would only mislead.
        columns = [_WHOLE_ROW] if _WHOLE_ROW in problems else sorted(problems)
        return tuple(problems[column] for column in columns)

    def warnings_of(self, row: int) -> tuple[RowProblem, ...]:
        return tuple(self._warnings.get(row, {}).values())

    def _problem(self, row: int, column: int, value: str, reason: str) -> RowProblem:
        name = "" if column == _WHOLE_ROW else self._layout.column_name(column)
        return RowProblem(self._block.lines[row], name, _shown(value), reason)


class _Alone:
    """Each of `values` as a tuple of its own, made when it is wanted."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[tuple[str]]:
        return zip(self._values, strict=True)


class _Memo(dict[Any, Any]):
    """What `parse` makes of cells that come again and again. Failures are not remembered."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Any) -> Any:  # noqa: ANN401 - whatever the column holds
        if len(self) >= _REMEMBERED_CELLS:
            self.clear()
        value = self[cell] = self._parse(cell)
        return value


def _cell(parse: Cell, cell: str, *, clearable: bool = True) -> Any:  # noqa: ANN401
    """What a cell asks for: None where it is blank, CLEAR where it clears, else what `parse` makes of it."""
    text = original(cell)
    bare = text.strip()
    if not bare:
        return None
    if bare in CLEARING_MARKS:
        if not clearable:
            raise PydanticCustomError("not_clearable", _NOT_CLEARABLE)
        return Clear.CLEAR
    return parse(text)


def _choice(name: str, keys: Mapping[str, str]) -> Cell:
    """A cell that holds one of the labels or keys of `keys`."""
    known = {plain_code(word).casefold(): key for label, key in keys.items() for word in (label, key)}
    labels = "、".join(keys)

    def parse(text: str) -> str:
        try:
            return known[plain_code(text).casefold()]
        except KeyError:
            raise PydanticCustomError("choice", f"{name}は次のいずれかです: {labels}") from None

    return parse


def _are_as_stored(cells: Sequence[str], max_length: int) -> bool:
    """Whether each of the cells, none of which is empty, is surely stored as it is; False may be too cautious."""
    lengths = set(map(len, cells))
    if max(lengths) > max_length or 1 in lengths:  # One character may be a mark that clears.
        return False
    joined = "".join(cells)
    if joined.isascii() and not joined.encode().translate(None, _CODE_BYTES):
        return True
    framed = "|".join(("", *cells, ""))
    return (
        # The full-width space is common in Japanese text, and does not count as printable.
        framed.replace("\u3000", "").isprintable()
        and "|'" not in framed
        and "|=" not in framed
        and not (" " in framed and ("| " in framed or " |" in framed))
        and not ("\u3000" in framed and ("|\u3000" in framed or "\u3000|" in framed))
    )


def _parse_key(text: str) -> ShipmentId:
    shipment = ShipmentId.find_in(text)
    if shipment is None:
        raise PydanticCustomError("shipment_id", _NOT_A_KEY)
    return shipment


def _parse_status(text: str) -> ShippingStatus:
    status = ShippingStatus.parse(text)
    if status is None:
        labels = "、".join(known.label for known in ShippingStatus)
        raise PydanticCustomError("choice", f"発送状況は次のいずれかです: {labels}")
    return status


def _text(adapter: TypeAdapter[str]) -> Cell:
    def parse(text: str) -> str:
        if USER_DEFINED.search(text):
            raise PydanticCustomError("user_defined", _GAIJI)
        return adapter.validate_python(text)

    return parse


def _reason(error: PydanticCustomError | ValidationError) -> str:
    if isinstance(error, PydanticCustomError):
        return error.message()
    details = error.errors(include_url=False, include_input=False)[0]
    if details["type"] == "string_too_long":
        return f"{details['ctx']['max_length']:,}文字以内にしてください"
    return details["msg"]


def _shown(value: str) -> str:
    text = UNREADABLE.sub("\ufffd", " ".join(value.split()))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
