"""The API against its own description: whatever is sent, no fault and no answer that is not described."""

import subprocess
import sys
from pathlib import Path

from local.patience import HANG_SECONDS
from local.stack import Stack

ROOT = Path(__file__).parents[2]


def test_no_fault_and_no_undocumented_answer(own_stack: Stack, tmp_path: Path):
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        f"--config-file={Path(__file__).parent / 'schemathesis.toml'}",
        "run",
        str(ROOT / "docs" / "openapi.json"),
        f"--url={own_stack.api_url}",
        f"--header=Authorization: Bearer {own_stack.staff_token()}",
        "--checks=all",
        "--phases=examples,coverage,fuzzing",
        "--continue-on-failure",
        "--max-examples=5",
        "--max-time=40",
        f"--request-timeout={HANG_SECONDS}",
        "--seed=1",
        "--no-color",
    ]

    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)

    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]
