"""Who may import whom (docs/decisions/0001), and where each fact has its one home.

domain ← usecases ← store is injected; functions never each other.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.template import load_template

ROOT = Path(__file__).parents[2]
OUTSIDE_LAMBDA = {"__main__.py", "build_fonts.py"}
"""Programs for a terminal."""
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


def arrows(root: Path, package: str, depth: int) -> dict[str, set[str]]:
    """Which parts of `package` import which, named by so many steps of their path: 1 is a room, 9 is a file."""
    found: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        steps = path.relative_to(root).with_suffix("").parts
        here = ".".join(steps[:depth])
        for module in imports_of(path.read_text()):
            name = module.removeprefix(f"{package}.")
            there = ".".join(name.split(".")[:depth])
            is_part = module.startswith(f"{package}.") and (root / name.split(".")[0]).with_suffix("").exists()
            is_file = (root / Path(*there.split("."))).with_suffix(".py").exists()
            if there != here and (is_file or (depth == 1 and is_part)):
                found.setdefault(here, set()).add(there)
    return found


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """A way from a part back to itself; empty where there is none."""
    done: set[str] = set()

    def follow(part: str, way: list[str]) -> list[str]:
        if part in way:
            return [*way[way.index(part) :], part]
        if part in done:
            return []
        for there in sorted(arrows.get(part, ())):
            if found := follow(there, [*way, part]):
                return found
        done.add(part)
        return []

    for part in sorted(arrows):
        if found := follow(part, []):
            return found
    return []


@pytest.mark.parametrize("depth", [1, 9], ids=["rooms", "files"])
@pytest.mark.parametrize("layer", ["domain", "usecases", "store"])
def test_nothing_imports_itself_in_a_circle(layer, depth):
    found = arrows(ROOT / "layers" / "shukka" / layer, f"shukka.{layer}", depth)

    assert found, "no import was seen"
    assert circle(found) == []


def test_a_circle_is_noticed():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


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


def texts_of_failures(source: str) -> Iterator[str]:
    """Whatever could write an exception's text or a traceback, or print past the log."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"exception", "format_exc", "print_exc"}:
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg in {"exc_info", "stack_info"}:
            yield node.arg
        elif isinstance(node, ast.Name) and node.id == "print":
            yield "print"
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield from (f"logger with {node.name}" for call in ast.walk(node) if logs(call, node.name))
    yield from (module for module in imports_of(source) if within(module, "traceback", "warnings"))


def logs(node: ast.AST, failure: str) -> bool:
    """Whether `node` is a call of the logger with something of the caught exception `failure`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and "logger" in node.func.value.id
        and any(isinstance(part, ast.Name) and part.id == failure for part in ast.walk(node))
    )


def test_only_observability_logs_exceptions():
    wrong = [
        f"{path.relative_to(ROOT)}: {found}"
        for _, path in sources()
        if path.name not in {"observability.py", *OUTSIDE_LAMBDA}
        for found in texts_of_failures(path.read_text())
    ]

    assert wrong == []


def test_every_handler_is_an_entry_point():
    resources = load_template()["Resources"].values()
    handlers = {resource["Properties"].get("Handler") for resource in resources if "Properties" in resource} - {None}
    decorated = {
        f"{name}.app.{node.name}"
        for name in FUNCTIONS
        for node in ast.parse((ROOT / "functions" / name / "app.py").read_text()).body
        if isinstance(node, ast.FunctionDef) and [ast.unparse(one) for one in node.decorator_list] == ["entry_point"]
    }

    assert decorated == handlers


@pytest.mark.parametrize(
    "source",
    [
        "logger.exception('x')",
        "logger.error('x', exc_info=True)",
        "logging.getLogger('x').warning('x', stack_info=True)",
        "from traceback import format_exc",
        "print(order)",
        "try:\n    1\nexcept ValueError as e:\n    logger.error('x', reason=str(e))",
        "try:\n    1\nexcept ValueError as e:\n    _logger.error(f'{e}')",
    ],
)
def test_the_rule_for_exceptions_notices(source):
    assert list(texts_of_failures(source))


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


# --- one home for each fact ---

VALUES = "layers/shukka/domain/text/values.py"
CP932 = "layers/shukka/domain/text/cp932.py"


def character(code_point: int) -> str:
    """A pattern for the character itself, and for the escape that a raw string holds."""
    return rf"{re.escape(chr(code_point))}|\\[xuU]0*{code_point:x}(?![0-9a-f])"


# What no second copy of a fact could do without, and the file that has the fact.
HOMES = {
    "an order number, a 発送ID": (re.escape("[1-9][0-9]{0,14}"), VALUES),
    "a key": (re.escape("[a-z][a-z0-9_]{0,39}"), VALUES),
    "control characters, C0": (character(0x1F), VALUES),
    "control characters, C1": (character(0x9F), VALUES),
    "separators of lines": (character(0x2028), VALUES),
    "characters that turn text around": (character(0x202A), VALUES),
    "halves of surrogate pairs": (character(0xD800), VALUES),
    "marks that clear a cell": ("-‐−", "layers/shukka/domain/imports/row.py"),
    "stands for a character that is missing": ("〓", CP932),
    "user-defined characters": (r"\[\x80\ue000-\uf8ff\]", CP932),
    "stands for a value in HTML": (r"\ue000(?!-)", "layers/shukka/mail/template_grammar.py"),
}


def texts_in(source: str) -> Iterator[str]:
    """The strings of the code, also the fixed parts of f-strings. A docstring may tell of a fact."""
    tree = ast.parse(source)
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.value


@pytest.fixture(scope="module")
def code_texts() -> list[tuple[str, str]]:
    return [(str(path.relative_to(ROOT)), text) for _, path in sources() for text in texts_in(path.read_text())]


@pytest.mark.parametrize("fact", HOMES)
def test_a_fact_is_written_once(fact, code_texts):
    mark, home = HOMES[fact]

    assert [path for path, text in code_texts if re.search(mark, text)] == [home]


# A dialect that readers stumble over, and what to write instead.
FORBIDDEN_WORDS = {
    "wish": r"wish(es|ed)?",  # request, or the command's name
    "told": r"told",  # notified, reported, shown; distinguished
    "come back": r"(comes?|came|coming) back",  # is retried; is returned
    "whoever": r"whoever",  # who does it: the worker, the caller, the order
    "that there are not": r"that there are not",  # unknown; that do not exist
    "is there to": r"(is|are) there to",  # serves to, or the verb alone
    "paper": r"papers?",  # document: 帳票
}


def forbidden_words(source: str) -> list[str]:
    """Those in identifiers, comments and texts, also across the lines of a paragraph."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", source)
    words = re.sub(r"[\s#_]+", " ", apart).lower()
    return [name for name, pattern in FORBIDDEN_WORDS.items() if re.search(rf"(?<![a-z]){pattern}(?![a-z])", words)]


def test_code_is_written_in_plain_english():
    paths = [path for folder in ("layers", "functions", "local", "bench") for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)): words for path in paths if (words := forbidden_words(path.read_text()))}

    assert paths
    assert found == {}


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("wish", "class PlaceWish: ..."),
        ("told", "_FIELDS_NOT_TOLD = 1"),
        ("come back", 'log("import_comes_back")'),
        ("come back", "# The message comes\n    # back later."),
        ("whoever", '"""Whoever asks."""'),
        ("paper", "def a_paper(): ..."),
    ],
)
def test_a_forbidden_word_is_noticed(word, source):
    assert forbidden_words(source) == [word]
    assert forbidden_words("newspaper_number = swished") == []


def test_a_day_in_tokyo_is_computed_in_one_place():
    assert [path.name for _, path in sources() if ".astimezone(TOKYO).date()" in path.read_text()] == ["values.py"]


@pytest.mark.parametrize(
    ("fact", "source"),
    [
        (
            "an order number, a 発送ID",
            'class Request:\n    n: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,14}-[0-9]$")]',
        ),
        ("a key", 'def check(text):\n    return re.match(rf"{start}[a-z][a-z0-9_]{{0,39}}", text)'),
        ("control characters, C0", 'BAD = re.compile("[\\x00-\\x1f]")'),
        ("control characters, C0", 'BAD = re.compile(r"[\\x00-\\x1f]")'),
        ("characters that turn text around", 'BAD = re.compile(r"[\\u202a-\\u202e]")'),
        ("stands for a character that is missing", 'print("〓")'),
    ],
)
def test_a_second_copy_is_noticed(fact, source):
    assert any(re.search(HOMES[fact][0], text) for text in texts_in(source))
