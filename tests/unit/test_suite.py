"""The suite itself: a domain test starts at once, and a failing example of hypothesis is shown."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"hypothesis", "schemathesis", "anyio", "boto3"}

LARGE = """
from hypothesis import given, settings, strategies as st

@settings(max_examples=20, database=None)
@given(st.integers().map(lambda n: "x" * (1_000_001 if n > 5 else 3)))
def test_large(text):
    assert settings.default.deadline is None
    assert len(text) < 4
"""


def run(program: str) -> str:
    # Not as a worker of the run that this test is part of.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def test_a_domain_test_loads_nothing_heavy():
    arguments = ["-q", "tests/unit/order/test_totals.py"]
    out = run(f"import sys, pytest; pytest.main({arguments}); print('loaded', {HEAVY} & sys.modules.keys())")

    assert " passed" in out
    assert "loaded set()" in out


def test_a_failing_example_is_shown_however_large_it_is(tmp_path):
    (tmp_path / "test_large.py").write_text(LARGE)
    arguments = ["-q", "-c", "pyproject.toml", f"--rootdir={ROOT}", "-p", "tests.conftest", str(tmp_path)]

    out = run(f"import pytest; pytest.main({arguments})")

    assert "Failing test case: test_large(" in out
    assert "HypothesisWarning" not in out
