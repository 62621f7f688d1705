"""What waits is bound by progress: work may take any time as long as something moves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import patience
from local.patience import NothingMovesError, wait_for

ROOT = Path(__file__).parents[3]
TIMEOUTS = {"timeout", "read_timeout", "connect_timeout"}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSE_SECONDS", 0)


def test_what_moves_is_waited_for_however_long_it_takes():
    steps = iter(range(100_000))

    assert wait_for(lambda: next(steps) // 300, lambda seen: seen == 20) == 20


def test_what_stands_still_is_given_up_with_what_was_seen():
    with pytest.raises(NothingMovesError, match="reports did not come: 7"):
        wait_for(lambda: 7, lambda seen: seen == 8, "reports")


def test_what_is_there_already_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(patience.time, "sleep", None)

    assert wait_for(lambda: "there") == "there"


def bounds_in_seconds(source: str) -> Iterator[str]:
    """Time-outs given as figures, and loops that look at the clock."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in TIMEOUTS and isinstance(node.value, ast.Constant):
            yield f"{node.arg}={node.value.value}"
        elif isinstance(node, ast.While) and "monotonic" in ast.unparse(node):
            yield "a loop until a time"


def test_nothing_in_the_tests_or_the_local_stack_is_bound_by_seconds():
    wrong = [
        f"{path.relative_to(ROOT)}: {found}"
        for folder in ("tests", "local")
        for path in (ROOT / folder).rglob("*.py")
        for found in bounds_in_seconds(path.read_text("utf-8"))
        # Ending a server that does not end by itself is a bound that nothing waits behind.
        if path != ROOT / "local" / "server.py"
    ]

    assert wrong == []


@pytest.mark.parametrize("source", ["urlopen(url, timeout=60)", "while time.monotonic() < until:\n    pass"])
def test_the_rule_notices(source):
    assert list(bounds_in_seconds(source))
