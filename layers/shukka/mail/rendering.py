"""Templates to text: Jinja2 in its sandbox, compiled once per container."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import StrictUndefined
from jinja2 import Template as CompiledTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

_TEMPLATES = Path(__file__).with_name("templates")


class Template(NamedTuple):
    """Jinja2 sources of one mail. `mail/view.py` says what they can name, `FILTERS` what else they can use."""

    subject: str
    text: str
    html: str | None


class Rendered(NamedTuple):
    """`subject` is one line, `text` and `html` end their lines with LF."""

    subject: str
    text: str
    html: str | None


def render(template: Template, view: Mapping[str, object]) -> Rendered:
    """Raises jinja2.TemplateError where a template is not one, or names what the view does not have."""
    subject, text, html = _compiled(template)
    return Rendered(subject.render(view).strip(), text.render(view), html.render(view) if html else None)


@cache
def default_template(name: str) -> Template:
    """The template that ships as `placed_member`, `placed_shop` or `shipped_member`; raises FileNotFoundError."""
    subject, text, html = (
        (_TEMPLATES / f"{name}.{part}").read_text(encoding="utf-8") for part in ("subject.txt", "txt", "html")
    )
    return Template(subject, text, html)


def _comma(number: int) -> str:
    return f"{number:,}"


def _yen(amount: int) -> str:
    return f"{amount:,}円"


def _br(text: str) -> Markup:
    """Escapes, and keeps the lines: Outlook ignores `white-space`."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


FILTERS = {"yen": _yen, "comma": _comma, "br": _br}
"""What templates can do besides Jinja2's own: 1,234円, 1,234, and text of several lines in HTML."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """The view's fields come before anything Python has under the same name, so `order.items` means the data."""

    def getattr(self, obj: object, attribute: str) -> object:
        # Also what makes the sandbox quick: a field of the view needs no check, and no failed look-up before it.
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(*, html: bool) -> _Sandbox:
    environment = _Sandbox(
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= FILTERS
    return environment


_TEXT = _environment(html=False)
_HTML = _environment(html=True)


@lru_cache(maxsize=64)
def _compiled(template: Template) -> tuple[CompiledTemplate, CompiledTemplate, CompiledTemplate | None]:
    return (
        _TEXT.from_string(template.subject),
        _TEXT.from_string(template.text),
        _HTML.from_string(template.html) if template.html is not None else None,
    )
