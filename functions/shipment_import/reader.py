"""Text to rows of cells, in blocks. Every line of the file is blank, or in a row that is read or reported.

In most files every cell of a chunk is quoted, or none is. Splitting the text then suffices, and takes half the time of
`csv.reader`, which reads the other chunks.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import accumulate, islice, repeat
from typing import NamedTuple

from shipment_import.text import MAX_ROW_LENGTH, Chunk, LineTooLongError

_LINE_END = re.compile("\r\n|\r|\n")
_MARK = "\0"
_FEW = 250
# Lines that csv.reader gets at a time, so that a new start after a damaged one stays cheap.
_WINDOW = 1_000

_BAD_QUOTES = '引用符（"）が閉じられていないか、余分にあります。この行は読み取れませんでした'
_CUT_OFF = "ファイルがこの行の途中で切れています。出力し直してください"
_TOO_LONG = '1行が長すぎるため、ここから先は読み取れません。引用符（"）が閉じられているか確認してください'


class Remark(NamedTuple):
    """A remark about a whole row. `fatal`: its cells cannot be trusted."""

    reason: str
    value: str = ""
    fatal: bool = True


class Block:
    """Consecutive rows of the file, with the same number of cells. Blank rows are left out.

    `lines` are the lines on which they begin; the next block starts after `last_line`. `damaged`: some characters may
    be unreadable. `open_end`: the file ends in the last row, after a cell without quotes, which may be incomplete.
    """

    def __init__(
        self,
        columns: Sequence[Sequence[str]],
        lines: Sequence[int],
        last_line: int,
        *,
        damaged: bool = False,
        open_end: bool = False,
        remarks: dict[int, Remark] | None = None,
        originals: dict[int, list[str]] | None = None,
    ) -> None:
        self._originals = originals or {}
        self.columns = columns
        self.lines = lines
        self.last_line = last_line
        self.damaged = damaged
        self.open_end = open_end
        self.remarks = remarks or {}

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Sequence[str]]:
        """The cells of each row as they are in the file; there may be more or fewer than in the heading."""
        rows = zip(*self.columns, strict=True)
        return (self._originals.get(index, row) for index, row in enumerate(rows)) if self._originals else rows


def read_blocks(chunks: Iterable[Chunk], width: int, delimiter: str, after_line: int) -> Iterator[Block]:
    """The rows after the first `after_line` lines of a file whose heading has `width` cells.

    `after_line` is the last line of the heading, or the `last_line` of a processed block.
    """
    careful = _CarefulReader(width, delimiter)
    line = 0
    try:
        for chunk in chunks:
            text, line = _skip(chunk.text, line, after_line) if line < after_line else (chunk.text, line)
            if not text:
                continue
            block = None if chunk.damaged or careful.unfinished else _read_at_once(text, width, delimiter, line)
            if block is None:
                block = careful.read(text, line, damaged=chunk.damaged, final=False)
            line = block.last_line
            yield block
            careful.check_length()
        if careful.unfinished:
            yield careful.read("", line, damaged=careful.damaged, final=True)
    except LineTooLongError:
        yield Block([("",)] * width, (line + 1,), line + 1, remarks={0: Remark(_TOO_LONG)})


def _read_at_once(text: str, width: int, delimiter: str, line: int) -> Block | None:
    """The rows of a text if each has `width` cells and none is blank; None if that is not certain."""
    end = "\r\n" if text.endswith("\r\n") else "\n"
    if text[-1] not in "\r\n":
        # The end of the file, which may have been cut off.
        return None
    if '"' not in text:
        columns = _split_unquoted(text, width, delimiter, end)
    elif text[0] == '"' and text.count('"') % (2 * width) == 0:
        columns = _split_quoted(text, width, delimiter, end) or _parse(text, width, delimiter)
    else:
        columns = _parse(text, width, delimiter)
    if not columns or ("" in columns[0] and not all(map(any, zip(*columns, strict=True)))):
        return None
    rows = len(columns[0])
    if (text.count("\n"), text.count("\r")) == (rows, rows if end == "\r\n" else 0):
        return Block(columns, range(line + 1, line + 1 + rows), line + rows)
    *lines, next_line = accumulate(map(_height, zip(*columns, strict=True)), initial=line + 1)
    return Block(columns, lines, next_line - 1)


def _split_quoted(text: str, width: int, delimiter: str, end: str) -> list[list[str]] | None:
    """The columns of a text that only consists of quoted cells, delimiters, and a line end after each row.

    Quotes within cells would be doubled, and look like a separator.
    """
    pieces = text.split('"')
    separators = pieces[2::2]
    rows = len(separators) // width
    if (
        pieces[0]
        or separators.count(delimiter) != rows * (width - 1)
        or separators[width - 1 :: width].count(end) != rows
    ):
        return None
    return [pieces[1 + 2 * column :: 2 * width] for column in range(width)]


def _split_unquoted(text: str, width: int, delimiter: str, end: str) -> list[list[str]] | None:
    """The columns of a text without quotes, with one kind of line end."""
    rows = text.count("\n")
    if not text.endswith(end) or text.count("\r") != (rows if end == "\r\n" else 0):
        return None
    # A mark after each row shows whether all have the same length. A chunk with a NUL is not read here.
    pieces = text.replace(end, f"{delimiter}{_MARK}{delimiter}").split(delimiter)
    if len(pieces) != rows * (width + 1) + 1 or pieces[width :: width + 1].count(_MARK) != rows:
        return None
    return [pieces[column : -1 : width + 1] for column in range(width)]


def _parse(text: str, width: int, delimiter: str) -> list[list[str]] | None:
    """The columns of a text as csv.reader finds them."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[list[str]] = [[] for _ in range(width)]
    try:
        # A few rows at a time: fewer lists than start a garbage collection.
        while rows := list(islice(reader, _FEW)):
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(cells)
    except (csv.Error, ValueError):
        return None
    return columns


def _skip(text: str, line: int, after_line: int) -> tuple[str, int]:
    """The part of `text` (which begins after `line`) after `after_line`, and the line after which that part begins."""
    lines = list(StringIO(text, newline=""))
    skipped = min(after_line - line, len(lines))
    return "".join(lines[skipped:]), line + skipped


class _CarefulReader:
    """A strict csv.reader that continues after damaged lines. `unfinished` are the lines of an incomplete row."""

    def __init__(self, width: int, delimiter: str) -> None:
        self._width = width
        self._delimiter = delimiter
        self.unfinished: list[str] = []
        self.damaged = False

    def check_length(self) -> None:
        if sum(map(len, self.unfinished)) > MAX_ROW_LENGTH:
            raise LineTooLongError

    def read(self, text: str, line: int, *, damaged: bool, final: bool) -> Block:
        """The rows of the unfinished lines and `text`, which follow `line`."""
        damaged = self.damaged = damaged or (self.damaged and bool(self.unfinished))
        lines = [*self.unfinished, *StringIO(text, newline="")]
        rows: list[list[str]] = []
        starts: list[int] = []
        remarks: dict[int, Remark] = {}
        at, window = 0, _WINDOW
        while at < len(lines):
            piece = lines[at : at + window]
            is_last = at + window >= len(lines)
            reader = csv.reader(piece, delimiter=self._delimiter, strict=True)
            try:
                # Keeps what was read before an error.
                rows.extend(reader)
                broken = False
            except csv.Error:
                broken = True
            new = rows[len(starts) :]
            *begins, at = accumulate(
                map(_height, new) if reader.line_num > len(new) else repeat(1, len(new)), initial=at
            )
            starts += begins
            may_go_on = broken and reader.line_num == len(piece)
            if may_go_on and not is_last:
                window *= 2
                continue
            if may_go_on and not final:
                break
            window = _WINDOW
            if broken:
                is_cut = may_go_on and at == len(lines) - 1 and not _LINE_END.search(lines[at][-1:])
                remarks[len(rows)] = Remark(_CUT_OFF if is_cut else _BAD_QUOTES, lines[at].rstrip("\r\n"))
                rows.append(next(csv.reader([lines[at][: csv.field_size_limit()]], delimiter=self._delimiter), []))
                starts.append(at)
                at += 1
        self.unfinished = lines[at:]
        open_end = bool(at and rows) and not _LINE_END.search(lines[at - 1][-1:])
        open_end = open_end and not _is_blank(rows[-1], self._width)
        if open_end and len(rows[-1]) < self._width:
            remarks.setdefault(len(rows) - 1, Remark(_CUT_OFF))
        # What follows a quote that closes a cell is a delimiter or a line end.
        open_end = open_end and len(rows[-1]) == self._width and lines[at - 1][-1:] != '"'
        numbers = [line + 1 + start for start in starts]
        return self._block(rows, numbers, line + at, remarks, damaged=damaged, open_end=open_end)

    def _block(
        self,
        rows: list[list[str]],
        lines: list[int],
        last_line: int,
        remarks: dict[int, Remark],
        *,
        damaged: bool,
        open_end: bool,
    ) -> Block:
        width = self._width
        if not remarks and {width}.issuperset(map(len, rows)) and [""] * width not in rows:
            return Block(list(zip(*rows, strict=True)), lines, last_line, damaged=damaged, open_end=open_end)
        kept = [index for index, row in enumerate(rows) if index in remarks or not _is_blank(row, width)]
        straight: list[list[str]] = []
        originals: dict[int, list[str]] = {}
        kept_remarks: dict[int, Remark] = {}
        for place, index in enumerate(kept):
            row = rows[index]
            straight.append([*row[:width], *[""] * (width - len(row))])
            remark = remarks.get(index) or _remark_on_width(row, width)
            if remark:
                kept_remarks[place] = remark
            if len(row) != width:
                originals[place] = row
        return Block(
            list(zip(*straight, strict=True)),
            [lines[index] for index in kept],
            last_line,
            damaged=damaged,
            open_end=open_end,
            remarks=kept_remarks,
            originals=originals,
        )


def _height(row: Iterable[str]) -> int:
    """The lines that a row takes: line ends within its cells are kept as they were."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row)


def _is_blank(row: list[str], width: int) -> bool:
    """Also true of a line of blanks or of the Ctrl-Z with which old programs end their files."""
    return not any(row) if len(row) == width else not "".join(row).strip(" \t\u3000\x1a")


def _remark_on_width(row: list[str], width: int) -> Remark | None:
    if len(row) < width:
        # Excel leaves out empty cells at the end of a row.
        reason = f"列が見出しより少なく、足りない列は空欄として扱いました（見出し{width}列、この行{len(row)}列）"
        return Remark(reason, fatal=False)
    if any(row[width:]):
        reason = (
            f"列が見出しより多くあります（見出し{width}列、この行{len(row)}列）。"
            '区切り文字を含むセルは引用符（"）で囲んでください'
        )
        return Remark(reason)
    return None
