"""ministack, an AWS API in one process: started on a free port of 127.0.0.1, gone with all it wrote when stopped.

It runs the functions in worker processes. `ministack_main.py` gives those the bare interpreter of `.venv-runtime`, so
that a function sees the standard library, its own package and its layers, and nothing that ministack installed.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.patience import HANG_SECONDS, NothingMovesError, wait_for
from local.template import ROOT

REGION = "ap-northeast-1"
ACCOUNT = "000000000000"
# The account's root, the only key ministack knows from the start.
_ROOT_KEY = "test"

_STACK_PYTHON = ROOT / ".venv-stack/bin/python"
RUNTIME_PYTHON = ROOT / ".venv-runtime/bin/python"
RUNS = ROOT / ".cache/local"
_STOP_SECONDS = 10


class StackError(RuntimeError):
    """The local stack could not be started, deployed or found; the text says what to do or what was wrong."""


class Server:
    """A ministack that was started. `folder` holds its log and everything it writes."""

    def __init__(self, pid: int, port: int, folder: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self.port = port
        self.folder = folder
        self._process = process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "ministack.log"

    def client(self, service: str) -> Any:  # noqa: ANN401 -- any service, and few have stubs
        """A boto3 client that acts as the account's root."""
        make: Callable[..., Any] = boto3.client
        return make(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=_ROOT_KEY,
            aws_secret_access_key=_ROOT_KEY,
            config=Config(
                # As the functions sign: other versions are refused on AWS in this region.
                signature_version="s3v4" if service == "s3" else None,
                read_timeout=HANG_SECONDS,
            ),
        )

    def answers(self) -> bool:
        """Whether this server is up."""
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=HANG_SECONDS):
                return self.folder.is_dir()
        except OSError:
            return False

    def stop(self) -> None:
        """End it with its workers and remove what it wrote. Nothing happens if it is gone already."""
        if self._process is not None or self.answers():
            # It leads a session of its own, so this reaches its workers and nobody else's.
            _signal_group(self.pid, signal.SIGTERM)
            self._wait_for_end()
            _signal_group(self.pid, signal.SIGKILL)
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            gone = not self.answers() if self._process is None else self._process.poll() is not None
            if gone:
                return
            time.sleep(0.05)


def start(*, outlive: bool) -> Server:
    """Start ministack and wait until it answers.

    Unless it may `outlive` this process, it ends with it, even if this process is killed. Raises StackError.
    """
    for python in (_STACK_PYTHON, RUNTIME_PYTHON):
        if not python.exists():
            raise StackError(f"{python.relative_to(ROOT)} is missing: run `make environments`")
    RUNS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
    port = _free_port()
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [_STACK_PYTHON, Path(__file__).with_name("ministack_main.py"), RUNTIME_PYTHON],
            env=_environment(folder, port),
            cwd=folder,
            # It stops when this pipe closes, which happens even if this process is killed.
            stdin=subprocess.DEVNULL if outlive else subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = Server(process.pid, port, folder, process)
    try:
        _wait_for_answer(server, process)
    except BaseException:
        server.stop()
        raise
    return server


def _environment(folder: Path, port: int) -> dict[str, str]:
    """Workers inherit it, so nothing of this shell may leak in: no PYTHONPATH, no AWS profile, no proxy."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "localhost",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "MINISTACK_APIGW_PROXY_TIMEOUT_SECONDS": str(HANG_SECONDS),
        "MINISTACK_APIGW_JWKS_TIMEOUT_SECONDS": str(HANG_SECONDS),
        # Roles are enforced, so that a permission the template forgets is missed here too.
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": _ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": _ROOT_KEY,
        # Only the HTTP port is wanted, and functions never run in containers.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for_answer(server: Server, process: subprocess.Popen[bytes]) -> None:
    def look() -> tuple[bool, str]:
        if process.poll() is not None:
            raise StackError(f"ministack ended at once:\n{_tail(server.log)}")
        return server.answers(), _work_done(process.pid)

    try:
        wait_for(look, lambda seen: seen[0])
    except NothingMovesError:
        raise StackError(f"ministack does not answer, and does nothing:\n{_tail(server.log)}") from None


def _work_done(pid: int) -> str:
    """Something that changes while the process works: its processor time, where the system shows it."""
    try:
        # User and system time are the 14th and 15th field; the second, a name in brackets, may hold spaces.
        return " ".join(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])
    except OSError:
        return ""


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
