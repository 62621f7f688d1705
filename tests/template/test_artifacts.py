"""`sam build` calls a make target a function and a layer: each exists, and an artifact holds one package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.template import ROOT, load_template

FUNCTIONS = {
    logical_id: resource["Properties"]["Handler"]
    for logical_id, resource in load_template()["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}


@pytest.mark.parametrize(("logical_id", "handler"), FUNCTIONS.items())
def test_a_functions_artifact_holds_its_package_compiled_and_nothing_else(logical_id, handler, tmp_path):
    make("functions", logical_id, tmp_path, f"LAMBDA_PYTHON={sys.executable}")

    package, module, _ = handler.split(".")
    assert [path.name for path in tmp_path.iterdir()] == [package]
    assert (tmp_path / package / f"{module}.py").is_file()
    assert uncompiled(tmp_path) == []


def test_an_artifact_is_built_without_the_runtimes_python_too(tmp_path):
    said = make("functions", "OrderApiFunction", tmp_path, "LAMBDA_PYTHON=no-such-python")

    assert "no-such-python not found: order_api goes without .pyc files" in said
    assert list(tmp_path.rglob("*.pyc")) == []


@pytest.mark.parametrize("logical_id", ["ShukkaLayer", "DocumentsLayer"])
def test_a_layer_is_built_of_wheels_for_the_runtime(template, logical_id, tmp_path):
    assert template["Resources"][logical_id]["Metadata"] == {"BuildMethod": "makefile", "BuildArchitecture": "arm64"}

    commands = make("layers", logical_id, tmp_path, "--dry-run")

    assert "--only-binary=:all:" in commands
    assert "--python-version 3.13" in commands
    assert "--platform manylinux_2_28_aarch64" in commands


def test_every_function_is_built_by_make(functions, template):
    assert template["Globals"]["Function"]["CodeUri"] == "functions/"
    for logical_id in functions:
        assert template["Resources"][logical_id]["Metadata"] == {"BuildMethod": "makefile"}, logical_id


def make(folder: str, logical_id: str, artifact: Path, *arguments: str) -> str:
    return subprocess.run(
        ["make", f"build-{logical_id}", f"ARTIFACTS_DIR={artifact}", *arguments],
        cwd=ROOT / folder,
        # Without the variables of the make that may have called the tests.
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def uncompiled(folder: Path) -> list[Path]:
    return [
        source
        for source in folder.rglob("*.py")
        if not (source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc").is_file()
    ]
