"""The commands of the READMEs, as a reader pastes them."""

import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.ja.md")

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Call(NamedTuple):
    """A request that a curl command makes."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


def commands(readme: str) -> list[str]:
    """The commands of all console blocks, in their order; a command may take several lines."""
    blocks = _CONSOLE.findall((ROOT / readme).read_text("utf-8"))
    return [command.strip() for block in blocks for command in re.split(r"^\$ ", block, flags=re.MULTILINE) if command]


def first_order(readme: str) -> list[str]:
    """The commands from `make up` to `make down` that place an order."""
    found = commands(readme)
    start = next(n for n, command in enumerate(found) if command.startswith("API=")) - 1
    return found[start : found.index("make down", start) + 1]


def calls(readme: str) -> list[Call]:
    """The requests of the curl commands that name the API."""
    return [_call(command) for command in commands(readme) if command.startswith("curl") and "$API" in command]


def _call(command: str) -> Call:
    words = shlex.split(command.replace("\\\n", " "))
    headers = {}
    body = None
    path = ""
    for word, following in zip(words[1:], [*words[2:], ""], strict=True):
        if word == "-H":
            name, _, value = following.partition(": ")
            headers[name.lower()] = value
        elif word == "-d":
            body = json.loads(following)
        elif word.startswith("$API"):
            path = word.removeprefix("$API")
    return Call("GET" if body is None else "POST", path, headers, body)
