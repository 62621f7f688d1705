"""Templates to text: Jinja2 in its sandbox, compiled once per container.

A shop's own template comes here only through `guard.py`. The sandbox is the second wall, and the only one that knows
how long a text becomes.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from jinja2 import StrictUndefined
from jinja2 import Template as CompiledTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from shukka.domain.mail.template import Rendered, Template

MAX_RENDERED = 4_000_000
"""Characters of a text or HTML part. Both in three bytes each, in base64, are what SES takes: 40 MB."""

_TEMPLATES = Path(__file__).with_name("templates")
_PART = re.compile(r"^\{# part: (\w+) #\}\n", re.MULTILINE)
# A piece is at most a message of 10,000 characters, each escaped to five.
_PIECES_AT_ONCE = 100


class TooLongError(Exception):
    """A part of the mail is longer than MAX_RENDERED."""


def render(template: Template, view: Mapping[str, object]) -> Rendered:
    """Raises TooLongError, and jinja2.TemplateError for what is not a template or names what the view does not have."""
    subject, text, html = _compiled(template)
    lines = (line.strip() for line in subject.render(view).splitlines())
    return Rendered(
        " ".join(line for line in lines if line),
        text.render(view),
        html.render(view) if html else None,
    )


@cache
def default_template(name: str) -> Template:
    """The template that ships under this name, with the parts that it shares put in; raises FileNotFoundError."""
    subject, text, html = (_source(f"{name}.subject", "txt"), _source(name, "txt"), _source(name, "html"))
    return Template(subject.strip(), text, html)


def _source(name: str, kind: str) -> str:
    source = (_TEMPLATES / f"{name}.{kind}").read_text(encoding="utf-8")
    return _PART.sub(lambda part: _source(f"parts/{part[1]}", kind), source)


def _comma(number: int) -> str:
    return f"{number:,}"


def _yen(amount: int) -> str:
    return f"{amount:,}円"


def _br(text: str) -> Markup:
    """Escapes, and keeps the lines: Outlook ignores `white-space`."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


FILTERS = {"yen": _yen, "comma": _comma, "br": _br, "length": len}
"""All that templates can do to a value: 1,234円, 1,234, text of several lines in HTML, how many."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """The view's fields come before anything Python has under the same name, so `order.items` means the data."""

    def getattr(self, obj: object, attribute: str) -> object:
        # Also what makes the sandbox quick: a field of the view needs no check, and no failed look-up before it.
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """What a rendered template is put together with; raises TooLongError before it fills the memory."""
        iterator = iter(pieces)
        chunks: list[str] = []
        size = 0
        while some := list(islice(iterator, _PIECES_AT_ONCE)):
            chunks.append("".join(some))
            size += len(chunks[-1])
            if size > MAX_RENDERED:
                raise TooLongError
        return "".join(chunks)


def _environment(*, html: bool) -> _Sandbox:
    environment = _Sandbox(
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.filters = dict(FILTERS)
    environment.tests = {}
    return environment


TEXT = _environment(html=False)
HTML = _environment(html=True)
"""Where subjects and texts, and where HTML parts are parsed and run."""


@lru_cache(maxsize=64)
def _compiled(template: Template) -> tuple[CompiledTemplate, CompiledTemplate, CompiledTemplate | None]:
    return (
        TEXT.from_string(template.subject),
        TEXT.from_string(template.text),
        HTML.from_string(template.html) if template.html is not None else None,
    )
