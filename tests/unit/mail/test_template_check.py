"""What shops' templates may and may not do."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from shukka.domain.errors import RuleError
from shukka.domain.mail.template import BUILT_IN, MAX_HTML, MAX_SUBJECT, MAX_TEXT, Template
from shukka.mail.rendering import default_template, render
from shukka.mail.sample import full_view, sparse_view
from shukka.mail.template_check import check_template
from shukka.mail.template_grammar import view_shape

FEW_CALLS = 250_000
"""What Python does in some 25 ms."""


def check(text: str = "本文", *, subject: str = "件名", html: str | None = None) -> None:
    check_template(Template(subject, text, html))


def refusal(text: str = "本文", **parts: Any) -> RuleError:
    with pytest.raises(RuleError) as refused:
        check(text, **parts)
    return refused.value


def calls_during(work: Callable[[], object]) -> int:
    """Calls of functions, Python's and built-in ones: what the work costs, whatever else the machine does."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


# --- what is allowed ---


@pytest.mark.parametrize("key", BUILT_IN)
def test_the_defaults_keep_to_the_rules_themselves(key):
    template = default_template(key)

    check_template(template)
    assert template.takes_opening


@pytest.mark.parametrize(
    "text",
    [
        "{{ order.number }}",
        "{{ totals.total|yen }}、{{ totals.total|comma }}、{{ lines|length }}点",
        "{{ order.time_slot or '指定なし' }}",
        "{{ '税込' if totals.tax_included else '税抜' }}",
        "{% for line in lines if line.short %}{{ loop.index }}/{{ loop.length }} {{ line.name }}{% endfor %}",
        "{% for line in lines %}{{ line.name }}{% if not loop.last %}、{% endif %}{% else %}なし{% endfor %}",
        "{% for line in lines %}{% for rate in totals.rates %}{{ rate.label }}{% endfor %}{% endfor %}",
        "{% if payment.due > 0 and (totals.total >= 10000 or not order.cancelled) %}x{% elif lines %}y{% endif %}",
        "{% if member.company == '出荷酒店' %}x{% endif %}{% if 1 < 2 < 3 %}y{% endif %}",
        "{% raw %}{{ 括弧 }}{% endraw %}{# 覚え書き {% for %} #}",
        '((( 100% {} { } # <b> & "',
    ],
)
def test_what_a_mail_needs_is_there(text):
    check("本文" + text)


@pytest.mark.parametrize(
    "html",
    [
        "<!DOCTYPE html><html><head><title>{{ order.number }}</title><style>a > b { x: y }</style></head></html>",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x.dtd">',
        "<p class=\"a\" title='{{ member.company }}'>{{ order.message_to_member|br }}</p>",
        '<td{% if order.short %} class="x"{% elif order.cancelled %} class="y"{% endif %}>{{ order.number }}</td>',
        '<a href="{% if shop.email %}mailto:{{ shop.email }}{% else %}#{% endif %}">1 < 2 && a=b</a>',
        '<!--[if mso]><table width="600"><tr><td><![endif]--><br/><img src="https://example.jp/a.png" alt="">',
        "<!--> <p>{{ order.number }}</p>",
    ],
)
def test_html_as_mails_have_it_is_there(html):
    check(html=html)


def test_every_field_can_be_printed_or_asked():
    def walk(path, value):
        match value:
            case dict():
                for key, item in value.items():
                    yield from walk(f"{path}.{key}", item)
            case list():
                inner = "".join(walk("x", value[0]))
                yield f"{{% for x in {path[1:]} %}}{inner}{{% endfor %}}"
            case bool():
                yield f"{{% if {path.removeprefix('.')} %}}x{{% endif %}}"
            case _:
                yield f"{{{{ {path.removeprefix('.')} }}}}"

    check("".join(walk("", full_view())))


def test_full_and_sparse_views_have_the_same_fields():
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        return type(value)

    assert shape(full_view()) == shape(sparse_view())
    assert view_shape().fields.keys() == full_view().keys()


# --- what is not ---

BOMBS = [
    "{{ 'a' * 10**9 }}",
    "{{ 10**10**10 }}",
    "{{ 'a'|center(10**9) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ range(10**9)|length }}",
    "{% for a in range(10**9) %}{% endfor %}",
    "{{ lipsum(n=10**6) }}",
    "{{ lines|batch(1, 'x')|list }}",
    "{{ [lines] * 10**8 }}",
    "{{ order.number|replace('', order.message_to_member) }}",
    "{{ 'x'|indent(10**9) }}",
    "{{ order.number|urlize }}",
    "{% macro a() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}",
    "{% set x = 'aaaaaaaaaaaaaaaa' %}{% set x = x ~ x %}{{ x }}",
    "{% for line in lines recursive %}{{ loop(lines) }}{% endfor %}",
    "{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}",
    "{% for a in lines %}{% for b in shipment.parcels %}{{ a.name }}{{ b.number }}{% endfor %}{% endfor %}",
    "{% for a in totals.rates %}{% for b in totals.rates %}{% for c in totals.rates %}" + "{% endfor %}" * 3,
    "{% for a in lines %}" + "{{ a.name }}" * 300 + "{% endfor %}",
    "{% for a in lines if order.number " + "and order.number " * 30 + "%}{% endfor %}" * 10,
    "{{" * 10_000,
    "{%" * 10_000,
    "{#" * 10_000,
    "{{ " + "(" * 10_000,
    "{{ " + "[" * 10_000 + "]" * 9_000 + "}}",
    "{{ " + "not " * 4_000 + "lines }}",
    "{{ " + "-" * 19_000 + "1 }}",
    "{{ order" + ".a" * 9_000 + " }}",
    "{{ lines" + "|length" * 2_500 + " }}",
    "{{ lines" + " or lines" * 2_000 + " }}",
    "{{ 1" + " < 1" * 4_000 + " }}",
    "{{ " + "9" * 19_000 + " }}",
    "{{ 0x" + "f" * 19_000 + " }}",
    "{{ 1" + "_0" * 9_000 + " }}",
    "{{ 1e999 }}",
    "{{ '" + "a" * 19_000,
    "{% if order.short %}" * 900,
    "{% if order.short %}{% else %}" * 300 + "{% endif %}" * 300,
    "{% for a in lines %}" * 500 + "{% endfor %}" * 500,
    "{{ lines|length }}" * 1_100,
]
ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ order.__class__ }}",
    "{{ order['__class__'] }}",
    "{{ order|attr('__class__') }}",
    "{{ '{0.__class__}'.format(order) }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ namespace() }}",
    "{{ cycler('a').next() }}",
    "{{ joiner() }}",
    "{{ dict(a=1) }}",
    "{% for line in lines %}{{ loop }}{% endfor %}",
    "{% for line in lines %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for line in lines %}{{ loop.previtem }}{% endfor %}",
    "{{ loop.index }}",
    "{% for line in lines %}{% endfor %}{{ line.name }}",
    "{% for line in lines %}{% else %}{{ line.name }}{% endfor %}",
    "{% for line in lines %}{% else %}{{ loop.index }}{% endfor %}",
    "{% for line in lines if loop.first %}{% endfor %}",
    "{% include 'placed_member.txt' %}",
    "{% extends 'placed_member.txt' %}",
    "{% import 'x' as x %}",
    "{% from 'x' import x %}",
    "{% block x %}{% endblock %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}{% endfilter %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% do order.update(number=1) %}",
    "{% trans %}x{% endtrans %}",
    "{% break %}",
    "{% for order in lines %}{% endfor %}",
    "{% for loop in lines %}{% endfor %}",
    "{% for a in lines %}{% for a in totals.rates %}{% endfor %}{% endfor %}",
    "{% for a, b in lines %}{% endfor %}",
    "{% for order.number in lines %}{% endfor %}",
]
MISTAKES = [
    "{{ order.nunber }}",
    "{{ ordr.number }}",
    "{% if order.cancelled %}{{ order.nunber }}{% endif %}",
    "{{ order.number.upper }}",
    "{{ order }}",
    "{{ lines }}",
    "{{ order.cancelled }}",
    "{{ true }}",
    "{{ none }}",
    "{{ lines[0].name }}",
    "{{ 'a' 'b' }}{{ ['a'] }}",
    "{{ (1, 2) }}",
    "{{ {} }}",
    "{{ totals.total + 1 }}",
    "{{ order.number ~ member.company }}",
    "{{ totals.total is odd }}",
    "{{ order.number in member.company }}",
    "{% if shipment %}x{% endif %}",
    "{% if totals.total > order.number %}x{% endif %}",
    "{% if order.cancelled == 1 %}x{% endif %}",
    "{% if lines == totals.rates %}x{% endif %}",
    "{% if order.number < member.company %}x{% endif %}",
    "{{ order.number if order.short }}",
    "{{ order.number if order.short else 1 }}",
    "{{ lines and lines }}",
    "{{ order.number|yen }}",
    "{{ lines|yen }}",
    "{{ order.number|length }}",
    "{{ order|length }}",
    "{{ totals.total|yen(1) }}",
    "{{ order.message_to_member|br }}",
    "{{ order.number|upper }}",
    "{% for c in order.number %}x{% endfor %}",
    "{% for c in order %}x{% endfor %}",
    "{% for c in 'abc' %}x{% endfor %}",
    "{{ order.number",
    "{% if order.short %}",
    "{% endif %}",
    "{{ }}",
    "{{ '\\ud800' }}",
    "{{ '\\x00' }}",
    "{{ 'a\\nb' }}",
    "a\x00b",
    "a\u2028b",
    "\ue000",
    "",
    "  \n",
]


@pytest.mark.parametrize("text", BOMBS + ESCAPES + MISTAKES, ids=lambda text: text[:40])
def test_anything_else_is_refused_before_it_runs_and_at_little_cost(text):
    refused = []

    calls = calls_during(lambda: refused.append(refusal(text)))

    assert refused[0].field == "text"
    assert "行目: " in str(refused[0])
    assert calls < FEW_CALLS


@pytest.mark.parametrize(
    "html",
    [
        "<p title={{ member.company }}>",
        "<p {{ member.company }}>",
        "<p {{ member.company }}='x'>",
        "<p title='x'{{ member.company }}>",
        "<p title= {{ member.company }}>",
        "<p title=x{{ member.company }}>",
        "<{{ member.company }}>",
        "<p{{ member.company }}>",
        "</{{ member.company }}>",
        "<{% if order.short %}\n{% endif %}{{ member.company }}",
        "<!-- {{ member.company }} -->",
        "<!{{ member.company }}>",
        "<style>{{ member.company }}</style>",
        "<STYLE\n>a{{ member.company }}</style >",
        "<style>",
        "<title><a href='</title><b x={{ member.company }}>",
        "<title-x><b x={{ member.company }}>",
        '<a x=b=" y={{ member.company }} ">',
        '<a x="y"" z={{ member.company }} ">',
        '<a　title="{{ member.company }}">',
        '<a title={% if order.short %}"{% endif %}{{ member.company }}{% if order.short %}"{% endif %}>',
        '<a title={% if order.short %}{% else %}"{% endif %}{{ member.company }}"{% if order.short %}"{% endif %}>',
        "<script>alert(1)</script>",
        "<SVG/onload=alert(1)>",
        "<img src=x onerror='{{ member.company }}'>",
        "<iframe src='https://example.jp'>",
        "<form action='https://example.jp'>",
        "<textarea><a href='</textarea><b x={{ member.company }}>",
        "<a",
        "<a href='x>",
        "<!-- x",
        "<a " * 15_000,
        "<a b=" * 10_000,
        "<a '" * 15_000,
        "<!--" * 15_000,
        "<style>" * 8_000,
        "<a x" + " " * 29_000 + "=" + " " * 29_000,
    ],
    ids=lambda html: html[:40],
)
def test_a_value_stands_only_where_it_stays_one(html):
    refused = []

    calls = calls_during(lambda: refused.append(refusal(html=html)))

    assert refused[0].field == "html"
    assert calls < FEW_CALLS


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "{# x #}",
        "{{ member.department }}",
        "{{ opening }}",
        "{{ order.message_to_member }}",
        "{{ member.department or order.message_to_member }}",
        "{% for line in lines %}{{ line.name }}{% endfor %}",
        "{{ order.message_to_member|br }}",
    ],
)
def test_a_subject_is_one_short_line_and_never_empty(subject):
    assert refusal(subject=subject).field == "subject"


@pytest.mark.parametrize(("part", "longest"), [("subject", MAX_SUBJECT), ("text", MAX_TEXT), ("html", MAX_HTML)])
def test_each_part_has_its_length(part, longest):
    parts = {"text": "本文", part: "あ" * longest}
    check(**parts)

    assert f"{longest:,}文字以内" in str(refusal(**{**parts, part: "あ" * (longest + 1)}))


# --- the message ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一\n二\n{{ order.nunber }}", "3行目: order.nunber という項目はありません"),
        ("一\n{% set a = 1 %}", "2行目: {% set %} は使えません"),
        ("一\n\n{% if order.short %}\n", "3行目: {% if %} が閉じられていません"),
        ("{{ order.number", "1行目: {{ または {% が閉じられていません"),
        ("一\n{% frobnicate %}", "2行目: {% frobnicate %} は使えません"),
        ("一\n{{ a $ b }}", "2行目: 「$」はここに書けません"),
        ("一\n{{ order number }}", "2行目: 「number」はここに書けません"),
        ("{# 一", "1行目: {# が閉じられていません"),
        ("{{ 'a'|center(9) }}", "1行目: |center にかっこは付けられません"),
        ("{{ totals.total * 2 }}", "1行目: 計算や連結など、この書き方は使えません"),
        ("{{ order.cancelled }}", "1行目: はい・いいえの値は表示できません。{% if %} で使ってください"),
    ],
)
def test_a_refusal_says_where_and_why(text, words):
    assert str(refusal(text)) == words


def test_the_line_is_that_of_the_source_also_where_lines_vanish():
    html = "<table>\n{% for line in lines %}\n<tr>\n{% if line.short %}\n<td>x</td>\n{% endif %}\n"

    assert str(refusal(html=html + "<td class={{ line.sku }}>{% endfor %}")).startswith("7行目: {{ }} は、文の中か、")


def test_a_template_without_shipment_still_renders_what_a_shipment_would_have():
    template = Template(
        "件名", "{{ shipment.id }}{% for parcel in shipment.parcels %}{{ parcel.number }}{% endfor %}.", None
    )

    check_template(template)

    assert render(template, sparse_view()).text == "."
