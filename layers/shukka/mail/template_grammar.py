"""The grammar of shops' templates: which names there are, what kind each value is, and how much work it all makes."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from jinja2 import nodes

from shukka.domain.order.order import MAX_LINES
from shukka.domain.order.totals import RATES
from shukka.domain.shipping.shipment import MAX_PARCELS
from shukka.domain.text.values import MAX_YEN, NOT_IN_A_LINE
from shukka.mail.sample import full_view

MAX_WORK = 500_000
"""Steps of rendering, with every list as long as it can be: about a third of a second."""
MAX_BLOCKS, MAX_LOOPS = 6, 2
"""How deep blocks may be in blocks, and loops in loops."""

MARK = "\ue000"
"""Stands for a value where `places.py` reads the HTML around it; so a template must not hold it."""

_LONGEST: Mapping[str, int] = {"lines": MAX_LINES, "parcels": MAX_PARCELS, "rates": len(RATES)}
_TAGS: Mapping[type[nodes.Node], str] = {
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.With: "with",
    nodes.Block: "block",
    nodes.Extends: "extends",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Scope: "autoescape",
}
_EXPRESSIONS: Mapping[type[nodes.Node], str] = {
    nodes.Getitem: "[ ] は使えません。点でつないで書いてください",
    nodes.Call: "( ) での呼び出しは使えません",
    nodes.Test: "is は使えません",
}


class RefusedTemplateError(Exception):
    """`reason` is Japanese, for the person who writes the template; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Kind(Enum):
    """Of a single value. LONG_TEXT has several lines, HTML is what the filter `br` makes."""

    TEXT = auto()
    LONG_TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    HTML = auto()


class Items(NamedTuple):
    longest: int
    item: "Shape"


class Fields(NamedTuple):
    fields: Mapping[str, "Shape"]


Shape = Kind | Items | Fields

_LOOP = Fields({"index": Kind.NUMBER, "length": Kind.NUMBER, "first": Kind.FLAG, "last": Kind.FLAG})


@cache
def view_shape() -> Fields:
    """What templates can name, from the view of an order that has everything."""
    shape = _shape("", full_view())
    assert isinstance(shape, Fields)  # noqa: S101 - a view has fields
    return shape


def _shape(name: str, value: object) -> Shape:
    match value:
        case dict():
            return Fields({key: _shape(key, item) for key, item in value.items()})
        case list():
            return Items(_LONGEST[name], _shape(name, value[0]))
        case bool():
            return Kind.FLAG
        case int():
            return Kind.NUMBER
        case _:
            return Kind.LONG_TEXT if "\n" in str(value) else Kind.TEXT


class Grammar:
    """Checks one part of a template: `subject`, `text` or `html`."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._names: Mapping[str, Shape] = view_shape().fields
        self.work = 0
        """Steps that the checked template can cause."""

    def check(self, tree: nodes.Template) -> None:
        """Raises RefusedTemplateError."""
        self._check_body(tree.body, blocks=0, loops=0, times=1)

    # Of a body: how many blocks and loops it is in, and how often it runs at most.
    def _check_body(self, body: Sequence[nodes.Node], *, blocks: int, loops: int, times: int) -> None:
        for node in body:
            self._count(node, times)
            if isinstance(node, nodes.If | nodes.For) and blocks == MAX_BLOCKS:
                raise _refused(node, f"{{% if %}} と {{% for %}} は{MAX_BLOCKS}段まで重ねられます")
            match node:
                case nodes.Output():
                    for piece in node.nodes:
                        self._check_printed(piece, times)
                case nodes.If():
                    for branch in (node, *node.elif_):
                        self._asked(branch.test, times)
                        self._check_body(branch.body, blocks=blocks + 1, loops=loops, times=times)
                    self._check_body(node.else_, blocks=blocks + 1, loops=loops, times=times)
                case nodes.For():
                    self._check_loop(node, blocks=blocks, loops=loops, times=times)
                case _:
                    raise _refused(node, f"{{% {_TAGS.get(type(node), 'この命令')} %}} は使えません")

    def _check_loop(self, node: nodes.For, *, blocks: int, loops: int, times: int) -> None:
        if self._part == "subject":
            raise _refused(node, "件名では {% for %} を使えません")
        if loops == MAX_LOOPS:
            raise _refused(node, f"{{% for %}} は{MAX_LOOPS}段まで重ねられます")
        if node.recursive:
            raise _refused(node, "{% for %} に recursive は使えません")
        items = self._path(node.iter)
        if not isinstance(items, Items):
            raise _refused(node, "{% for %} で繰り返せるのは lines、totals.rates、shipment.parcels だけです")
        if not isinstance(node.target, nodes.Name):
            raise _refused(node, "{% for %} の変数は1つだけです")
        name, outer = node.target.name, self._names
        if name in outer or name == "loop":
            raise _refused(node, f"{name} は決まった名前なので、{{% for %}} の変数にできません")
        self._count(node, times * items.longest)
        inside = {key: shape for key, shape in outer.items() if key != "loop"}
        self._names = inside
        self._check_body(node.else_, blocks=blocks + 1, loops=loops + 1, times=times)
        self._names = {**inside, name: items.item}
        if node.test:
            self._asked(node.test, times * items.longest)
        self._names = {**inside, name: items.item, "loop": _LOOP}
        self._check_body(node.body, blocks=blocks + 1, loops=loops + 1, times=times * items.longest)
        self._names = outer

    def _count(self, node: nodes.Node, times: int) -> None:
        self.work += times
        if self.work > MAX_WORK:
            raise _refused(node, "繰り返しが多すぎます。受注商品が多いと、メールを作り終えられません")

    def _check_printed(self, node: nodes.Node, times: int) -> None:
        if isinstance(node, nodes.TemplateData):
            self._count(node, times)
            return
        kind = self._kind(node, times)
        if kind is Kind.FLAG:
            raise _refused(node, "はい・いいえの値は表示できません。{% if %} で使ってください")
        if not isinstance(kind, Kind):
            raise _refused(node, "まとまりのままでは表示できません。項目を1つずつ書いてください")
        if kind is Kind.LONG_TEXT and self._part == "subject":
            raise _refused(node, "改行のある文は件名に使えません")

    def _asked(self, node: nodes.Node, times: int) -> Shape:
        """The kind of a value that decides something."""
        kind = self._kind(node, times)
        if kind is Kind.HTML or isinstance(kind, Fields):
            raise _refused(node, "条件に使えるのは、文、数、はい・いいえの値、一覧だけです")
        return kind

    def _kind(self, node: nodes.Node, times: int) -> Shape:
        """The kind of value that an expression gives."""
        self._count(node, times)
        kind: Shape
        match node:
            case nodes.Const():
                kind = _kind_of_constant(node)
            case nodes.Name() | nodes.Getattr():
                kind = self._path(node)
            case nodes.Filter():
                kind = self._filtered(node, times)
            case nodes.Compare():
                kind = self._compared(node, times)
            case nodes.Not():
                self._asked(node.node, times)
                kind = Kind.FLAG
            case nodes.And() | nodes.Or():
                # `a or b` is a value where both are of one kind; any other is only good to ask.
                common = _common(self._asked(node.left, times), self._asked(node.right, times))
                kind = common if isinstance(node, nodes.Or) and common else Kind.FLAG
            case nodes.CondExpr():
                kind = self._chosen(node, times)
            case _:
                raise _refused(node, _EXPRESSIONS.get(type(node), "計算や連結など、この書き方は使えません"))
        return kind

    def _path(self, node: nodes.Node) -> Shape:
        """A name, and fields of fields of it."""
        steps: list[str] = []
        inner = node
        while isinstance(inner, nodes.Getattr):
            steps.append(inner.attr)
            inner = inner.node
        if not isinstance(inner, nodes.Name):
            raise _refused(node, "項目の名前だけが書けます")
        steps.append(inner.name)
        shape: Shape = Fields(self._names)
        for step in reversed(steps):
            if not isinstance(shape, Fields) or step not in shape.fields:
                raise _refused(node, f"{'.'.join(reversed(steps))[:60]} という項目はありません")
            shape = shape.fields[step]
        return shape

    def _filtered(self, node: nodes.Filter, times: int) -> Kind:
        if node.node is None or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise _refused(node, f"|{node.name[:40]} にかっこは付けられません")
        kind = self._kind(node.node, times)
        match node.name:
            case "yen" | "comma":
                fits, result = kind is Kind.NUMBER, Kind.TEXT
            case "length":
                fits, result = isinstance(kind, Items), Kind.NUMBER
            case "br" if self._part == "html":
                fits, result = _is_text(kind), Kind.HTML
            case "br":
                raise _refused(node, "|br は HTML でだけ使えます")
            case _:
                raise _refused(node, f"|{node.name[:40]} は使えません（使えるもの: yen、comma、length、br）")
        if not fits:
            raise _refused(node, f"|{node.name} を付けられない項目です")
        return result

    def _compared(self, node: nodes.Compare, times: int) -> Kind:
        kinds = [self._kind(node.expr, times), *(self._kind(operand.expr, times) for operand in node.ops)]
        operators = {operand.op for operand in node.ops}
        numbers = all(kind is Kind.NUMBER for kind in kinds) and operators <= {"eq", "ne", "lt", "lteq", "gt", "gteq"}
        texts = all(_is_text(kind) for kind in kinds) and operators <= {"eq", "ne"}
        if not numbers and not texts:
            raise _refused(node, "数と数、または文と文（== と != だけ）を比べてください")
        return Kind.FLAG

    def _chosen(self, node: nodes.CondExpr, times: int) -> Kind:
        self._asked(node.test, times)
        if node.expr2 is None:
            raise _refused(node, "「A if 条件 else B」の else B がありません")
        common = _common(self._kind(node.expr1, times), self._kind(node.expr2, times))
        if common is None:
            raise _refused(node, "「A if 条件 else B」の A と B は同じ種類の値にしてください")
        return common


def _is_text(kind: Shape) -> bool:
    return kind is Kind.TEXT or kind is Kind.LONG_TEXT


def _common(one: Shape, other: Shape) -> Kind | None:
    """The kind of a value that is one or the other."""
    if _is_text(one) and _is_text(other):
        return Kind.TEXT if one is other is Kind.TEXT else Kind.LONG_TEXT
    return one if isinstance(one, Kind) and one is other else None


def _kind_of_constant(node: nodes.Const) -> Kind:
    match node.value:
        case bool():
            return Kind.FLAG
        case int() if abs(node.value) <= MAX_YEN:
            return Kind.NUMBER
        case str() if not NOT_IN_A_LINE.search(node.value) and MARK not in node.value:
            return Kind.TEXT
        case _:
            raise _refused(node, "この値は使えません")


def _refused(node: nodes.Node, reason: str) -> RefusedTemplateError:
    # {% autoescape %} has no line of its own.
    return RefusedTemplateError(node.lineno or 1, reason)
