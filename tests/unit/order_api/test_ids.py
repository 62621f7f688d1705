"""品番 and 会員ID with any character, through a gateway that decodes paths, or does not."""

import re
from urllib.parse import quote, unquote

import pytest

from shukka.domain.text.ids import ROUTE_WORDS, flaw_of
from tests.builders import a_line, a_member, an_order_request
from tests.unit.order_api.conftest import STOREFRONT

GOOD = [
    "Z/9",
    "A/B/C",
    "A#1",
    'A"1',
    "A\\1",
    "¥100",
    "＋1",
    "ア・イ",
    "「特」",
    "A%1",
    "100%",
    "%",
    "%%2",
    "A B",
    "髙﨑",
    "😀",
    "a+b",
    "a&b=c;d",
    "~!*'()<>|^`{}[]@:,$",
    "ledger",
    "orders",
]
BAD = ["A?1", "?", "A%41", "A%2F1", "A%251", "/A", "A/", "A//B", ".", "..", "A/../B", "A/ledger", "orders/A"]


def http_api(path):
    """As Amazon API Gateway hands a path over: decoded, all but `%25`."""
    return re.sub("(?:%(?!25)[0-9A-Fa-f]{2})+", lambda found: unquote(found[0]), path)


GATEWAYS = [http_api, unquote, lambda path: path]


def order_of(member_id="M-1", sku="SOY-180"):
    line = a_line(sku=sku).model_dump(mode="json", exclude={"line_id"})
    return an_order_request(member=a_member(member_id=member_id).model_dump(mode="json"), lines=[line])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_what_was_stored_is_found_and_has_its_name(api, gateway):
    for text in GOOD:
        path = gateway(f"/stock/{quote(text, safe='')}")

        put = api.call("PUT", path, {"level": 5}, headers={"if-none-match": "*"})

        assert (put.status, put.body["sku"]) == (200, text)
        assert api.call("GET", path).body["sku"] == text
        assert len(api.call("GET", gateway(f"/stock/{quote(text, safe='')}/ledger")).body["entries"]) == 1, text
    assert {row["sku"] for row in api.call("GET", "/stock").body["stock"]} == set(GOOD)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_members_history_is_found(api, gateway):
    for text in GOOD:
        placed = api.place(order_of(member_id=text), key=quote(text, safe="")).body
        path = f"/members/{quote(text, safe='')}/orders"

        listed = api.call("GET", gateway(path), claims=STOREFRONT)
        shown = api.call("GET", gateway(f"{path}/{placed['number']}"), claims=STOREFRONT)
        document = api.call("GET", gateway(f"{path}/{placed['number']}/documents/invoice"), claims=STOREFRONT)

        assert [row["number"] for row in listed.body["orders"]] == [placed["number"]], text
        assert (shown.status, shown.body["number"]) == (200, placed["number"]), text
        assert (document.status, document.body["detail"]) == (404, "請求書はまだ発行されていません"), text


@pytest.mark.parametrize("text", BAD)
def test_what_a_path_cannot_carry_is_refused_at_every_entrance(api, text):
    placed = api.place(order_of(), key="good")
    lines = [{**line, "sku": text} for line in order_of()["lines"]]
    refused = {
        "member.member_id": [
            api.place(order_of(member_id=text)),
            api.patch("100001", {"member": {"member_id": text}}, placed.etag),
        ],
        "lines.0.sku": [
            api.place(order_of(sku=text)),
            api.call("PUT", "/orders/100001/lines", {"lines": lines}, headers={"if-match": placed.etag}),
        ],
    }

    for field, answers in refused.items():
        for answer in answers:
            assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:unusable-id")
            assert answer.body["errors"][0]["field"] == field
            assert flaw_of(text) in answer.body["detail"]
    csv = f'品番,在庫数\n"{text}",1\nOK-1,1\n'
    imported = api.call(
        "POST", "/stock/import", {"mode": "overwrite", "csv": csv}, headers={"idempotency-key": "stock-1"}
    )
    assert [row["outcome"] for row in imported.body["rows"]] == ["rejected", "applied"]
    assert flaw_of(text) in imported.body["rows"][0]["reason"]


@pytest.mark.parametrize("text", ["A?1", "A//B", ".", "A/../B", "orders/A"])
def test_nor_does_setting_a_level_let_it_in(api, text):
    answer = api.call("PUT", f"/stock/{text}", {"level": 5}, headers={"if-none-match": "*"})

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:unusable-id")


def test_a_line_keeps_a_sku_that_is_older_than_the_check(api, monkeypatch):
    with monkeypatch.context() as before_the_check:
        before_the_check.setattr("shukka.usecases.order.place.check_id", lambda *_: None)
        etag = api.place(order_of(sku="A?1")).etag
    lines = [{**line, "quantity": 9} for line in order_of(sku="A?1")["lines"]]

    edited = api.call("PUT", "/orders/100001/lines", {"lines": lines}, headers={"if-match": etag})

    assert (edited.status, edited.body["lines"][0]["sku"]) == (200, "A?1")


def test_the_words_that_may_follow_an_id_are_those_of_the_routes(api):
    from order_api.app import app  # noqa: PLC0415
    from order_api.resolver import WITH_SLASHES  # noqa: PLC0415

    behind = set()
    for route in app._dynamic_routes:
        segments = route.path.split("/")
        for name in WITH_SLASHES:
            if f"<{name}>" in segments:
                behind |= {part for part in segments[segments.index(f"<{name}>") :] if not part.startswith("<")}
    assert behind == ROUTE_WORDS


def test_a_template_key_is_made_of_what_needs_no_encoding(api):
    for key in ("A/B", "a b", "請求", "a%41", "a?"):
        assert api.call("PUT", f"/mail-templates/{key}", {}, headers={"if-match": '"0"'}).status in {404, 422}
