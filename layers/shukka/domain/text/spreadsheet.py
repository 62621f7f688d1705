"""CSV cells for spreadsheet programs: harmless there, and unchanged when the file is imported again."""

import re
from collections.abc import Sequence

# What Excel takes for a formula, full-width signs included; a line break or tab in front does not stop it. Apostrophes
# in front are our own, or an import would take them for our own.
_FORMULA = "'*[=+\\-@\t\r\n＝＋－＠]"
_STARTS_FORMULA = re.compile(_FORMULA)
# Harmless although they begin so: numbers, and the lone hyphen that clears a field.
_HARMLESS = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?|-")
_AS_TEXT = re.compile('="([^"]*)"')
# Digits of which a spreadsheet would show 4.44E+11, or drop the zeros in front.
_LONG_NUMBER = "(?:[0-9]{12,}|0[0-9]+)"
_IS_LONG_NUMBER = re.compile(_LONG_NUMBER)
_TO_GUARD_IN_A_ROW = re.compile(f"\0(?:{_FORMULA}|{_LONG_NUMBER}(?:\0|$))")


def harmless(cell: str) -> str:
    """`cell` with an apostrophe in front where a spreadsheet would calculate it. `original` takes it off again."""
    return f"'{cell}" if _STARTS_FORMULA.match(cell) and not _HARMLESS.fullmatch(cell) else cell


def as_text(cell: str) -> str:
    """A code as ="0123", of which a spreadsheet keeps every digit; harmless where it cannot be written so."""
    return f'="{cell}"' if cell and '"' not in cell else harmless(cell)


def guarded_row(cells: Sequence[str]) -> Sequence[str]:
    """`cells` of any file so that they survive being opened and saved: long numbers as text, formulas as text.

    Those that were guarded before stay as they are. Quick where that is nothing to do.
    """
    framed = "\0" + "\0".join(cells)
    return list(map(_guarded, cells)) if _TO_GUARD_IN_A_ROW.search(framed) else cells


def _guarded(cell: str) -> str:
    bare = original(cell)
    return as_text(bare) if _IS_LONG_NUMBER.fullmatch(bare) else harmless(bare)


def original(cell: str) -> str:
    """`cell` as it was before `harmless` or `as_text`."""
    if cell.startswith("'") and _STARTS_FORMULA.match(cell):
        return cell[1:]
    as_it_was = _AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
    return as_it_was[1] if as_it_was else cell
