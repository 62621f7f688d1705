"""Rendering: strict, sandboxed, escaped where it is HTML."""

import pytest
from jinja2 import TemplateError, UndefinedError
from jinja2.exceptions import SecurityError

from shukka.domain.mail.template import Rendered, Template
from shukka.mail import rendering
from shukka.mail.rendering import TooLongError, default_template, render


def test_the_three_parts_are_rendered_with_the_same_view():
    template = Template("件名 {{ order.number }}\n", "本文 {{ order.number }}\n", "<p>{{ order.number }}</p>\n")

    assert render(template, {"order": {"number": "100001"}}) == Rendered(
        "件名 100001", "本文 100001\n", "<p>100001</p>\n"
    )


def test_a_template_may_do_without_html():
    assert render(Template("件名", "本文", None), {}).html is None


def test_only_html_is_escaped():
    rendered = render(Template("{{ a }}", "{{ a }}", '<p title="{{ a }}">{{ a }}</p>'), {"a": "<b> & \"'"})

    assert rendered.subject == rendered.text == "<b> & \"'"
    assert rendered.html == '<p title="&lt;b&gt; &amp; &#34;&#39;">&lt;b&gt; &amp; &#34;&#39;</p>'


def test_a_text_of_several_lines_keeps_them_in_html():
    assert render(Template("", "", "{{ a|br }}"), {"a": "<一>\n二"}).html == "&lt;一&gt;<br>二"


@pytest.mark.parametrize(
    "source", ["{{ nothing }}", "{{ order.nothing }}", "{{ order['nothing'] }}", "{% if nothing %}{% endif %}"]
)
def test_what_the_view_does_not_have_is_an_error(source):
    with pytest.raises(UndefinedError):
        render(Template("", source, None), {"order": {}})


def test_a_broken_template_is_an_error():
    with pytest.raises(TemplateError):
        render(Template("", "{{ order", None), {})


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ order.__class__ }}",
        "{{ order['__class__'] }}",
        "{{ lines.append(1) }}",
        "{{ order.update(a=1) }}",
        "{{ yen.__globals__ }}",
        "{{ '{0.__class__}'.format(order) }}",
    ],
)
def test_the_sandbox_lets_nobody_out_and_nothing_be_changed(source):
    view = {"order": {"number": "1"}, "lines": []}

    with pytest.raises((SecurityError, UndefinedError)):
        render(Template("", source, None), view)

    assert view == {"order": {"number": "1"}, "lines": []}


def test_fields_come_before_methods_of_the_same_name():
    assert render(Template("", "{{ order.items }}", None), {"order": {"items": "商品"}}).text == "商品"


@pytest.mark.parametrize("source", ["{{ range(3) }}", "{{ lipsum() }}", "{{ 'a'|center(9) }}", "{{ 1 is odd }}"])
def test_nothing_of_jinja_s_own_is_there(source):
    with pytest.raises(TemplateError):
        render(Template("", source, None), {})


def test_a_subject_is_one_line_whatever_its_template_has():
    assert render(Template("一\n  {% if a %}\n二 三\n{% endif %}\n", "", None), {"a": 1}).subject == "一 二 三"


def test_pieces_that_are_empty_do_not_end_a_text():
    source = "{% for n in a %}{{ n }}{% endfor %}end"

    assert render(Template("", source, None), {"a": [""] * 1000}).text == "end"


def test_a_text_that_grows_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(rendering, "MAX_RENDERED", 1000)
    seen = []
    numbers = (seen.append(n) or "x" * 10 for n in range(1_000_000))

    with pytest.raises(TooLongError):
        render(Template("", "{% for n in a %}{{ n }}{% endfor %}", None), {"a": numbers})

    assert len(seen) < 1000


def test_an_unknown_default_template_is_an_error():
    with pytest.raises(FileNotFoundError):
        default_template("no_such_mail")
