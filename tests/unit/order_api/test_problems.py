"""Problems as RFC 9457 has them, and conditions as RFC 9110 has them."""

import ast
import json
from pathlib import Path

import pytest

from shukka.domain.errors import Rule
from shukka.http import Fault, problem_titles
from tests.builders import an_order_request

ROOT = Path(__file__).parents[3]
OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))


def test_a_problem_says_what_happened_and_in_which_request(api):
    first, second = (api.call("GET", f"/orders/{number}").body for number in ("999998", "999999"))

    assert first == {
        "type": "urn:shukka:problem:not-found",
        "title": "見つかりません",
        "status": 404,
        "detail": "受注番号 999998 は見つかりません",
        "instance": "urn:shukka:request:gateway-request-1",
    }
    assert second["title"] == first["title"]
    assert second["detail"] != first["detail"]


def test_a_broken_rule_is_a_type_of_its_own(api):
    request = an_order_request(payment_method="barter")

    answer = api.place(request)

    assert answer.status == 422
    assert answer.body["type"] == "urn:shukka:problem:unknown-payment-method"
    assert answer.body["title"] == Rule.UNKNOWN_PAYMENT_METHOD.meaning
    assert "barter" in answer.body["detail"]


def test_every_type_is_documented_with_its_title():
    described = OPENAPI["components"]["schemas"]["Problem"]["properties"]["type"]["description"]

    titles = problem_titles()
    assert len(titles) == len(Rule) + len(Fault)
    assert [key for key, title in titles.items() if f"`urn:shukka:problem:{key}` {title}" not in described] == []


def test_every_rule_and_fault_is_raised_somewhere():
    raised = set()
    for folder in ("layers/shukka", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    # In errors.py a rule is only given its meaning.
                    if node.value.id == "Rule" and path.name != "errors.py":
                        raised.add(Rule[node.attr])
                    elif node.value.id == "Fault":
                        raised.add(Fault[node.attr])
    assert {*Rule, *Fault} - raised == set()


def test_no_two_types_are_the_same():
    titles = problem_titles()

    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('"7","1"', 200),
        ('W/"7", "1"', 200),
        ('W/"1"', 412),
        ('"2"', 412),
        ('"7", "8"', 412),
        ('"abc"', 412),
        ("1", 412),
        ("", 412),
        ('"1', 412),
        (None, 428),
    ],
)
def test_if_match(api, if_match, status):
    api.place(an_order_request())
    headers = {} if if_match is None else {"if-match": if_match}

    assert api.call("PATCH", "/orders/100001", {"staff_memo": "-"}, headers=headers).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": "*"}, 412),
        ({"if-none-match": '"1"'}, 412),
        ({"if-none-match": 'W/"1"'}, 412),
        ({"if-none-match": '"7", "1"'}, 412),
        ({"if-none-match": '"7"'}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": '"1"', "if-none-match": "*"}, 412),
        ({}, 428),
    ],
)
def test_conditions_on_a_level_that_is_there(api, headers, status):
    api.call("PUT", "/stock/SOY-180", {"level": 5}, headers={"if-none-match": "*"})

    assert api.call("PUT", "/stock/SOY-180", {"level": 6}, headers=headers).status == status


@pytest.mark.parametrize("if_match", ["*", '"0"', '"1"'])
def test_nothing_matches_a_level_that_is_not_there(api, if_match):
    assert api.call("PUT", "/stock/SOY-180", {"level": 6}, headers={"if-match": if_match}).status == 412


def test_any_version_matches_settings_and_templates_that_are_there(api):
    shop = api.call("GET", "/settings/shop").body
    template = {"subject": "件名", "text": "本文"}

    assert api.call("PUT", "/settings/shop", shop, headers={"if-match": "*"}).status == 200
    assert api.call("PUT", "/mail-templates/payment_request", template, headers={"if-match": "*"}).status == 200
    new = api.call("PUT", "/mail-templates/ours", {**template, "label": "独自"}, headers={"if-match": "*"})
    assert new.status == 412
