"""Opaque cursors: a position in a list, bound to the filter that it belongs to."""

import base64
import binascii
import hashlib

from order_api.auth import ProblemError
from shukka.domain.listing import OrderFilter
from shukka.http import Problem

_BAD = Problem(400, "bad-cursor", "cursor が正しくありません。一覧の先頭から取得し直してください")


def write_cursor(position: str | None, wanted: OrderFilter) -> str | None:
    if position is None:
        return None
    return base64.urlsafe_b64encode(f"{_mark(position, wanted)}{position}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, wanted: OrderFilter) -> str | None:
    """The position; raises ProblemError (400) for a cursor that was changed or belongs to another filter.

    The mark guards against mistakes, not against a forger: a position reveals nothing and opens nothing, since every
    query is bound to what the caller may see.
    """
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise ProblemError(_BAD) from None
    mark, position = text[:16], text[16:]
    if not position or mark != _mark(position, wanted):
        raise ProblemError(_BAD)
    return position


def _mark(position: str, wanted: OrderFilter) -> str:
    parts = [sorted(part) if isinstance(part, frozenset) else part for part in wanted]
    return hashlib.sha256(f"{position}{parts!r}".encode()).hexdigest()[:16]
