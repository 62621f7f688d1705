"""Who may import whom (docs/decisions/0001): domain ← usecases ← store is injected; functions never each other."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = {folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").exists()}


def imports_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def allowed(room: str, module: str) -> bool:
    """Whether code in `room` (`domain`, `usecases`, `store`, …, or a function's name) may import `module`."""
    if module.startswith("."):
        return False
    top = module.partition(".")[0]
    if room == "domain":
        return top in sys.stdlib_module_names or within(module, "pydantic", "pydantic_core", "shukka.domain")
    if room == "usecases":
        return top in sys.stdlib_module_names or within(
            module, "pydantic", "pydantic_core", "shukka.domain", "shukka.usecases"
        )
    if room in FUNCTIONS:
        return not within(module, *(FUNCTIONS - {room}))
    if room == "documents":
        return not within(module, *FUNCTIONS, "boto3", "botocore", "shukka.store", "shukka.usecases")
    return not within(module, *FUNCTIONS, "documents")


def sources() -> Iterator[tuple[str, Path]]:
    for path in (ROOT / "layers" / "shukka").rglob("*.py"):
        room = path.relative_to(ROOT / "layers" / "shukka").parts[0]
        yield (room if not room.endswith(".py") else "layer"), path
    for path in (ROOT / "layers" / "documents").rglob("*.py"):
        yield "documents", path
    for name in FUNCTIONS:
        for path in (ROOT / "functions" / name).rglob("*.py"):
            yield name, path


def test_every_import_keeps_to_its_room():
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for room, path in sources()
        for module in imports_of(path.read_text())
        if not allowed(room, module)
    ]

    assert wrong == []


def test_fpdf2_is_loaded_by_document_maker_alone():
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for room, path in sources()
        for module in imports_of(path.read_text())
        if within(module, "fpdf", "uharfbuzz") and room != "documents"
    ]

    assert wrong == []


def test_nobody_uses_boto3_resources_or_the_tracer():
    wrong = [
        str(path.relative_to(ROOT))
        for _, path in sources()
        if "boto3.resource" in path.read_text() or "Tracer" in path.read_text()
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("domain", "import boto3"),
        ("domain", "from aws_lambda_powertools import Logger"),
        ("domain", "from shukka.usecases import ports"),
        ("domain", "from shukka import store"),
        ("usecases", "from shukka.store.orders import OrderStore"),
        ("usecases", "def late():\n    import botocore"),
        ("order_api", "from document_maker import app"),
        ("store", "import order_api.app"),
    ],
)
def test_the_rule_notices(room, source):
    assert not all(allowed(room, module) for module in imports_of(source))
