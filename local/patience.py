"""Waiting that a busy machine cannot break: what is bounded is standing still, never the time that work takes."""

import time
from collections.abc import Callable
from typing import TypeVar

HANG_SECONDS = 1800
"""Time-out of a request or program that is at work until it answers. It ends a hang, and nothing that is only slow."""

# A message that failed once is delivered again after six minutes, and nothing is seen to move until then.
_UNCHANGED_ANSWERS = 2_000
_PAUSE_SECONDS = 0.25

Seen = TypeVar("Seen")


class NothingMovesError(Exception):
    """What was waited for did not come, and nothing moved any more."""


def wait_for(look: Callable[[], Seen], reached: Callable[[Seen], object] = bool, what: str = "it") -> Seen:
    """Looks until what it sees is what was waited for; returns that.

    Patience is counted in looks that saw no change, and begins anew with each change. Each look asks the program that
    is waited for, so on a busy machine looks become slower together with the work. Raises NothingMovesError.
    """
    unchanged = 0
    last: Seen | None = None
    while not reached(seen := look()):
        unchanged = unchanged + 1 if seen == last else 0
        if unchanged == _UNCHANGED_ANSWERS:
            raise NothingMovesError(f"{what} did not come: {seen!r}, {unchanged} times the same")
        last = seen
        time.sleep(_PAUSE_SECONDS)
    return seen
