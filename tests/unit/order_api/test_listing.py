"""The list of orders over HTTP: filters, search, and the desk's first look. (What pages hold: tests/store.)"""

from datetime import timedelta

import pytest

from tests.builders import a_line, a_member, an_order_request
from tests.unit.order_api.conftest import STOREFRONT


def numbers(answer):
    assert answer.status == 200, answer.body
    return [order["number"] for order in answer.body["orders"]]


@pytest.fixture
def desk(api):
    """100001 new, 100002 on hold and paid, 100003 on account and shipped, 100004 completed, 100005 cancelled."""
    line = a_line().model_dump(mode="json", exclude={"line_id"})
    requests = [
        an_order_request(),
        an_order_request(requested_date="2026-12-24", member=a_member(member_id="M-2").model_dump(mode="json")),
        an_order_request(payment_method="account", requested_date=None),
        an_order_request(lines=[{**line, "sku": "MISO-10", "name": "田舎味噌 10kg"}]),
        an_order_request(),
    ]
    for n, request in enumerate(requests):
        assert api.place(request, key=f"key-{n}").status == 201
    for number, changes in {
        "100002": {"handling_status": "on_hold", "paid_on": "2026-11-26"},
        "100004": {"handling_status": "completed"},
        "100005": {"handling_status": "cancelled"},
    }.items():
        assert api.patch(number, changes, '"1"').status == 200
    shipped = {"status": "shipped", "tracking_numbers": ["444413758703"]}
    assert api.call("PATCH", "/shipments/100003-1", shipped, headers={"if-match": '"1"'}).status == 200
    return api


FOUND = [
    ({}, ["100005", "100004", "100003", "100002", "100001"]),
    ({"status": "new"}, ["100003", "100001"]),
    ({"status": "new,on_hold"}, ["100003", "100002", "100001"]),
    ({"status": "!completed,!cancelled"}, ["100003", "100002", "100001"]),
    ({"shipping_status": "shipped"}, ["100003"]),
    ({"shipping_status": "!shipped", "status": "new"}, ["100001"]),
    ({"payment": "paid"}, ["100002"]),
    ({"payment": "unpaid", "status": "!cancelled"}, ["100004", "100003", "100001"]),
    ({"payment": "waiting"}, ["100001"]),
    ({"payment": "!waiting", "status": "new"}, ["100003"]),
    ({"payment_method": "account"}, ["100003"]),
    ({"payment_method": "!account", "payment": "unpaid", "status": "new"}, ["100001"]),
    ({"member": "M-2"}, ["100002"]),
    ({"member": "!M-1001"}, ["100002"]),
    ({"member": "M-1001", "status": "completed"}, ["100004"]),
    ({"placed_from": "2000-01-01", "placed_to": "2000-01-02"}, []),
    ({"placed_from": "2000-01-01", "status": "completed"}, ["100004"]),
    ({"requested_from": "2026-12-01"}, ["100002"]),
    ({"requested_to": "2026-12-01", "status": "new"}, ["100001"]),
    ({"has_requested_date": "false"}, ["100003"]),
    ({"stock_short": "true"}, []),
    ({"stock_short": "false", "status": "new"}, ["100003", "100001"]),
    ({"q": "味噌"}, ["100004"]),
    ({"q": "miso10 髙島"}, ["100004"]),
    ({"q": "髙島 !味噌", "status": "new"}, ["100003", "100001"]),
    ({"q": "4444-1375-8703"}, ["100003"]),
    ({"q": "100002-1"}, ["100002"]),
    ({"q": "味噌,しょうゆ"}, []),
    ({"q": "BUYER1@example.jp", "status": "new"}, ["100003", "100001"]),
    ({"q": "m-2"}, ["100002"]),
    ({"q": "田舎ミソ"}, []),
    ({"q": "㈱高島 ショウユ", "status": "on_hold"}, ["100002"]),
    ({"q": "港区六本木", "status": "on_hold"}, ["100002"]),
    ({"prefecture": "東京都", "status": "new"}, ["100003", "100001"]),
    ({"prefecture": "!東京都"}, []),
    ({"destination": "高島商店 崎山", "status": "on_hold"}, ["100002"]),
    ({"destination": "港区"}, []),
    ({"carrier": "sagawa"}, []),
    ({"carrier": "!sagawa", "status": "on_hold"}, ["100002"]),
    ({"shipped_from": "2000-01-01"}, ["100003"]),
    ({"shipped_to": "2000-01-01"}, []),
    ({"sku": "MISO-10"}, ["100004"]),
    ({"sku": "MISO"}, []),
    ({"total_from": "1", "status": "on_hold"}, ["100002"]),
    ({"total_to": "1"}, []),
    ({"updated_from": "2000-01-01T00:00:00Z", "status": "on_hold"}, ["100002"]),
    ({"updated_from": "2000-01-01T09:00:00+09:00", "status": "on_hold"}, ["100002"]),
    ({"updated_from": "2099-01-01T00:00:00Z"}, []),
]


def test_filters_combine(desk):
    for query, found in FOUND:
        assert numbers(desk.call("GET", "/orders", query=query)) == found, query


_TEN_WORDS = "あ い う え お か き く け こ"

REFUSED = [
    ({"status": ""}, "status", "空です"),
    ({"status": "new,,on_hold"}, "status", "空です"),
    ({"status": ["new", "on_hold"]}, "status", "1回だけ"),
    ({"status": "!"}, "status", "空です"),
    ({"status": "new,!completed"}, "status", "一緒に指定できません"),
    ({"status": "nwe"}, "status", "使えるもの: new、processing"),
    ({"status": "!complted"}, "status", "設定にありません"),
    ({"status": ",".join(f"s{n}" for n in range(51))}, "status", "50個まで"),
    ({"shipping_status": "gone"}, "shipping_status", "not_shipped、instructed"),
    ({"payment": "late"}, "payment", "paid、unpaid、waiting"),
    ({"payment_method": "barter"}, "payment_method", "設定にありません"),
    ({"member": ""}, "member", "空です"),
    ({"placed_from": "2026-02-31"}, "placed_from", "暦にない"),
    ({"placed_from": ""}, "placed_from", "日付"),
    ({"placed_from": "2026-11-02", "placed_to": "2026-11-01"}, "placed_to", "始まりより前"),
    ({"requested_from": "2026-11-02", "requested_to": "2026-11-01"}, "requested_to", "始まりより前"),
    ({"has_requested_date": "false", "requested_to": "2026-11-01"}, "has_requested_date", "配送希望日"),
    ({"stock_short": "maybe"}, "stock_short", "true または false"),
    ({"q": ""}, "q", "1文字以上"),
    ({"q": " - "}, "q", "検索する言葉"),
    ({"q": "x" * 201}, "q", "200文字以内"),
    ({"q": "a b c d e f g h i j k"}, "q", "10個まで"),
    ({"q": "しょうゆ !ょう"}, "q", "除く言葉"),
    ({"q": _TEN_WORDS, "destination": _TEN_WORDS, "status": "!new"}, "destination", "条件が多すぎます"),
    ({"carrier": "horse"}, "carrier", "使えるもの: yamato"),
    ({"shipped_from": "2026-11-02", "shipped_to": "2026-11-01"}, "shipped_to", "始まりより前"),
    ({"total_from": "2", "total_to": "1"}, "total_to", "下限より"),
    ({"total_from": "-1"}, "total_from", "0以上"),
    ({"sku": ""}, "sku", "1文字以上"),
    ({"destination": "-"}, "destination", "検索する言葉"),
    ({"updated_from": "2026-11-01"}, "updated_from", "時差"),
    ({"updated_from": "2026-11-01T00:00:00 09:00"}, "updated_from", "時差"),
    ({"updated_from": "0001-01-01T00:00:00+14:00"}, "updated_from", "2000年から"),
    ({"updated_from": "9999-12-31T23:59:59-12:00"}, "updated_from", "2000年から"),
    ({"sort": "name"}, "sort", "-placed_at"),
    ({"q": ["しょうゆ", "みりん"]}, "q", "1回だけ"),
    ({"staus": "new"}, "staus", "使えません"),
    ({"limit": "0"}, "limit", "1以上"),
    ({"limit": "101"}, "limit", "100以下"),
]


def test_an_impossible_filter_is_refused(api):
    for query, field, reason in REFUSED:
        answer = api.call("GET", "/orders", query=query)

        assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json"), query
        assert [error["field"] for error in answer.body["errors"]] == [field], query
        assert reason in answer.body["errors"][0]["reason"], query


def test_a_cursor_goes_on_with_its_own_filter_only(desk):
    first = desk.call("GET", "/orders", query={"limit": "1", "status": "new,on_hold"})
    cursor = first.body["next_cursor"]

    again = {"limit": "2", "status": "on_hold,new", "cursor": cursor}
    other = {"limit": "2", "status": "new", "cursor": cursor}

    assert numbers(desk.call("GET", "/orders", query=again)) == ["100002", "100001"]
    assert desk.call("GET", "/orders", query=other).body["type"] == "urn:shukka:problem:bad-cursor"
    tampered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    assert desk.call("GET", "/orders", query={**again, "cursor": tampered}).status == 400


def test_the_list_shows_what_waits_for_payment(desk):
    rows = {order["number"]: order for order in desk.call("GET", "/orders").body["orders"]}

    assert [number for number in sorted(rows) if rows[number]["waiting_for_payment"]] == ["100001"]
    assert rows["100003"]["shipping_status_label"] == "発送済"
    assert rows["100001"]["stock_short"] == []


def save_statuses(api, *own):
    built_in = api.call("GET", "/settings/statuses")
    statuses = [status for status in built_in.body if status["key"] != "gift_wrapping"]
    saved = api.call("PUT", "/settings/statuses", [*statuses, *own], headers={"if-match": built_in.etag})
    assert saved.status == 200, saved.body


def test_a_status_of_the_shop_s_own_is_filtered_and_counted(api):
    save_statuses(api, {"key": "gift_wrapping", "label": "ラッピング中"})
    etag = api.place(an_order_request()).etag
    api.patch("100001", {"handling_status": "gift_wrapping"}, etag)

    assert numbers(api.call("GET", "/orders", query={"status": "gift_wrapping"})) == ["100001"]
    last = api.call("GET", "/orders/summary").body["handling_status"][-1]
    assert last == {"key": "gift_wrapping", "label": "ラッピング中", "count": 1}

    save_statuses(api)

    last = api.call("GET", "/orders/summary").body["handling_status"][-1]
    assert last == {"key": "gift_wrapping", "label": "ラッピング中", "count": 1}, "retired, but still in use"


def test_the_desk_s_first_look_counts_open_orders(desk):
    summary = desk.call("GET", "/orders/summary").body

    counts = {status["key"]: status["count"] for status in summary["handling_status"]}
    shipping = {status["label"]: status["count"] for status in summary["shipping_status"]}
    assert (summary["open"], summary["complete"]) == (3, True)
    assert counts == {"new": 2, "processing": 0, "on_hold": 1}
    assert shipping == {"未発送": 2, "発送指示": 0, "一部発送済": 0, "発送済": 1, "対象外": 0}
    assert (summary["waiting_for_payment"], summary["stock_short"]) == (1, 0)


@pytest.mark.parametrize("path", ["/orders", "/orders/summary", "/orders/100001/timeline"])
def test_a_storefront_cannot_read_the_lists_of_the_desk(api, path):
    assert api.call("GET", path, claims=STOREFRONT).status == 403


def changes(api, **query):
    answer = api.call("GET", "/orders", query={"sort": "updated_at", **query})
    assert answer.status == 200, answer.body
    return answer.body


def test_an_integrator_reads_on_from_where_the_list_ended(desk, monkeypatch):
    from order_api import wiring  # noqa: PLC0415

    begin = wiring.now()
    monkeypatch.setattr(wiring, "now", lambda: begin + timedelta(minutes=1))
    assert changes(desk)["orders"] == [], "nothing has settled yet"

    monkeypatch.setattr(wiring, "now", lambda: begin + timedelta(minutes=10))
    first = changes(desk, limit="3")
    assert (len(first["orders"]), first["updated_until"] is None) == (3, False)
    last = changes(desk, limit="3", cursor=first["next_cursor"])
    assert (last["next_cursor"], last["updated_until"]) == (None, first["updated_until"])
    rows = [*first["orders"], *last["orders"]]
    assert [row["number"] for row in rows] == ["100001", "100002", "100004", "100005", "100003"]
    assert [row["updated_at"] for row in rows] == sorted(row["updated_at"] for row in rows)

    monkeypatch.setattr(wiring, "now", lambda: begin + timedelta(minutes=20))
    desk.patch("100001", {"staff_memo": "x"}, '"1"')
    monkeypatch.setattr(wiring, "now", lambda: begin + timedelta(minutes=30))
    after = changes(desk, updated_from=last["updated_until"])
    assert [(row["number"], row["version"]) for row in after["orders"]] == [("100001", 2)]
    assert changes(desk, updated_from=after["updated_until"])["orders"] == []


def test_a_cursor_goes_on_in_its_own_order_only(desk):
    cursor = desk.call("GET", "/orders", query={"limit": "1"}).body["next_cursor"]

    other = desk.call("GET", "/orders", query={"limit": "1", "sort": "updated_at", "cursor": cursor})

    assert other.body["type"] == "urn:shukka:problem:bad-cursor"
    assert desk.call("GET", "/orders").body["updated_until"] is None
