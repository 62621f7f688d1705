"""Where in HTML a template's values stand: only where escaping keeps what a member wrote from becoming markup."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

from jinja2 import nodes

from shukka.mail.template_grammar import MARK, RefusedTemplateError

_NOT_FOR_MAIL = frozenset(
    {
        *("base", "embed", "form", "frame", "frameset", "iframe", "input", "math", "noembed", "noframes", "noscript"),
        *("object", "plaintext", "script", "select", "svg", "template", "textarea", "xmp"),
    }
)
# HTML knows no white space but ASCII's.
_FLAGS = re.IGNORECASE | re.ASCII
_MARKUP = re.compile(rf"<!--|<!|</?([a-z{MARK}][^\s/>]*)", _FLAGS)
_IN_TAG = re.compile(r"""\s+|/|(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|(?P<bare>[^\s"'<>=`]+)))?""", _FLAGS)
# What these hold is no markup.
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", _FLAGS) for name in ("style", "title")}


def check_places(tree: nodes.Template) -> None:
    """Values may stand in text and between the quotes of an attribute. Raises RefusedTemplateError.

    Looks at three documents: all branches one after the other, the first of each, and the last of each or none.
    """
    for branches in (slice(None), slice(0, 1), slice(-1, None)):
        _Document(list(_pieces(tree.body, branches))).check()


def _pieces(body: Iterable[nodes.Node], branches: slice) -> Iterator[nodes.Node]:
    for node in body:
        match node:
            case nodes.Output():
                yield from node.nodes
            case nodes.If():
                bodies = [node.body, *(branch.body for branch in node.elif_), node.else_]
                yield from _pieces(chain(*bodies[branches]), branches)
            case nodes.For():
                yield from _pieces(chain(*[node.body, node.else_][branches]), branches)


class _Document:
    """Markup with a mark for each value, read once from front to end: Python's parser takes minutes for `<a <a <a`."""

    def __init__(self, pieces: Sequence[nodes.Node]) -> None:
        texts = [piece.data if isinstance(piece, nodes.TemplateData) else MARK for piece in pieces]
        self._text = "".join(texts)
        self._starts = list(accumulate(map(len, texts), initial=0))
        self._lines = [piece.lineno for piece in pieces]

    def check(self) -> None:
        position = 0
        while found := _MARKUP.search(self._text, position):
            name = (found[1] or "").lower()
            if name in _NOT_FOR_MAIL:
                raise self._refused(found.start(), f"<{name}> はメールでは使えません")
            if not name:
                position = self._end_of_comment(found)
            else:
                position = self._end_of_tag(found)
                if name in _RAW and found[0][1] != "/":
                    position = self._end_of_raw(position, name)

    def _end_of_comment(self, found: re.Match[str]) -> int:
        # <!--> is a whole comment.
        closing, start = ("-->", found.start() + 2) if found[0] == "<!--" else (">", found.end())
        end = self._text.find(closing, start)
        if end < 0:
            raise self._refused(found.start(), f"{found[0]} が閉じられていません")
        self._check_no_value(start, end)
        return end

    def _end_of_tag(self, tag: re.Match[str]) -> int:
        self._check_no_value(*tag.span())
        position = tag.end()
        while part := _IN_TAG.match(self._text, position):
            for place in ("name", "bare"):
                self._check_no_value(*part.span(place))
            if (part["name"] or "").lower().startswith("on"):
                raise self._refused(part.start(), f"{part['name'][:20]} はメールでは使えません")
            position = part.end()
        if self._text[position : position + 1] != ">":
            raise self._refused(tag.start(), f"<{tag[1][:20]}> の引用符か > が足りません")
        return position + 1

    def _end_of_raw(self, start: int, name: str) -> int:
        end = _RAW[name].search(self._text, start)
        if end is None:
            raise self._refused(start - 1, f"<{name}> が閉じられていません")
        if name == "style":
            self._check_no_value(start, end.start())
        return end.start()

    def _check_no_value(self, start: int, end: int) -> None:
        position = self._text.find(MARK, start, end) if start >= 0 else -1
        if position >= 0:
            raise self._refused(position, "{{ }} は、文の中か、引用符で囲んだ属性の値の中に書いてください")

    def _refused(self, position: int, reason: str) -> RefusedTemplateError:
        piece = bisect_right(self._starts, position) - 1
        lines_before = self._text.count("\n", self._starts[piece], position)
        return RefusedTemplateError(self._lines[piece] + lines_before, reason)
