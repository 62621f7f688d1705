"""Returns over HTTP: recorded, shown to staff and member, and taken back."""

import pytest

from tests.builders import a_line, an_order_request
from tests.unit.order_api.conftest import STOREFRONT

RETURNS = "/orders/100001/returns"


@pytest.fixture
def shipped(api):
    """Ten sets, shipped."""
    line = a_line(quantity=10, units_per_set=1, unit_price=100).model_dump(mode="json", exclude={"line_id"})
    etag = api.place(an_order_request(lines=[line]), claims=STOREFRONT).etag
    parcel = {"status": "shipped", "tracking_numbers": ["444413758703"], "notify": False}
    assert api.call("PATCH", "/shipments/100001-1", parcel, headers={"if-match": etag}).status == 200
    return api


def order(api):
    return api.call("GET", "/orders/100001")


def post(api, path, body, *, etag=None, **options):
    return api.call("POST", path, body, headers={"if-match": etag or order(api).etag}, **options)


def put_lines(api, lines):
    return api.call("PUT", "/orders/100001/lines", {"lines": lines}, headers={"if-match": order(api).etag})


def give_back(api, quantity=3, *, restock=True, **more):
    lines = [{"line_id": 1, "quantity": quantity, "restock": restock, "reason": "箱つぶれ"}]
    return post(api, RETURNS, {"lines": lines, **more})


def test_a_return_is_recorded_and_totals_follow(shipped):
    before = order(shipped).body

    answer = give_back(shipped, returned_on="2020-01-01")
    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:return-date")
    answer = give_back(shipped, reason="お客様都合")

    assert answer.status == 200, answer.body
    assert answer.body == {**order(shipped).body, "mails": []}
    assert answer.body["totals"]["goods"] == before["totals"]["goods"] - 300
    (line,) = answer.body["lines"]
    assert (line["quantity"], line["returned"], line["line_amount"]) == (10, 3, 700)
    assert answer.body["shipments"] == before["shipments"]
    (record,) = answer.body["returns"]
    assert (record["n"], record["recorded_by"], record["reason"]) == (1, "staff:hanako", "お客様都合")
    assert record["amounts"] == {"reduced": 300}
    assert (record["lines"][0]["name"], record["lines"][0]["reason"]) == ("丸大豆しょうゆ 1.8L", "箱つぶれ")
    assert answer.body["held"] == {"SOY-180": 7}


def test_a_return_can_be_tried_without_writing(shipped):
    before = order(shipped)
    lines = [{"line_id": 1, "quantity": 3, "restock": True}]

    preview = post(shipped, RETURNS, {"lines": lines}, query={"dry_run": "true"})

    assert (preview.status, preview.body["stock_moves"]) == (200, {"SOY-180": 3})
    assert preview.body["difference"] == -324
    assert order(shipped).body == before.body


def test_a_return_is_not_recorded_twice(shipped):
    etag = order(shipped).etag
    lines = [{"line_id": 1, "quantity": 3, "restock": False}]

    answers = [post(shipped, RETURNS, {"lines": lines}, etag=etag).status for _ in range(2)]

    assert answers == [200, 412]
    assert order(shipped).body["lines"][0]["returned"] == 3
    assert shipped.call("POST", RETURNS, {"lines": lines}).status == 428


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "lines"),
        ({"lines": []}, "lines"),
        ({"lines": [{"line_id": 1, "quantity": 1}]}, "lines.0.restock"),
        ({"lines": [{"line_id": 1, "quantity": 0, "restock": True}]}, "lines.0.quantity"),
        ({"lines": [{"line_id": 1, "quantity": 1.5, "restock": True}]}, "lines.0.quantity"),
        ({"lines": [{"line_id": 1, "quantity": 11, "restock": True}]}, "lines.0.quantity"),
        ({"lines": [{"line_id": 7, "quantity": 1, "restock": True}]}, "lines.0.line_id"),
        ({"lines": [{"line_id": 1, "quantity": 1, "restock": True}], "discount": None}, "discount"),
        ({"lines": [{"line_id": 1, "quantity": 1, "restock": True}] * 201}, "lines"),
    ],
)
def test_errors_in_a_return_name_the_field(shipped, body, field):
    answer = post(shipped, RETURNS, body)

    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert order(shipped).body["returns"] == []


def test_a_line_below_its_shipped_quantity_is_refused_with_a_hint_at_returns(shipped):
    line = {"line_id": 1, "name": "丸大豆しょうゆ 1.8L", "unit_price": 100, "quantity": 7}

    answer = put_lines(shipped, [line])

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:shipped-quantity")
    assert "返品として登録" in answer.body["errors"][0]["reason"]


def test_lines_that_were_read_can_be_written_back_after_a_return(shipped):
    read = give_back(shipped).body["lines"]
    lines = [{name: value for name, value in line.items() if name not in {"line_amount", "returned"}} for line in read]

    answer = put_lines(shipped, lines)

    assert answer.status == 200
    assert answer.body["version"] == 3
    lines[0]["unit_price"] = 90
    answer = put_lines(shipped, lines)
    assert [(line["returned"], line["line_amount"]) for line in answer.body["lines"]] == [(3, 630)]


def test_a_return_recorded_by_mistake_is_voided(shipped):
    before = order(shipped).body
    give_back(shipped)

    preview = post(shipped, f"{RETURNS}/1/void", {}, query={"dry_run": "true"})
    assert preview.body["stock_moves"] == {"SOY-180": -3}
    voided = post(shipped, f"{RETURNS}/1/void", {"reason": "別の受注でした"})

    assert voided.status == 200
    assert [voided.body[name] for name in ("totals", "lines", "held")] == [
        before[name] for name in ("totals", "lines", "held")
    ]
    (record,) = voided.body["returns"]
    assert (record["voided_by"], record["void_reason"]) == ("staff:hanako", "別の受注でした")
    again = post(shipped, f"{RETURNS}/1/void", {})
    assert (again.status, again.body["type"]) == (422, "urn:shukka:problem:return-voided")
    assert post(shipped, f"{RETURNS}/2/void", {}).status == 404


def test_the_timeline_tells_of_returns(shipped):
    give_back(shipped, reason="お客様都合")
    post(shipped, f"{RETURNS}/1/void", {})

    entries = shipped.call("GET", "/orders/100001/timeline").body["entries"]

    titles = [entry["title"] for entry in entries[:5]]
    assert titles.count("在庫を動かしました") == 2
    assert {"返品を取り消しました", "返品 1（取り消し済み）", "返品を登録しました"} <= set(titles)
    shown = {entry["title"]: entry["changes"] for entry in entries if entry["kind"] == "change"}
    labels = {(change["label"], change["before"], change["after"]) for change in shown["返品を登録しました"]}
    assert ("「丸大豆しょうゆ 1.8L」の返品数", None, "3") in labels
    (record,) = [entry for entry in entries if entry["kind"] == "return"]
    assert (record["n"], record["reason"], record["lines"][0]["quantity"]) == (1, "お客様都合", 3)


def test_a_member_sees_what_was_returned_and_not_why(shipped):
    give_back(shipped, 3, reason="社外秘")
    give_back(shipped, 2, reason="社外秘")
    post(shipped, f"{RETURNS}/2/void", {"reason": "社外秘"})

    seen = shipped.call("GET", "/members/M-1001/orders/100001", claims=STOREFRONT).body

    (record,) = seen["returns"]
    assert set(record) == {"n", "returned_on", "lines"}
    assert [(line["name"], line["quantity"], line["amount"]) for line in record["lines"]] == [
        ("丸大豆しょうゆ 1.8L", 3, 300)
    ]
    assert [(line["quantity"], line["returned"], line["line_amount"]) for line in seen["lines"]] == [(10, 3, 700)]
    assert "社外秘" not in str(seen)
    assert "箱つぶれ" not in str(seen)


def test_a_storefront_records_no_returns(shipped):
    lines = [{"line_id": 1, "quantity": 1, "restock": True}]

    assert post(shipped, RETURNS, {"lines": lines}, claims=STOREFRONT).status == 403
    assert post(shipped, f"{RETURNS}/1/void", {}, claims=STOREFRONT).status == 403


def test_a_shipment_whose_goods_were_returned_stays_shipped(shipped):
    give_back(shipped)

    back = {"status": "not_shipped"}
    answer = shipped.call("PATCH", "/shipments/100001-1", back, headers={"if-match": order(shipped).etag})

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:returned-goods")


def test_cancelling_a_shipped_order_leaves_its_goods_to_returns(shipped):
    assert shipped.patch("100001", {"handling_status": "cancelled"}, order(shipped).etag).body["held"] == {
        "SOY-180": 10
    }

    assert give_back(shipped, 10).body["held"] == {}


def test_a_discount_added_to_a_shipped_order_makes_no_parcel_and_stays_a_discount(shipped):
    read = order(shipped).body["lines"]
    lines = [{name: value for name, value in line.items() if name not in {"line_amount", "returned"}} for line in read]
    lines.append({"name": "特別値引", "unit_price": -50, "quantity": 1})

    for price in (-50, 0):
        lines[1]["unit_price"] = price
        answer = shipped.call(
            "PUT", "/orders/100001/lines", {"lines": lines}, headers={"if-match": order(shipped).etag}
        )

        assert answer.status == 200, answer.body
        assert (answer.body["shipping_status"], len(answer.body["shipments"])) == ("shipped", 1)
        assert answer.body["shipments"][0]["lines"] == {"1": 10}
        assert answer.body["lines"][1]["kind"] == "money"
        lines[1] = {"line_id": 2, "name": "特別値引", "quantity": 1}
