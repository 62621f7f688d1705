"""CSV cells that a spreadsheet program opens: harmless there, and the same again when the file comes back."""

import re
from collections.abc import Sequence

# What Excel takes for a formula, full-width signs included; a line break or tab in front does not stop it. Apostrophes
# in front are our own, or would be taken for our own when the file comes back.
_FORMULA = "'*[=+\\-@\t\r\n＝＋－＠]"
_STARTS_FORMULA = re.compile(_FORMULA)
_IN_A_ROW = re.compile(f"\0{_FORMULA}")
# Harmless although they begin so: numbers, the lone hyphen that clears a field, and ="text" that keeps a code's zeros.
_HARMLESS = re.compile(r'[-+]?[0-9][0-9,]*(?:\.[0-9]+)?|-|="[^"]*"')


def harmless(cell: str) -> str:
    """`cell` with an apostrophe in front where a spreadsheet would calculate it. `original` takes it off again."""
    return f"'{cell}" if _STARTS_FORMULA.match(cell) and not _HARMLESS.fullmatch(cell) else cell


def harmless_row(cells: Sequence[str]) -> Sequence[str]:
    """Each of `cells` made harmless; quick where that is nothing to do, as it is for nearly every row."""
    framed = "\0" + "\0".join(cells)
    return [harmless(cell) for cell in cells] if _IN_A_ROW.search(framed) else cells


def original(cell: str) -> str:
    """`cell` as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and _STARTS_FORMULA.match(cell) else cell
