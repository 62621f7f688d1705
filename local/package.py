"""What `sam package` does, for this machine: artifacts from source, and the template that points to them.

Functions are built by `functions/Makefile` itself. A layer holds its package; its libraries are the ones that `make`
installed for this interpreter in `.cache/layers/<package>`, reached through a .pth file instead of being copied for
every worker. So this proves what a function imports and from which layer; the wheels for arm64 are `make sam-check`'s.
"""

import io
import os
import re
import subprocess
import sysconfig
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.patience import HANG_SECONDS
from local.server import RUNTIME_PYTHON, StackError
from local.template import ROOT, load_template

_LIBRARIES = ROOT / ".cache/layers"


@dataclass(frozen=True)
class Source:
    """Where functions and layers are: the project's, or other folders of the same shape."""

    functions: Path = ROOT / "functions"
    layers: Path = ROOT / "layers"


@dataclass(frozen=True)
class Package:
    """A template whose code is in `bucket`, and the archives to put there, by key."""

    template: dict[str, Any]
    archives: Mapping[str, bytes]


def package(bucket: str, source: Source) -> Package:
    """Build every function and layer of `template.yaml`. Raises StackError."""
    template = load_template()
    archives: dict[str, bytes] = {}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            code, build = "CodeUri", _function(logical_id, source.functions)
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            code, build = "ContentUri", _layer(layer_package(logical_id), source.layers)
        else:
            continue
        key = f"{logical_id}.zip"
        archives[key] = build
        resource["Properties"][code] = {"Bucket": bucket, "Key": key}
    # It would point every function at the folder again.
    del template["Globals"]["Function"]["CodeUri"]
    return Package(template, archives)


def layer_package(logical_id: str) -> str:
    """ShukkaLayer → shukka: a layer is named after its package."""
    return logical_id.removesuffix("Layer").lower()


def _function(logical_id: str, functions: Path) -> bytes:
    with tempfile.TemporaryDirectory() as artifact:
        # Under `make up` there is a make above already, whose variables would win over these.
        environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
        environment |= {"ARTIFACTS_DIR": artifact, "LAMBDA_PYTHON": str(RUNTIME_PYTHON)}
        makefile = ROOT / "functions/Makefile"
        command = ["make", "--silent", f"--makefile={makefile}", f"build-{logical_id}"]
        made = subprocess.run(command, cwd=functions, env=environment, capture_output=True, text=True, check=False)
        if made.returncode:
            raise StackError(f"{logical_id} could not be built:\n{made.stdout}{made.stderr}")
        return _archive({path.relative_to(artifact).as_posix(): path for path in Path(artifact).rglob("*")})


def _layer(name: str, layers: Path) -> bytes:
    libraries = _LIBRARIES / name
    if not libraries.is_dir():
        raise StackError(f"{libraries.relative_to(ROOT)} is missing: run `make environments`")
    files = {
        f"python/{path.relative_to(layers).as_posix()}": path
        for path in (layers / name).rglob("*")
        if "__pycache__" not in path.parts
    }
    # The one file that differs, in two figures: on a busy machine this stack answers when it can.
    clients = layers / "shukka/aws.py"
    changed = {f"python/{clients.relative_to(layers)}": _patient(clients.read_text())} if name == "shukka" else {}
    site_packages = f"python/lib/python{sysconfig.get_python_version()}/site-packages"
    return _archive(files, {f"{site_packages}/{name}.pth": f"{libraries}\n", **changed})


def _patient(source: str) -> str:
    """`source` with the time-outs of AWS clients set to the local stack's."""
    changed, found = re.subn(r"\b(connect|read)_timeout=\d+", rf"\1_timeout={HANG_SECONDS}", source)
    if not found:
        raise StackError("shukka/aws.py has no time-outs to set for the local stack")
    return changed


def _archive(files: Mapping[str, Path], texts: Mapping[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    texts = texts or {}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in files.items():
            if path.is_file() and name not in texts:
                archive.write(path, name)
        for name, text in texts.items():
            archive.writestr(name, text)
    return buffer.getvalue()
