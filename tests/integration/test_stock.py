"""Orders that wait for stock, on the deployed template: its roles, its queue, its indexes."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from local.patience import wait_for
from tests.builders import a_line
from tests.integration.desk import Desk, expect


@pytest.fixture
def sku() -> str:
    """Not ASCII: it travels percent-encoded in paths, and as it is in files and messages."""
    return f"品番-{uuid4().hex[:8]}"


def lines_of(sku: str, quantity: int) -> list[object]:
    return [a_line(sku=sku, quantity=quantity).model_dump(mode="json", exclude={"line_id"})]


def imported(desk: Desk, sku: str, quantity: int, mode: str) -> str:
    body = {"mode": mode, "csv": f"品番,在庫数\n{sku},{quantity}\n"}
    answer = expect(desk.staff.call("POST", "/stock/import", body, idempotency_key=uuid4().hex), 200)
    return str(answer.body["rows"][0]["outcome"])


def test_what_is_short_is_marked_until_goods_arrive(desk: Desk, sku):
    assert imported(desk, sku, 2, "overwrite") == "applied"
    first, second = desk.place(lines=lines_of(sku, 2)), desk.place(lines=lines_of(sku, 3))

    wait_for(lambda: desk.order(second)["stock_short"] == [sku])
    assert desk.order(first)["stock_short"] == []
    assert second in desk.numbers("stock_short=true")
    assert sku in [row["sku"] for row in desk.get("/stock?short=true&limit=100")["stock"]]

    assert imported(desk, sku, 3, "add") == "applied"

    wait_for(lambda: desk.order(second)["stock_short"] == [])
    assert second not in desk.numbers("stock_short=true")
    (level,) = desk.get(f"/stock?sku={quote(sku[:11])}")["stock"]
    assert (level["sku"], level["level"]) == (sku, 0)


def test_the_ledger_has_every_move_once(desk: Desk, sku):
    imported(desk, sku, 10, "overwrite")
    number = desk.place(lines=lines_of(sku, 2))
    desk.put_lines(number, [{**desk.lines(number)[0], "quantity": 5}])
    desk.amend(number, handling_status="cancelled")

    wait_for(lambda: len(desk.get(f"/stock/{quote(sku)}/ledger")["entries"]) == 4)

    entries = desk.get(f"/stock/{quote(sku)}/ledger")["entries"]
    moves = {entry["order_version"]: entry["change"] for entry in entries if entry["kind"] == "order"}
    assert moves == {1: -2, 2: -3, 3: 5}
    assert desk.get(f"/stock/{quote(sku)}")["level"] == 10


def test_returned_goods_are_back_in_stock_once_and_no_longer_charged(desk: Desk, sku):
    imported(desk, sku, 10, "overwrite")
    number = desk.place(lines=lines_of(sku, 6), shipping_fee=0)
    (shipment,) = desk.order(number)["shipments"]
    desk.amend_shipment(shipment["shipment_id"], status="shipped", notify=False)
    goods = [{"line_id": 1, "quantity": 2, "restock": True}, {"line_id": 1, "quantity": 1, "restock": False}]

    returned = desk.return_goods(number, goods, reason="破損1箱")

    wait_for(lambda: desk.get(f"/stock/{quote(sku)}")["level"] == 6)
    assert returned["totals"]["goods"] == 3 * 6 * 690
    assert [(line["quantity"], line["returned"]) for line in desk.order(number)["lines"]] == [(6, 3)]
    assert desk.order(number)["shipments"][0]["lines"] == {"1": 6}
    seen = expect(desk.storefront.call("GET", f"/members/M-1001/orders/{number}"), 200).body
    assert [(line["quantity"], line["amount"]) for line in seen["returns"][0]["lines"]] == [(2, 8_280), (1, 4_140)]

    desk.amend(number, handling_status="cancelled")
    desk.void_return(number, 1)

    wait_for(lambda: desk.get(f"/stock/{quote(sku)}")["level"] == 4)
    assert desk.order(number)["totals"]["goods"] == 6 * 6 * 690
    entries = [entry for entry in desk.get(f"/stock/{quote(sku)}/ledger")["entries"] if entry["kind"] == "order"]
    assert sorted(entry["change"] for entry in entries) == [-6, -2, 2]


def test_an_invoice_after_a_return_has_totals_that_agree_with_its_lines(desk: Desk, sku):
    number = desk.place(lines=lines_of(sku, 6))
    (shipment,) = desk.order(number)["shipments"]
    desk.amend_shipment(shipment["shipment_id"], status="shipped", notify=False)
    first = expect(desk.staff.call("GET", f"/orders/{number}/documents/invoice"), 302)

    total = desk.return_goods(number, [{"line_id": 1, "quantity": 2, "restock": True}])["totals"]["total"]
    expect(desk.staff.call("GET", f"/orders/{number}/documents/invoice"), 302)

    documents = [entry for entry in desk.get(f"/orders/{number}/timeline")["entries"] if entry["kind"] == "document"]
    assert [(document["revision"], document["total"] == total) for document in documents] == [(2, True), (1, False)]
    assert first.headers["location"]
