"""The README's first order, pasted into a shell."""

import os
import subprocess

import pytest

from local.stack import Stack
from tests.readme import READMES, first_order

# The stack of this test in place of the one that `make up` starts.
MAKE = """
set -euo pipefail
make() {
  case "$*" in up | down) ;; "-s url") echo "$STACK_URL" ;; "-s token") echo "$STACK_TOKEN" ;; *) return 1 ;; esac
}
"""


@pytest.mark.parametrize("readme", READMES)
def test_the_first_order_and_its_invoice(own_stack: Stack, tmp_path, readme):
    script = MAKE + "\n".join(command.replace("curl ", "curl --fail ") for command in first_order(readme))
    environment = {**os.environ, "STACK_URL": own_stack.api_url, "STACK_TOKEN": own_stack.staff_token()}

    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    assert '"number":"100001"' in run.stdout
    assert (tmp_path / "invoice.pdf").read_bytes().startswith(b"%PDF-")
