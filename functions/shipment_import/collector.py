"""Garbage collection, made rare while rows are applied: it would take a quarter of an import's time."""

import gc

_NEW_OBJECTS = 50_000


def collect_rarely() -> None:
    """Loaded modules stay anyway, and rows make no cycles, so they are freed without a collection.

    Objects with cycles, such as an error with its traceback, are still collected, only later.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
