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
