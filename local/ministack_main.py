"""Run by the interpreter of `.venv-stack`: starts ministack with another interpreter for the functions, the argument.

ministack runs every Python function with `sys.executable`; its own would show functions boto3, pydantic and more that
their layers may lack.
"""

import os
import runpy
import shutil
import signal
import stat
import sys
import threading


def _stop_with_parent() -> None:
    sys.stdin.buffer.read()
    # Nobody is left to remove what was written.
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGTERM)


sys.executable = sys.argv.pop(1)
if stat.S_ISFIFO(os.fstat(0).st_mode):
    threading.Thread(target=_stop_with_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
