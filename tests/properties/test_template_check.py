"""Whatever the guard lets through renders for every order, in bounded steps and size, and keeps values values."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shukka.domain.errors import RuleError
from shukka.domain.mail.template import Template
from shukka.mail import rendering
from shukka.mail import template_grammar as grammar
from shukka.mail.rendering import TooLongError, render
from shukka.mail.sample import full_view, sparse_view
from shukka.mail.template_check import check_template

LINES, PARCELS, RATES = 12, 5, 3
MAX_WORK = 3_000
MAX_RENDERED = 20_000
HOSTILE = "\"'><i x=y onz=1> `</b><script>{{ 7 }}{% set %} & \\"


class Counted(list):
    """A list that counts how often it gives an item."""

    given = 0

    def __iter__(self) -> Iterator:
        for item in super().__iter__():
            Counted.given += 1
            yield item


def longest(value, words):
    """The view with every list as long as it can be, and every text being `words`."""
    if isinstance(value, dict):
        return {key: longest(item, words) for key, item in value.items()}
    if isinstance(value, list):
        item = longest(value[0], words)
        fields = value[0].keys()
        return Counted([item] * (LINES if "sku" in fields else PARCELS if "link" in fields else RATES))
    if isinstance(value, bool | int):
        return value
    return words + "\n" + words if "\n" in value else words


VIEWS = (full_view(), sparse_view(), longest(full_view(), HOSTILE), longest(full_view(), "x" * 255))


@pytest.fixture(autouse=True, scope="module")
def small():
    """The same limits for a small world, so that they are met."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grammar, "_LONGEST", {"lines": LINES, "parcels": PARCELS, "rates": RATES})
        patch.setattr(grammar, "MAX_WORK", MAX_WORK)
        patch.setattr(rendering, "MAX_RENDERED", MAX_RENDERED)
        grammar.view_shape.cache_clear()
        yield
        grammar.view_shape.cache_clear()


names = st.sampled_from(
    ["order.number", "order.message_to_member", "totals.total", "lines", "shipment.id", "opening", "a.name", "b.number"]
) | st.sampled_from(
    ["order.cancelled", "totals.rates", "shipment.parcels", "shipment", "order", "a.short", "a.label", "b.amount", "a"]
)
odd_names = st.sampled_from(["loop", "loop.index", "loop.last", "order.items", "order.__class__", "self"])
constants = st.sampled_from(["'a'", "''", "0", "1", "10000", "true", "none", "1.5", "'<b>'", "10**9", "'a'*10**9"])
operators = st.sampled_from([" and ", " or ", " == ", " < ", " >= ", " + ", " ~ ", " in ", " * ", " is "])
filters = st.sampled_from(["|yen", "|comma", "|length", "|br", "|upper", "|center(10**9)", "|e", "|safe"])
expressions = st.recursive(
    names | constants | odd_names,
    lambda inner: st.one_of(
        st.tuples(inner, operators, inner).map("".join),
        st.tuples(st.just("not "), inner).map("".join),
        st.tuples(inner, filters).map("".join),
        st.tuples(inner, inner, inner).map(lambda three: "{} if {} else {}".format(*three)),
        inner.map("({})".format),
    ),
    max_leaves=4,
)
markup = st.sampled_from(
    ["本文", "\n", "<p>", "</p>", "<td", " class=", '"', "'", ">", "<", " ", "=", "<!--", "-->", "<style>", "</style>",
     "<a href='", "<b title=\"", "/>", "<title>", "</title>", "<!", "&"]
)  # fmt: skip
printed = st.builds("{{{{ {} }}}}".format, expressions)


def blocks(inner):
    bodies = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        st.builds("{{% if {} %}}{}{{% endif %}}".format, expressions, bodies),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, expressions, bodies, bodies),
        st.builds(
            "{{% for {} in {} %}}{}{{% endfor %}}".format,
            st.sampled_from(["a", "b", "order"]),
            st.sampled_from(["lines", "totals.rates", "shipment.parcels", "a", "order.number", "range(10**9)"]),
            bodies,
        ),
        st.builds("{{% for a in lines if {} %}}{}{{% endfor %}}".format, expressions, bodies),
        st.builds("{{% set x = {} %}}{}".format, expressions, bodies),
    )


sources = st.lists(st.recursive(printed | markup, blocks, max_leaves=8), min_size=1, max_size=5).map("".join)
# Most of what is drawn above is refused. Here, nearly nothing is, but what is too much.
fitting = st.sampled_from(
    ["{{ order.number }}", "{{ totals.total|yen }}", "{{ opening }}", "{{ order.time_slot or 'x' }}"]
)
fitting_sources = st.lists(
    st.recursive(
        fitting,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map("".join),
            st.builds("{{% if order.short and totals.total > 1 %}}{}{{% endif %}}".format, inner),
            st.builds("{{% for a in lines %}}{{{{ a.name }}}}{}{{% endfor %}}".format, inner),
            st.builds("{{% for b in shipment.parcels %}}{{{{ b.link }}}}{}{{% endfor %}}".format, inner),
        ),
        max_leaves=12,
    ),
    min_size=1,
    max_size=6,
).map("".join)


def accepted(template: Template) -> bool:
    try:
        check_template(template)
    except RuleError:
        return False
    return True


def work_of(source: str) -> int:
    checked = grammar.Grammar("text")
    checked.check(rendering.TEXT.parse(source))
    return checked.work


def assert_renders_within_bounds(template: Template) -> None:
    for view in VIEWS:
        Counted.given = 0
        try:
            rendered = render(template, view)
        except TooLongError:
            rendered = None
        assert Counted.given <= work_of(template.text)
        if rendered:
            assert len(rendered.text) <= MAX_RENDERED
            rendered.text.encode()


@given(sources)
@settings(max_examples=300, deadline=None)
def test_anything_is_refused_or_renders(source):
    template = Template("件名", "本文" + source, None)

    if accepted(template):
        assert_renders_within_bounds(template)


@given(fitting_sources)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_renders_in_the_steps_that_were_counted(source):
    template = Template("件名", source, None)

    if accepted(template):
        assert work_of(source) <= MAX_WORK
        assert_renders_within_bounds(template)


@given(st.text(alphabet="{}%#<>!-/='\" \nabcdeifnorst.|()[]0123456789", max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_characters_get_past_it(source):
    template = Template("件名", "本文" + source, source)

    if accepted(template):
        assert_renders_within_bounds(template)


class Structure(HTMLParser):
    """The tags of HTML with the names of their attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")


values = st.sampled_from(["{{ order.number }}", "{{ member.company }}", "{{ opening|br }}"])
attributes = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from([" a", " ", "\n", "/", ""]),
    st.sampled_from(["=", " = ", ""]),
    st.sampled_from(['"', "'", "", "{% if order.short %}'{% endif %}"]),
    values | st.just("x"),
    st.sampled_from(['"', "'", "", "{% if order.short %}'{% endif %}"]),
)
tags = st.builds("<{}{}{}".format, st.sampled_from(["b", "/b", "", "!", "b-c"]), attributes, st.sampled_from([">", ""]))
pieces_of_html = st.lists(tags | values | markup, min_size=1, max_size=4).map("".join)


@given(pieces_of_html)
@settings(max_examples=1_000, deadline=None)
def test_what_people_wrote_never_becomes_markup(html):
    template = Template("件名", "本文", html)

    if accepted(template):
        plain, hostile = (render(template, longest(full_view(), words)).html for words in ("x", HOSTILE))
        assert Structure(plain).tags == Structure(hostile).tags
