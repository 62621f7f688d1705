"""CSV as spreadsheet programs and business software read it: every cell quoted, CRLF, and no cell that calculates."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from shukka.domain.text.cp932 import holds, legible
from shukka.domain.text.spreadsheet import as_text, harmless

_BOM = "\ufeff"


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    CP932 = "cp932"


class Lost(NamedTuple):
    """Characters of a cell (its index) that the encoding does not have."""

    cell: int
    characters: str


class CsvText:
    """Rows to bytes. Where `exact`, a cell that the encoding cannot hold is left blank, which an import passes over."""

    def __init__(self, encoding: Encoding, *, exact: bool = False) -> None:
        self._encoding = encoding
        self._exact = exact

    @property
    def beginning(self) -> bytes:
        """With a BOM, spreadsheet programs take UTF-8 for what it is."""
        return _BOM.encode() if self._encoding is Encoding.UTF_8 else b""

    def row(self, cells: Sequence[str], codes: Collection[int] = ()) -> tuple[bytes, Sequence[Lost]]:
        """The row, and what was lost of it. `codes` are the indexes of cells that are written as ="0123"."""
        line = _line(cells, codes)
        if self._encoding is Encoding.UTF_8:
            return line.encode(), ()
        if holds(line):
            return line.encode(self._encoding), ()
        lost: list[Lost] = []
        held: list[str] = []
        for index, cell in enumerate(cells):
            text, missing = legible(cell)
            if self._exact and text != cell:
                text, missing = "", missing or "".join(dict.fromkeys(mark for mark in cell if not holds(mark)))
            if missing:
                lost.append(Lost(index, missing))
            held.append(text)
        return _line(held, codes).encode(self._encoding), lost


def _line(cells: Sequence[str], codes: Collection[int]) -> str:
    safe = (as_text(cell) if index in codes else harmless(cell) for index, cell in enumerate(cells))
    return ",".join(f'"{cell.replace(_QUOTE, _QUOTE * 2)}"' for cell in safe) + "\r\n"


_QUOTE = '"'
