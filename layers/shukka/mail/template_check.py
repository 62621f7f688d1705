"""What a shop's own template may do, decided before it ever runs.

The sandbox of `rendering.py` keeps templates away from Python, but not from filling memory (`'a'*10**9`) or from taking
for ever (loops in loops). So a template is read like a form with blanks: it may print fields of the view, ask whether
they are there or compare them, and go through the view's lists (`grammar.py`). Every name and the kind of every value
is checked, in branches that no sample reaches too, and so is the work that the longest order can cause. What passes
renders for every order, but for one that makes it longer than MAX_RENDERED.
"""

import re
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes

from shukka.domain.errors import Rule, RuleError
from shukka.domain.mail.template import MAX_HTML, MAX_SUBJECT, MAX_TEXT, Rendered, Template
from shukka.domain.text.values import NOT_IN_A_NOTE
from shukka.mail.html_context import check_places
from shukka.mail.rendering import HTML, TEXT, TooLongError, render
from shukka.mail.sample import full_view, sparse_view
from shukka.mail.template_grammar import MARK, Grammar, RefusedTemplateError
from shukka.mail.view import View

MAX_TOKENS, MAX_TOKENS_OF_A_TAG, MAX_BRACKETS = 5_000, 80, 5
"""Jinja2 takes some 20 µs a token and a dozen stack frames a bracket, so what it is given to parse is counted first."""

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_MESSAGES = (
    (r"Encountered unknown tag '(\w+)'.*", "{{% {0} %}} は使えません"),
    (r"Unexpected end of template.*block that needs to be closed is '(\w+)'.*", "{{% {0} %}} が閉じられていません"),
    (r"unexpected end of template.*", "{{{{ または {{% が閉じられていません"),
    (r"Missing end of comment tag", "{{# が閉じられていません"),
    (r"unexpected (?:char )?['\"](.+)['\"](?: at [0-9]+)?", "「{0}」はここに書けません"),
    (r"expected token '.+', got '(.+)'", "「{0}」はここに書けません"),
)


def check_template(template: Template) -> None:
    """Raises RuleError, in Japanese, with the part as its field and the line in that part."""
    for field, source, longest in (
        ("subject", template.subject, MAX_SUBJECT),
        ("text", template.text, MAX_TEXT),
        ("html", template.html, MAX_HTML),
    ):
        if source is not None:
            try:
                _check_part(field, source, longest)
            except RefusedTemplateError as refused:
                raise RuleError(f"{refused.line}行目: {refused.reason}", field, Rule.UNUSABLE_TEMPLATE) from None
    if not _tried(template, full_view()).text.strip():
        raise RuleError("1行目: 本文が空です", "text", Rule.UNUSABLE_TEMPLATE)
    if not _tried(template, sparse_view()).subject:
        raise RuleError("1行目: 件名が空になることがあります", "subject", Rule.UNUSABLE_TEMPLATE)


def _check_part(field: str, source: str, longest: int) -> None:
    if len(source) > longest:
        raise RefusedTemplateError(1, f"長すぎます。{longest:,}文字以内にしてください")
    if strange := NOT_IN_A_NOTE.search(source) or re.search(MARK, source):
        raise RefusedTemplateError(source.count("\n", 0, strange.start()) + 1, "制御文字など、使えない文字があります")
    tree = _parsed(source, html=field == "html")
    Grammar(field).check(tree)
    if field == "html":
        check_places(tree)


def _parsed(source: str, *, html: bool) -> nodes.Template:
    environment = HTML if html else TEXT
    try:
        _check_tokens(environment.lex(source))
        return environment.parse(source)
    except TemplateSyntaxError as error:
        raise RefusedTemplateError(error.lineno, _in_japanese(error.message or "")) from None
    except (RecursionError, ValueError):
        # Hundreds of {% if %} in each other; a number of more digits than Python reads.
        raise RefusedTemplateError(1, "複雑すぎる書き方があります") from None


def _check_tokens(tokens: Iterator[tuple[int, str, str]]) -> None:
    count = in_tag = brackets = 0
    for line, kind, text in tokens:
        if kind in {"data", "whitespace"}:
            continue
        count += 1
        if kind in {"variable_begin", "block_begin"}:
            in_tag = brackets = 0
        in_tag += 1
        brackets += (text in _OPENING) - (text in _CLOSING)
        if in_tag > MAX_TOKENS_OF_A_TAG or brackets > MAX_BRACKETS:
            raise RefusedTemplateError(line, "1つの {{ }} または {% %} が複雑すぎます")
        if count > MAX_TOKENS:
            raise RefusedTemplateError(line, "{{ }} と {% %} が多すぎます")


def _in_japanese(message: str) -> str:
    """The commonest of Jinja2's messages; others as they are."""
    for pattern, words in _MESSAGES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(match[1][:40] if match.lastindex else "")
    return f"書き方が正しくありません（{message[:200]}）"


def _tried(template: Template, view: View) -> Rendered:
    """What passed above renders. Should it not, it is better to know it now than when mails wait."""
    try:
        return render(template, view)
    except TooLongError:
        raise RuleError("1行目: できあがるメールが長すぎます", "text", Rule.UNUSABLE_TEMPLATE) from None
    except Exception as failure:
        raise RuleError(
            f"1行目: メールにできませんでした（{type(failure).__name__}）", "text", Rule.UNUSABLE_TEMPLATE
        ) from None
