"""Python's search for garbage, held back while rows are applied: a quarter of an import's time would go into it."""

import gc

_NEW_OBJECTS = 50_000


def collect_rarely() -> None:
    """All that was loaded is there to stay, and rows are freed as soon as they are done with, for they make no cycles.

    What does make some, such as an error with its traceback, is still found, only later.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
