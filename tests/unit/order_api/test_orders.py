"""Orders over HTTP."""

import json

import pytest

from tests.builders import a_line, an_order_request
from tests.unit.order_api.conftest import STOREFRONT


def line_inputs(answer):
    return [
        {name: value for name, value in line.items() if name not in {"line_amount", "returned"}}
        for line in answer.body["lines"]
    ]


def test_a_placed_order_is_answered_with_number_totals_and_etag(api):
    placed = api.place(an_order_request(), claims=STOREFRONT)

    assert placed.status == 201
    assert placed.etag == '"1"'
    assert placed.body["number"] == "100001"
    assert placed.body["shipments"] == ["100001-1"]
    rates = [(rate["rate"], rate["net"], rate["tax"]) for rate in placed.body["totals"]["rates"]]
    assert rates == [(10, 800, 80), (8, 4_140, 331)]


def test_a_placed_order_leads_the_list_and_opens_by_its_number(api):
    for n in range(7):
        api.place(an_order_request(), key=f"key-{n}")

    numbers = [order["number"] for order in api.call("GET", "/orders").body["orders"]]

    assert numbers == [str(100_007 - n) for n in range(7)]
    opened = api.call("GET", "/orders/100007")
    assert (opened.body["number"], opened.etag) == ("100007", '"1"')
    assert [mail["key"] for mail in opened.body["mails"]] == ["placed#member", "placed#shop"]


def test_pages_follow_each_other_without_gap_or_repeat(api):
    for n in range(11):
        api.place(an_order_request(), key=f"key-{n}")

    numbers, cursor = [], None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = api.call("GET", "/orders", query=query).body
        numbers += [order["number"] for order in page["orders"]]
        cursor = page["next_cursor"]
        if not cursor:
            break

    assert numbers == [str(100_011 - n) for n in range(11)]


def test_the_same_key_replays_the_first_answer(api):
    first = api.place(an_order_request())
    api.patch("100001", {"shipping_fee": 0}, first.etag)

    again = api.place(an_order_request())

    assert (again.status, again.body) == (first.status, first.body)
    assert len(api.call("GET", "/orders").body["orders"]) == 1


def test_the_same_key_with_another_body_is_refused(api):
    api.place(an_order_request())

    answer = api.place(an_order_request(shipping_fee=1))

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:idempotency-mismatch")


def test_a_key_belongs_to_its_client(api):
    api.place(an_order_request())

    assert api.place(an_order_request(shipping_fee=1), claims=STOREFRONT).status == 201


def test_fees_messages_status_and_payment_are_amended(api):
    etag = api.place(an_order_request()).etag
    changes = {
        "shipping_fee": 0,
        "message_to_member": "本日発送します。",
        "staff_memo": "電話で確認済み",
        "handling_status": "processing",
        "paid_on": "2026-11-26",
    }

    amended = api.patch("100001", changes, etag)

    assert (amended.status, amended.etag) == (200, '"2"')
    assert amended.body["totals"]["total"] == 4_140 + 331
    assert amended.body["paid_on"] == "2026-11-26"
    assert amended.body["handling_status_label"] == "処理中"
    assert api.call("GET", "/orders/100001").body == {
        **amended.body,
        "mails": api.call("GET", "/orders/100001").body["mails"],
    }


def test_null_clears_and_absence_keeps(api):
    etag = api.place(an_order_request()).etag
    etag = api.patch("100001", {"message_to_member": "あ", "staff_memo": "い"}, etag).etag

    cleared = api.patch("100001", {"message_to_member": None}, etag).body

    assert (cleared["message_to_member"], cleared["staff_memo"]) == (None, "い")


def test_a_change_that_changes_nothing_makes_no_version(api):
    etag = api.place(an_order_request()).etag

    assert api.patch("100001", {"shipping_fee": 800}, etag).etag == etag


def test_a_stale_etag_is_answered_with_the_current_order(api):
    etag = api.place(an_order_request()).etag
    api.patch("100001", {"shipping_fee": 0}, etag)

    stale = api.patch("100001", {"shipping_fee": 500}, etag)

    assert (stale.status, stale.body["current"]["version"]) == (412, 2)
    assert stale.body["current"]["totals"]["shipping_fee"] == 0


def test_a_change_without_if_match_is_428(api):
    api.place(an_order_request())

    assert api.call("PATCH", "/orders/100001", {"shipping_fee": 0}).status == 428
    assert (
        api.call("PUT", "/orders/100001/lines", {"lines": [{"name": "a", "unit_price": 1, "quantity": 1}]}).status
        == 428
    )


def test_lines_are_changed_added_zeroed_and_removed(api):
    lines = [a_line().model_dump(mode="json", exclude={"line_id"}) | {"name": name} for name in "甲乙丙"]
    placed = api.place(an_order_request(lines=lines))
    first, second, _ = line_inputs(api.call("GET", "/orders/100001"))
    free = {"name": "特別値引", "unit_price": -100, "quantity": 1, "tax_category": "reduced"}

    edited = api.call(
        "PUT",
        "/orders/100001/lines",
        {"lines": [{**first, "quantity": 3}, {**second, "quantity": 0}, free], "reason": "電話"},
        headers={"if-match": placed.etag},
    )

    assert edited.status == 200
    kept = [(line["line_id"], line["name"], line["quantity"]) for line in edited.body["lines"]]
    assert kept == [(1, "甲", 3), (2, "乙", 0), (4, "特別値引", 1)]
    assert edited.body["totals"]["goods"] == 3 * 4_140 - 100


@pytest.mark.parametrize(("line_ids", "field"), [([9], "lines.0.line_id"), ([1, 1], "lines.1.line_id")])
def test_foreign_and_repeated_line_ids_are_refused(api, line_ids, field):
    placed = api.place(an_order_request())
    lines = [a_line(line_id).model_dump(mode="json") for line_id in line_ids]

    refused = api.call("PUT", "/orders/100001/lines", {"lines": lines}, headers={"if-match": placed.etag})

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, field)


def test_the_member_sees_state_and_message_but_never_the_memo(api):
    etag = api.place(an_order_request()).etag
    api.patch("100001", {"message_to_member": "ご注文ありがとうございます", "staff_memo": "要注意"}, etag)
    api.place(an_order_request(member={"member_id": "M-2", "company": "別会社"}), key="key-2")

    history = api.call("GET", "/members/M-1001/orders", claims=STOREFRONT)

    (order,) = history.body["orders"]
    assert (order["number"], order["message_to_member"]) == ("100001", "ご注文ありがとうございます")
    assert "要注意" not in json.dumps(history.body, ensure_ascii=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders"),
        ("GET", "/orders/100001"),
        ("PATCH", "/orders/100001"),
        ("PUT", "/orders/100001/lines"),
    ],
)
def test_a_storefront_cannot_use_the_routes_of_staff(api, method, path):
    body = {"nonsense": True} if method in {"PATCH", "PUT"} else None

    answer = api.call(method, path, body, claims=STOREFRONT)

    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")


def test_a_token_without_a_role_can_do_nothing(api):
    assert api.place(an_order_request(), claims={"scope": "other/staff", "client_id": "x"}).status == 403


def test_health_is_open(api):
    assert api.call("GET", "/health", claims={}).body == {"status": "ok"}


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"lines": []}, "lines", "1件以上"),
        ({"lines": [{"name": "x", "unit_price": 1, "quantity": "3"}]}, "lines.0.quantity", "整数"),
        ({"lines": [{"name": "x", "unit_price": 1.5, "quantity": 1}]}, "lines.0.unit_price", "整数"),
        ({"lines": [{"name": "x", "unit_price": True, "quantity": 1}]}, "lines.0.unit_price", "整数"),
        ({"lines": [{"name": "x", "unit_price": 1, "quantity": -1}]}, "lines.0.quantity", "0以上"),
        ({"lines": [{"name": " ", "unit_price": 1, "quantity": 1}]}, "lines.0.name", "1文字以上"),
        ({"lines": [{"name": "a\nb", "unit_price": 1, "quantity": 1}]}, "lines.0.name", "改行"),
        ({"requested_date": "2026-02-31"}, "requested_date", "日付"),
        ({"member": {"company": "a", "email": "a@b\r\nBcc: c@d.jp"}}, "member.email", "メールアドレス"),
        ({"member": {"company": "\ud800"}}, "member.company", "文字として読めない"),
        ({"shipping_fee": -1}, "shipping_fee", "0以上"),
        ({"surprise": 1}, "surprise", "使えません"),
        ({"payment_method": "barter"}, "payment_method", "設定にありません"),
        ({"discount": 10**9}, "discount", "超えています"),
    ],
)
def test_errors_name_the_field_and_are_in_japanese(api, change, field, reason):
    answer = api.place(json.dumps(an_order_request(**change)))

    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert reason in answer.body["errors"][0]["reason"]


@pytest.mark.parametrize("body", ['{"a":', "[" * 100_000, "\x00"])
def test_what_is_not_json_is_400(api, body):
    answer = api.place(body)

    assert (answer.status, answer.body["type"]) == (400, "urn:shukka:problem:malformed-json")


@pytest.mark.parametrize("body", ["", "null", "[]", '"text"', "1"])
def test_a_body_that_is_no_object_is_422(api, body):
    assert api.place(body).status == 422


def test_a_missing_idempotency_key_is_refused(api):
    answer = api.call("POST", "/orders", an_order_request())

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "idempotency-key")


def test_unknown_things_are_404_and_wrong_methods_405(api):
    assert api.call("GET", "/orders/999999").body["type"] == "urn:shukka:problem:not-found"
    assert api.call("GET", "/nothing").body["type"] == "urn:shukka:problem:no-such-route"
    wrong = api.call("DELETE", "/orders/999999")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, PATCH")


@pytest.mark.parametrize("cursor", ["x", "%%%", "MTIzNDU2Nzg5MDEyMzQ1NmFiYw", "あ"])
def test_a_cursor_that_was_made_up_is_400(api, cursor):
    assert api.call("GET", "/orders", query={"cursor": cursor}).body["type"] == "urn:shukka:problem:bad-cursor"


def test_a_cursor_of_another_list_is_400(api):
    for n in range(2):
        api.place(an_order_request(), key=f"key-{n}")
    cursor = api.call("GET", "/orders", query={"limit": "1"}).body["next_cursor"]

    answer = api.call("GET", "/members/M-1001/orders", query={"cursor": cursor})

    assert answer.body["type"] == "urn:shukka:problem:bad-cursor"


def test_a_fault_tells_nothing_of_the_inside(api, monkeypatch):
    from order_api import wiring  # noqa: PLC0415

    def broken():
        raise RuntimeError("secret table name")

    monkeypatch.setattr(wiring, "order_list", broken)

    answer = api.call("GET", "/orders")

    assert answer.status == 500
    assert "secret" not in json.dumps(answer.body)


def test_every_route_says_who_may_call_it(api):
    from order_api.app import app  # noqa: PLC0415
    from order_api.auth import Allow  # noqa: PLC0415

    routes = [*app._static_routes, *app._dynamic_routes]

    assert len(routes) > 5
    assert [route.path for route in routes if not any(isinstance(gate, Allow) for gate in route.middlewares)] == []


def test_an_edit_can_be_tried_without_writing(api):
    placed = api.place(an_order_request())
    total = placed.body["totals"]["total"]

    tried = api.call(
        "PATCH", "/orders/100001", {"shipping_fee": 0}, headers={"if-match": placed.etag}, query={"dry_run": "true"}
    )

    assert (tried.status, tried.body["difference"]) == (200, -880)
    assert tried.body["totals"]["total"] == total - 880
    assert api.call("GET", "/orders/100001").body["totals"] == placed.body["totals"]


def test_what_is_still_to_pay_follows_the_amount_received_not_the_last_edit(api):
    etag = api.place(an_order_request()).etag
    assert api.call("GET", "/orders/100001").body["payment_difference"] is None
    paid = api.patch("100001", {"paid_on": "2026-11-26"}, etag)
    assert paid.body["payment_difference"] == 0

    more = api.patch("100001", {"shipping_fee": 1_800}, paid.etag)
    assert more.body["payment_difference"] == 1_100
    back = api.patch("100001", {"shipping_fee": 800}, more.etag)
    assert back.body["payment_difference"] == 0

    cleared = api.patch("100001", {"paid_on": None}, back.etag)
    assert (cleared.body["paid_on"], cleared.body["paid_amount"]) == (None, None)


def test_the_orderer_is_a_snapshot_that_can_be_corrected(api):
    etag = api.place(an_order_request()).etag

    corrected = api.patch("100001", {"member": {"phone": "03-9999-0000", "department": None}}, etag).body

    assert (corrected["member"]["phone"], corrected["member"]["department"]) == ("03-9999-0000", None)
    assert corrected["member"]["company"] == "株式会社髙島商店"


def test_a_new_wish_for_delivery_reaches_the_shipments(api):
    etag = api.place(an_order_request()).etag

    moved = api.patch("100001", {"requested_date": "2026-12-24", "time_slot": None}, etag).body

    assert (moved["requested_date"], moved["shipments"][0]["requested_date"]) == ("2026-12-24", "2026-12-24")
    assert moved["shipments"][0]["time_slot"] is None


def test_a_field_that_cannot_be_empty_is_not_cleared(api):
    etag = api.place(an_order_request()).etag

    assert api.patch("100001", {"handling_status": None}, etag).status == 422
    assert api.patch("100001", {"member": {"company": ""}}, etag).status == 422


@pytest.mark.parametrize("day", [0, "0", 1_735_689_600, "1735689600", "2026-02-31", "12/24"])
def test_a_date_is_a_date_and_nothing_that_could_be_taken_for_one(api, day):
    answer = api.place(an_order_request(requested_date=day))

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "requested_date")


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded", "text/plain"])
def test_a_body_that_is_not_declared_as_json_is_415(api, kind):
    answer = api.call("POST", "/orders", "a=b", headers={"idempotency-key": "k", "content-type": kind})

    assert (answer.status, answer.body["type"]) == (415, "urn:shukka:problem:unsupported-content-type")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": [{"name": "a", "unit_price": 99_999_999_999, "quantity": 1}]}, "lines"),
        ({"lines": [{"name": "a", "unit_price": 99_999_999_999, "quantity": 9_999_999}]}, "lines.0"),
        ({"shipping_fee": 99_999_999_999}, "shipping_fee"),
        ({"payment_fee": 99_999_999_999}, "payment_fee"),
    ],
)
def test_an_amount_above_the_limit_is_the_caller_s_error(api, changes, field):
    answer = api.place(an_order_request(**changes))

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:amount-too-large")
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_an_edit_above_the_limit_leaves_the_order_as_it_is(api):
    etag = api.place(an_order_request()).etag
    lines = {"lines": [{"name": "a", "unit_price": 99_999_999_999, "quantity": 1}]}

    for dry_run in ({}, {"dry_run": "true"}):
        refused = [
            api.call(
                "PATCH", "/orders/100001", {"shipping_fee": 99_999_999_999}, headers={"if-match": etag}, query=dry_run
            ),
            api.call("PUT", "/orders/100001/lines", lines, headers={"if-match": etag}, query=dry_run),
        ]
        assert {answer.body["type"] for answer in refused} == {"urn:shukka:problem:amount-too-large"}

    assert api.call("GET", "/orders/100001").etag == etag


def test_quantities_and_amounts_at_the_limit_are_shown(api):
    lines = [{"sku": "A", "name": "a", "unit_price": 1, "quantity": 9_999_999, "tax_category": "exempt"}] * 300
    placed = api.place(an_order_request(lines=lines))
    api.patch("100001", {"paid_on": "2026-11-26", "paid_amount": 99_999_999_999}, placed.etag)

    order = api.call("GET", "/orders/100001").body

    assert order["held"] == {"A": 300 * 9_999_999}
    assert order["payment_difference"] == 300 * 9_999_999 + 880 - 99_999_999_999


# --- the payment method's fee ---


def with_a_fee_for_cash(api):
    current = api.call("GET", "/settings/payment_methods")
    methods = [method | {"fee": 330 if method["key"] == "cash_on_delivery" else 0} for method in current.body]
    api.call("PUT", "/settings/payment_methods", methods, headers={"if-match": current.etag})


@pytest.mark.parametrize(("given", "fee"), [({}, 330), ({"payment_fee": 0}, 0), ({"payment_fee": 110}, 110)])
def test_the_fee_of_the_payment_method_is_the_default(api, given, fee):
    with_a_fee_for_cash(api)
    request = an_order_request(payment_method="cash_on_delivery")
    del request["payment_fee"]

    placed = api.place(request | given)

    assert placed.body["totals"]["payment_fee"] == fee
    assert api.place(request | {"payment_method": "account"}, "key-2").body["totals"]["payment_fee"] == 0


# --- what others call the order ---

NAMES = {
    "customer_order_number": "PO-2026,0815",
    "external_id": "web-58213",
    "metadata": {"channel": "LINE", "店": "本店"},
}


def test_numbers_of_other_systems_are_stored_amended_and_in_the_history(api):
    placed = api.place(an_order_request(**NAMES))
    order = api.call("GET", "/orders/100001").body
    changes = {
        "customer_order_number": "PO-9",
        "external_id": None,
        "metadata": {"channel": "電話", "店": None, "campaign": "冬"},
    }

    amended = api.patch("100001", changes, placed.etag)

    assert {name: order[name] for name in NAMES} == NAMES
    assert (amended.body["customer_order_number"], amended.body["external_id"]) == ("PO-9", None)
    assert amended.body["metadata"] == {"channel": "電話", "campaign": "冬"}
    timeline = api.call("GET", "/orders/100001/timeline").body["entries"]
    shown = {(one["label"], one["before"], one["after"]) for entry in timeline for one in entry.get("changes", [])}
    assert shown == {
        ("客先注文番号", "PO-2026,0815", "PO-9"),
        ("外部ID", "web-58213", None),
        ("追加情報「channel」", "LINE", "電話"),
        ("追加情報「店」", "本店", None),
        ("追加情報「campaign」", None, "冬"),
    }


def test_absence_keeps_what_others_call_the_order(api):
    etag = api.place(an_order_request(**NAMES)).etag

    amended = api.patch("100001", {"staff_memo": "a"}, etag)

    assert {name: amended.body[name] for name in NAMES} == NAMES


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metadata": {str(n): "a" for n in range(21)}}, "metadata"),
        ({"metadata": {"k" * 41: "a"}}, f"metadata.{'k' * 41}.[key]"),
        ({"metadata": {"a": "v" * 256}}, "metadata.a"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a\n": "b\x00"}}, "metadata.a\n"),
        ({"metadata": ["a"]}, "metadata"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"customer_order_number": "a" * 256}, "customer_order_number"),
    ],
)
def test_references_that_are_too_long_or_no_text_are_refused(api, changes, field):
    etag = api.place(an_order_request()).etag
    for answer in (api.place(an_order_request(**changes), "key-2"), api.patch("100001", changes, etag)):
        assert answer.status == 422
        assert [error["field"] for error in answer.body["errors"]] == [field]


def test_many_small_amendments_do_not_get_past_the_limit_of_metadata(api):
    etag = api.place(an_order_request(metadata={str(n): "a" for n in range(20)})).etag

    refused = api.patch("100001", {"metadata": {"one more": "a"}}, etag)
    exchanged = api.patch("100001", {"metadata": {"one more": "a", "0": None}}, etag)

    assert refused.body["type"] == "urn:shukka:problem:too-many-metadata"
    assert len(exchanged.body["metadata"]) == 20


def test_the_list_finds_exactly_what_others_call_the_order(api):
    api.place(an_order_request(**NAMES), "key-1")
    api.place(an_order_request(**NAMES | {"customer_order_number": "PO-2026,08150", "external_id": "web-5"}), "key-2")
    api.place(an_order_request(), "key-3")

    def found(**query):
        return [order["number"] for order in api.call("GET", "/orders", query=query).body["orders"]]

    assert found(customer_order_number="PO-2026,0815") == ["100001"]
    assert found(external_id="web-5") == ["100002"]
    assert found(external_id="web-5", customer_order_number="PO-2026,0815") == []
    assert found(q="web58213") == ["100001"]
    assert found(q="po2026") == ["100002", "100001"]
    assert api.call("GET", "/orders", query={"external_id": ""}).status == 422


def test_a_row_of_the_list_has_what_others_call_the_order(api):
    api.place(an_order_request(**NAMES))

    (row,) = api.call("GET", "/orders").body["orders"]

    assert (row["customer_order_number"], row["external_id"]) == ("PO-2026,0815", "web-58213")


def test_the_member_sees_their_own_number_and_nothing_of_other_systems(api):
    api.place(an_order_request(**NAMES))

    row = api.call("GET", "/members/M-1001/orders", claims=STOREFRONT).body["orders"][0]
    order = api.call("GET", "/members/M-1001/orders/100001", claims=STOREFRONT).body

    for seen in (row, order):
        assert seen["customer_order_number"] == "PO-2026,0815"
        assert "web-58213" not in str(seen)
        assert "LINE" not in str(seen)
