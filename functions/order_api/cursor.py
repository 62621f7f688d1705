"""Opaque cursors: a position in a list, bound to what the list shows."""

import base64
import binascii
import hashlib

from shukka.http import Fault, Problem, ProblemError

_BAD = Problem(Fault.BAD_CURSOR, "この一覧の cursor ではありません。一覧の先頭から取得し直してください")


def write_cursor(position: str | None, wanted: object) -> str | None:
    """The cursor of `position` in the list of `wanted`, whose repr tells it from every other list."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(f"{_mark(position, wanted)}{position}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, wanted: object) -> str | None:
    """The position; raises ProblemError (400) for a cursor that was changed or belongs to another list.

    The mark guards against mistakes, not against a forger: a position reveals nothing and opens nothing, since every
    query is bound to what the caller may see.
    """
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ProblemError(_BAD) from None
    mark, position = text[:16], text[16:]
    if not position or mark != _mark(position, wanted):
        raise ProblemError(_BAD)
    return position


def _mark(position: str, wanted: object) -> str:
    return hashlib.sha256(f"{position}{wanted!r}".encode()).hexdigest()[:16]
