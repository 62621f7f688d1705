"""Cells to validated rows, a column at a time.

Most columns have only cells in their stored form. One check of the whole column proves that, at a tenth of the cost of
checking each cell. Any other column is read cell by cell with the API's validators, which also say what is wrong. Both
ways give the same rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import islice, repeat
from typing import Any, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shipment_import.file_problem import encodable
from shipment_import.formats import Layout
from shipment_import.reader import Block
from shipment_import.text import NOT_DECODED, UNREADABLE
from shukka.domain.imports.mapping import NOT_CLEARABLE, ONLY_TO_FIND, ImportField, StatusRule
from shukka.domain.imports.row import (
    CLEARING_MARKS,
    Clear,
    Reference,
    ReferringRow,
    RejectedRow,
    RowProblem,
    ShipmentRow,
)
from shukka.domain.shipping.carrier import Carrier, CheckDigit, Concern
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.shipping.tracking import MAX_DIGITS, MIN_DIGITS, parse_tracking_numbers
from shukka.domain.text.cp932 import USER_DEFINED
from shukka.domain.text.dates import parse_business_date
from shukka.domain.text.normalize import plain_code
from shukka.domain.text.spreadsheet import original
from shukka.domain.text.values import ORDER_NUMBER, SHIPMENT_ID, Label, Note

_SHOWN_CHARACTERS = 40
_REMEMBERED_CELLS = 10_000
_WHOLE_ROW = -1
_FAR_AWAY = timedelta(days=366)

_SHIPMENT_IDS = re.compile(rf"(?:{SHIPMENT_ID}\n)*+")
# A part of such a value may look like a whole one, and be another shipment's or another day.
_DATES = frozenset({ImportField.SHIPPED_ON, ImportField.DELIVERED_ON, ImportField.REQUESTED_DATE})
_NOT_IN_PART = _DATES | {
    ImportField.SHIPMENT_ID,
    ImportField.TRACKING_NUMBERS,
    ImportField.EXTERNAL_SHIPMENT_CODE,
}
# A day of two digits, or followed by a sign.
_WHOLE_DAY = re.compile(r"(?:\D[0-9]{2}|^[0-9]{8}|\D)$")
# Most codes only have these: no blanks to trim, no apostrophes, no ="text", no control characters.
_CODE_BYTES = bytes(set(range(0x21, 0x7F)) - set(b"'="))
_MAX_LABEL, _MAX_NOTE = 255, 10_000

_NO_KEY = "発送IDが空です"
_KEYS_DIFFER = "発送IDが複数の列にあり、食い違っています。発送IDではないほうの列を空にしてください"
_OTHER_ORDER = "受注番号が発送IDと食い違っています。どちらが正しいか確認してください"
_NOT_AN_ORDER = "受注番号ではありません。半角数字で入れてください（例 100123）"
_NOT_A_KEY = "発送IDではありません。受注番号-番号（例 100123-1）の形で入れてください"
_NO_NUMBER = "送り状番号が空です。送り状を発行してから出力し直してください"
_NOT_CLEARABLE = "この項目は空にできません"
_FAR_DATE = "今日から1年以上離れた日付です。年を確認してください"
_NUL = "壊れた文字（NUL）があります。ファイルを出力し直してください"
_NOT_DECODED = "文字コードとして読めない文字があります。UTF-8またはShift_JISで保存し直してください"
_NOT_DECODED_UNUSED = "読めない文字がありますが、取り込みに使わない列のため、そのまま進めました"
_LOST = "元のファイルで失われた文字があります。内容を確認してください"
_MAYBE_CUT = (
    "ファイルがこのセルの途中で切れている可能性があるため、この行は反映していません。"
    "ファイルの終わりを確認し、出力し直すか、最後に改行を入れてください"
)
_GAIJI = "外字（登録したパソコンでしか読めない文字）があります。ほかの文字に置き換えてください"

Cell = Callable[[str], Any]
Values: TypeAlias = "Iterable[Any]"
ReadRow: TypeAlias = ShipmentRow | ReferringRow | RejectedRow

_ORDER_NUMBER = re.compile(ORDER_NUMBER)
_TO_BE_FOUND = ShipmentId("", 0)


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
        self._last_column: Sequence[str] = ()
        self._ordinals = _Memo(int)
        self._status_on = _Memo(self._status_of_day)
        self._far_days: set[date] = set()
        parsers: dict[ImportField, Cell] = {
            ImportField.SHIPMENT_ID: _parse_key,
            ImportField.TRACKING_NUMBERS: parse_tracking_numbers,
            ImportField.CARRIER: _choice("配送業者", *_carrier_names(self._carriers.values())),
            ImportField.STATUS: _parse_status,
            ImportField.SHIPPED_ON: self._ship_date,
            ImportField.DELIVERED_ON: parse_business_date,
            ImportField.REQUESTED_DATE: parse_business_date,
            ImportField.TIME_SLOT: _text(TypeAdapter(Label)),
            ImportField.EXTERNAL_SHIPMENT_CODE: _text(TypeAdapter(Label)),
            ImportField.MEMO: _text(TypeAdapter(Note)),
            ImportField.MESSAGE_TO_MEMBER: _text(TypeAdapter(Note)),
            ImportField.HANDLING_STATUS: _choice("対応状況", handling_statuses),
            ImportField.ORDER_NUMBER: _parse_order_number,
            ImportField.RECIPIENT: _text(TypeAdapter(Label)),
            ImportField.POSTAL_CODE: plain_code,
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
        carriers = self._carriers_of(block, notes)
        if block.open_end:
            # Before the cells are read: other problems of an incomplete row would mislead.
            self._doubt_last_cell(block, carriers, notes)
        self._last_column = block.columns[-1]
        orders, ordinals = self._shipments(block, notes)
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
        keys = [index for index in self._layout.keys if any(block.columns[index])]
        others = [self._layout.columns[name] for name in ONLY_TO_FIND if name in self._layout.columns]
        if len(keys) == 1 and not others:
            joined = "\n".join(block.columns[keys[0]])
            if _SHIPMENT_IDS.fullmatch(f"{joined}\n"):
                parts = joined.replace("-", "\n").split("\n")
                return parts[::2], list(map(self._ordinals.__getitem__, parts[1::2]))
        found = [self._shipment(row, block, notes) for row in range(len(block))]
        orders, ordinals = zip(*found, strict=True) if found else ((), ())
        return orders, ordinals

    def _shipment(self, row: int, block: Block, notes: "_Notes") -> ShipmentId:
        """The row's shipment. A placeholder if `notes` have a reference or a refusal."""
        cells = {index: cell for index in self._layout.keys if (cell := block.columns[index][row]).strip()}
        found = {index: shipment for index, cell in cells.items() if (shipment := ShipmentId.find_in(original(cell)))}
        order_number = self._to_find(ImportField.ORDER_NUMBER, row, block, notes)
        if found:
            index, shipment = next(iter(found.items()))
            if len(set(found.values())) > 1:
                seen = "、".join(f"{self._layout.column_name(index)}={shipment}" for index, shipment in found.items())
                notes.refuse(row, index, seen, _KEYS_DIFFER)
            elif order_number and order_number != shipment.order_number:
                notes.refuse(row, self._layout.columns[ImportField.ORDER_NUMBER], order_number, _OTHER_ORDER)
            return shipment
        index, cell = next(iter(cells.items()), (self._layout.key_column, ""))
        if cell and not self._layout.format.key_is_free:
            self._cell_at(ImportField.SHIPMENT_ID, row, index, cell, notes)
            return _TO_BE_FOUND
        code = "" if cell.strip() in CLEARING_MARKS else plain_code(original(cell))
        if not self._layout.keys:
            code = plain_code(self._to_find(ImportField.EXTERNAL_SHIPMENT_CODE, row, block, notes))
        reference = Reference(
            order_number or (code if cell and _ORDER_NUMBER.fullmatch(code) else ""),
            code,
            self._to_find(ImportField.RECIPIENT, row, block, notes),
            self._to_find(ImportField.POSTAL_CODE, row, block, notes),
        )
        if reference._replace(postal_code="") == Reference():
            notes.refuse(row, index, "", _NO_KEY)
        elif len(code) > _MAX_LABEL:
            notes.refuse(row, index, cell, _NOT_A_KEY)
        else:
            notes.refer(row, reference)
        return _TO_BE_FOUND

    def _to_find(self, name: ImportField, row: int, block: Block, notes: "_Notes") -> str:
        """The cell of a column that may identify the shipment; empty without such a column."""
        index = self._layout.columns.get(name)
        value = None if index is None else self._cell_at(name, row, index, block.columns[index][row], notes)
        return value if isinstance(value, str) else ""

    def _cell_at(self, name: ImportField, row: int, index: int, cell: str, notes: "_Notes") -> Any:  # noqa: ANN401
        """The value that the cell requests; None, with a note, if it is damaged."""
        try:
            value = self._cells[name](cell)
        except (PydanticCustomError, ValidationError) as error:
            notes.refuse(row, index, cell, _reason(error))
            return None
        return value

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
        # On text, isdigit() would be slow and accept other digits.
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
        """Whether the numbers of these rows are certainly right; False may be too cautious."""
        if not isinstance(carriers, repeat):
            return not any(isinstance(carrier, str) for carrier in carriers)
        return self._default_carrier is None or self._carriers[self._default_carrier].vouches_for(numbers)

    def _check_numbers(
        self, values: Iterable[tuple[str, ...] | Clear | None], carriers: Values, index: int, notes: "_Notes"
    ) -> None:
        """Refuses or doubts numbers by the rule of the row's carrier, if that is known."""
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
        if self._layout.format.needs_number and ImportField.TRACKING_NUMBERS not in self._layout.columns:
            return repeat(None)
        if ImportField.SHIPPED_ON not in self._layout.columns:
            # A file without dates lists what was shipped.
            return repeat(ShippingStatus.SHIPPED)
        if isinstance(shipped_on, repeat):
            return repeat(None)
        return list(map(self._status_on.__getitem__, shipped_on))

    def _repeated(self, name: ImportField, block: Block, notes: "_Notes") -> Values:
        """A column with few distinct values."""
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
        index = self._layout.columns[name]
        return [self._cell_at(name, row, index, cell, notes) for row, cell in enumerate(column)]

    def _doubt_last_cell(self, block: Block, carriers: Values, notes: "_Notes") -> None:
        """Refuses the last row of a file that does not end with a line end, unless its last cell is certainly complete.

        A number that passes its carrier's check is complete, and so is a cell as long as that of other rows.
        """
        last = self._layout.width - 1
        field = next((name for name, index in self._layout.columns.items() if index == last), None)
        *others, cell = (*self._last_column, *block.columns[last])
        if field not in _NOT_IN_PART or not cell or len(cell) >= max(map(len, others), default=len(cell) + 1):
            return
        if field is ImportField.TRACKING_NUMBERS:
            *_, key = islice(carriers, len(block))
            is_whole = self._is_whole_number(cell, self._carriers.get(key))
        else:
            is_whole = field in _DATES and bool(_WHOLE_DAY.search(cell))
        if not is_whole:
            notes.refuse(len(block) - 1, last, cell, _MAYBE_CUT)

    def _is_whole_number(self, cell: str, carrier: Carrier | None) -> bool:
        """Whether the number passes its carrier's check, or that of any carrier if its own is unknown."""
        possible = (
            [carrier] if carrier else [one for one in self._carriers.values() if one.check_digit is CheckDigit.MOD7]
        )
        return any(len(cell) == max(one.number_digits, default=0) and one.vouches_for([cell]) for one in possible)

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
        """Notes the reader's remarks and lost characters, both in columns that are used and in others."""
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

    The next batch starts after `last_line`, in this run or another.
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

    def __iter__(self) -> Iterator[tuple[ReadRow, Sequence[str]]]:
        return zip(self.rows(), self._block, strict=True)

    def rows(self) -> Iterator[ReadRow]:
        # tuple.__new__ does what the generated constructors do, without a Python call for each row.
        shipments = map(tuple.__new__, repeat(ShipmentId), zip(self._orders, self._ordinals, strict=True))
        cells = zip(self._block.lines, shipments, *self._columns, repeat(()), strict=False)
        rows = cast("Iterator[ShipmentRow]", map(tuple.__new__, repeat(ShipmentRow), cells))
        return self._noted(rows) if self._notes else rows

    def _noted(self, rows: Iterator[ShipmentRow]) -> Iterator[ReadRow]:
        for index, row in enumerate(rows):
            warnings = self._notes.warnings_of(index)
            if problems := self._notes.problems_of(index):
                yield RejectedRow(row.line, (*problems, *warnings))
                continue
            noted = row._replace(warnings=warnings) if warnings else row
            reference = self._notes.reference_of(index)
            yield ReferringRow(noted, reference) if reference else noted


class _Notes:
    """The findings about a block by row and column. The first finding about a cell counts."""

    def __init__(self, block: Block, layout: Layout) -> None:
        self._block = block
        self._layout = layout
        self._problems: dict[int, dict[int, RowProblem]] = {}
        self._warnings: dict[int, dict[int, RowProblem]] = {}
        self._references: dict[int, Reference] = {}

    def __bool__(self) -> bool:
        return bool(self._problems or self._warnings or self._references)

    def refer(self, row: int, reference: Reference) -> None:
        self._references[row] = reference

    def reference_of(self, row: int) -> Reference | None:
        return self._references.get(row)

    def refuse(self, row: int, column: int, value: str, reason: str) -> None:
        self._problems.setdefault(row, {}).setdefault(column, self._problem(row, column, value, reason))

    def warn(self, row: int, column: int, value: str, reason: str) -> None:
        self._warnings.setdefault(row, {}).setdefault(column, self._problem(row, column, value, reason))

    def problems_of(self, row: int) -> tuple[RowProblem, ...]:
        problems = self._problems.get(row, {})
        # Findings about the cells of a damaged row would mislead.
        columns = [_WHOLE_ROW] if _WHOLE_ROW in problems else sorted(problems)
        return tuple(problems[column] for column in columns)

    def warnings_of(self, row: int) -> tuple[RowProblem, ...]:
        return tuple(self._warnings.get(row, {}).values())

    def _problem(self, row: int, column: int, value: str, reason: str) -> RowProblem:
        name = "" if column == _WHOLE_ROW else self._layout.column_name(column)
        return RowProblem(self._block.lines[row], encodable(name), _shown(value), encodable(reason))


class _Alone:
    """Each of `values` as a tuple of its own, created on access."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[tuple[str]]:
        return zip(self._values, strict=True)


class _Memo(dict[Any, Any]):
    """Remembers the result of `parse` for repeated cells. Failures are not remembered."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Any) -> Any:  # noqa: ANN401 - whatever the column holds
        if len(self) >= _REMEMBERED_CELLS:
            self.clear()
        value = self[cell] = self._parse(cell)
        return value


def _cell(parse: Cell, cell: str, *, clearable: bool = True) -> Any:  # noqa: ANN401
    """The value of a cell: None if it is blank, CLEAR if it clears, else the result of `parse`."""
    text = original(cell)
    bare = text.strip()
    if not bare:
        return None
    if bare in CLEARING_MARKS:
        if not clearable:
            raise PydanticCustomError("not_clearable", _NOT_CLEARABLE)
        return Clear.CLEAR
    return parse(text)


def _choice(name: str, keys: Mapping[str, str], aliases: Mapping[str, str] | None = None, hint: str = "") -> Cell:
    """A cell that holds one of the labels or keys of `keys`, or one of the `aliases`, which are folded."""
    known = {**(aliases or {}), **{_folded(word): key for label, key in keys.items() for word in (label, key)}}
    labels = "、".join(keys)

    def parse(text: str) -> str:
        try:
            return known[_folded(text)]
        except KeyError:
            raise PydanticCustomError("choice", f"{name}は次のいずれかです: {labels}{hint}") from None

    return parse


def _folded(word: str) -> str:
    return plain_code(word).casefold()


def _carrier_names(carriers: Iterable[Carrier]) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    """The arguments of `_choice` for the shop's carriers. Names come before aliases, these before usual names."""
    carriers = tuple(carriers)
    aliases = {
        **{_folded(name): carrier.key for carrier in carriers for name in carrier.usual_names},
        **{_folded(name): carrier.key for carrier in carriers for name in carrier.aliases},
    }
    hint = "。ほかの呼び名は、設定の配送業者の別名（aliases）に登録できます"
    return {carrier.name: carrier.key for carrier in carriers}, aliases, hint


def _parse_order_number(text: str) -> str:
    number = plain_code(text)
    if not _ORDER_NUMBER.fullmatch(number):
        raise PydanticCustomError("order_number", _NOT_AN_ORDER)
    return number


def _are_as_stored(cells: Sequence[str], max_length: int) -> bool:
    """Whether each of the cells (none is empty) is certainly in its stored form; False may be too cautious."""
    lengths = set(map(len, cells))
    if max(lengths) > max_length or 1 in lengths:  # One character may be a mark that clears.
        return False
    joined = "".join(cells)
    if joined.isascii() and not joined.encode().translate(None, _CODE_BYTES):
        return True
    framed = "|".join(("", *cells, ""))
    return (
        # The full-width space is common in Japanese text but not printable for Python.
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
    text = encodable(" ".join(value.split()))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
