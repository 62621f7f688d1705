"""Stock over HTTP, and what orders do to it: the keeper gets every message twice."""

import boto3
import pytest

from shukka.store.stock_queue import StockQueue
from shukka.store.transaction import BusyError
from tests.builders import a_line, an_order_request
from tests.unit.order_api.conftest import STOREFRONT, LambdaContext


class Shop:
    """The API with the stock keeper behind it."""

    def __init__(self, api, keeper, orders_table, queue_url):
        self._api = api
        self._keeper = keeper
        self._orders_table = orders_table
        self._queue_url = queue_url
        self.call = api.call

    def set_level(self, sku, level):
        etag = self._api.call("GET", f"/stock/{sku}").headers.get("etag")
        headers = {"if-match": etag} if etag else {"if-none-match": "*"}
        answer = self._api.call("PUT", f"/stock/{sku}", {"level": level}, headers=headers)
        assert answer.status == 200
        self.deliver()

    def level(self, sku="SOY-180"):
        return self._api.call("GET", f"/stock/{sku}").body["level"]

    def place(self, key="key-1", **wanted):
        lines = [a_line(sku=sku, quantity=n).model_dump(mode="json", exclude={"line_id"}) for sku, n in wanted.items()]
        number = self._api.place(an_order_request(lines=lines), key=key).body["number"]
        self.deliver()
        return number

    def order(self, number="100001"):
        return self._api.call("GET", f"/orders/{number}").body

    def patch(self, number="100001", **changes):
        answer = self._api.patch(number, changes, f'"{self.order(number)["version"]}"')
        assert answer.status == 200
        self.deliver()

    def put_lines(self, *lines, number="100001", query=None, **more):
        body = {"lines": [line.model_dump(mode="json") for line in lines], **more}
        headers = {"if-match": f'"{self.order(number)["version"]}"'}
        answer = self._api.call("PUT", f"/orders/{number}/lines", body, headers=headers, query=query)
        assert answer.status == 200
        self.deliver()
        return answer.body

    def import_csv(self, csv, mode="overwrite", key="import-1"):
        answer = self._api.call("POST", "/stock/import", {"mode": mode, "csv": csv}, headers={"idempotency-key": key})
        self.deliver()
        return answer

    def ledger(self, sku="SOY-180"):
        return self._api.call("GET", f"/stock/{sku}/ledger").body["entries"]

    def deliver(self):
        """Everything that was ever put into the outbox, and what the queue holds: all of it twice."""
        outbox = boto3.client("dynamodb").scan(
            TableName=self._orders_table,
            FilterExpression="begins_with(sk, :stock)",
            ExpressionAttributeValues={":stock": {"S": "STOCK#"}},
        )["Items"]
        bodies = [f'{{"pk": "{item["pk"]["S"]}", "sk": "{item["sk"]["S"]}"}}' for item in outbox]
        sqs = boto3.client("sqs")
        for message in sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages", []):
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        records = [
            {"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate([*bodies, *bodies])
        ]
        if records:
            assert self._keeper.handler({"Records": records}, LambdaContext()) == {"batchItemFailures": []}


def queue_is_down(*_):
    raise BusyError


@pytest.fixture
def shop(api, monkeypatch):
    from order_api import wiring  # noqa: PLC0415 - reads the environment that was just set
    from stock_keeper import app as keeper  # noqa: PLC0415

    for made_once in (keeper._environment, keeper._stock, keeper._moving):
        made_once.cache_clear()
    return Shop(api, keeper, wiring.environment().orders_table, wiring.environment().stock_queue_url)


def test_placing_takes_stock(shop):
    shop.set_level("SOY-180", 10)

    shop.place(**{"SOY-180": 3})

    assert shop.level() == 7
    assert shop.order()["held"] == {"SOY-180": 3}


def test_changing_a_quantity_moves_stock_by_the_difference(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})

    preview = shop.put_lines(a_line(1, quantity=8), query={"dry_run": "true"})
    assert (preview["stock_moves"], shop.level()) == ({"SOY-180": -5}, 7)
    shop.put_lines(a_line(1, quantity=8))
    assert shop.level() == 2
    shop.put_lines(a_line(1, quantity=3))
    assert shop.level() == 7
    shop.put_lines(a_line(1, quantity=0))
    assert shop.level() == 10


def test_changing_a_quantity_can_leave_stock_alone(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})

    shop.put_lines(a_line(1, quantity=1), move_stock=False)
    assert (shop.level(), shop.order()["held"]) == (7, {"SOY-180": 3})
    shop.put_lines(a_line(1, quantity=0))
    assert shop.level() == 8


def test_prices_and_statuses_move_nothing(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})

    shop.put_lines(a_line(1, quantity=3, unit_price=1))
    shop.patch(shipping_fee=0, handling_status="completed")

    assert shop.level() == 7
    assert len(shop.ledger()) == 2


def test_cancelling_returns_stock_and_reopening_takes_it_again(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})

    shop.patch(handling_status="cancelled")
    assert shop.level() == 10
    shop.put_lines(a_line(1, quantity=50))
    assert shop.level() == 10
    shop.patch(handling_status="new")
    assert shop.level() == -40


def test_cancelling_can_keep_the_stock(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})

    shop.patch(handling_status="cancelled", return_stock=False)
    assert shop.level() == 7
    shop.patch(handling_status="new", move_stock=False)
    assert shop.level() == 7
    shop.patch(handling_status="cancelled")
    assert shop.level() == 10


def test_orders_are_cancelled_and_reopened_together(shop):
    shop.set_level("SOY-180", 10)
    numbers = [shop.place(key=f"key-{n}", **{"SOY-180": n}) for n in (1, 2)]

    for status, more, level in (
        ("cancelled", {}, 10),
        ("processing", {}, 7),
        ("cancelled", {"return_stock": False}, 7),
        ("new", {}, 4),
    ):
        shop.call("POST", "/orders/statuses", {"numbers": numbers, "handling_status": status, **more})
        shop.deliver()
        assert shop.level() == level


def test_what_is_short_is_shown_on_the_order_and_in_the_list_until_it_arrives(shop):
    shop.set_level("SOY-180", 2)
    shop.place(**{"SOY-180": 2})
    shop.place(key="key-2", **{"SOY-180": 1, "RICE": 1})

    assert shop.order("100001")["stock_short"] == []
    short = shop.order("100002")
    assert (short["stock_short"], short["version"]) == (["SOY-180"], 1)
    (row,) = shop.call("GET", "/orders", query={"stock_short": "true"}).body["orders"]
    assert (row["number"], row["stock_short"]) == ("100002", ["SOY-180"])
    assert [row["sku"] for row in shop.call("GET", "/stock", query={"short": "true"}).body["stock"]] == ["SOY-180"]

    shop.import_csv("品番,入荷数\nSOY-180,6\n", mode="add")

    assert shop.level() == 5
    assert shop.order("100002")["stock_short"] == []
    assert shop.call("GET", "/orders", query={"stock_short": "true"}).body["orders"] == []


def test_setting_a_level_again_repeats_a_failed_notice(shop, monkeypatch):
    shop.set_level("SOY-180", 0)
    shop.place(**{"SOY-180": 1})
    headers = {"if-match": shop.call("GET", "/stock/SOY-180").etag}
    with monkeypatch.context() as broken:
        broken.setattr(StockQueue, "tell", queue_is_down)
        assert shop.call("PUT", "/stock/SOY-180", {"level": 5}, headers=headers).status == 503
    assert shop.order()["stock_short"] == ["SOY-180"]

    shop.set_level("SOY-180", 5)

    assert shop.order()["stock_short"] == []


def test_a_level_set_later_gets_back_what_an_order_held_before(shop):
    shop.place(**{"SOY-180": 3})
    shop.set_level("SOY-180", 10)

    shop.patch(handling_status="cancelled")

    assert shop.level() == 13


def test_unlimited_stock_is_not_counted(shop):
    shop.set_level("SOY-180", None)

    shop.place(**{"SOY-180": 3})

    body = shop.call("GET", "/stock/SOY-180").body
    assert (body["level"], body["unlimited"], body["short"]) == (None, True, False)


def test_levels_are_read_and_set_with_their_version(api):
    put = {"if-none-match": "*"}
    created = api.call("PUT", "/stock/SOY-180", {"level": 5}, headers=put)
    assert (created.status, created.etag, created.body["level"]) == (200, '"1"', 5)

    assert api.call("PUT", "/stock/SOY-180", {"level": 6}).status == 428
    again = api.call("PUT", "/stock/SOY-180", {"level": 6}, headers=put)
    assert (again.status, again.body["current"]["level"]) == (412, 5)
    assert api.call("PUT", "/stock/SOY-180", {"level": 6}, headers={"if-match": '"7"'}).status == 412
    changed = api.call("PUT", "/stock/SOY-180", {"level": -2}, headers={"if-match": '"1"'})
    assert (changed.etag, changed.body["level"], changed.body["short"]) == ('"2"', -2, True)
    unchanged = api.call("PUT", "/stock/SOY-180", {"level": -2}, headers={"if-match": '"2"'})
    assert unchanged.etag == '"2"'
    assert api.call("GET", "/stock/SOY-180").etag == '"2"'


def test_a_sku_that_was_never_set_is_not_found(api):
    assert api.call("GET", "/stock/NONE").status == 404
    answer = api.call("PUT", "/stock/NONE", {"level": 1}, headers={"if-match": '"1"'})
    assert (answer.status, "current" in answer.body) == (412, False)
    assert api.call("GET", "/stock/NONE/ledger").body == {"entries": [], "next_cursor": None}


@pytest.mark.parametrize("sent", [{}, {"level": "5"}, {"level": 1.5}, {"level": 10_000_000}, {"level": 1, "x": 2}])
def test_levels_that_are_none_are_refused(api, sent):
    answer = api.call("PUT", "/stock/SOY-180", sent, headers={"if-none-match": "*"})

    assert answer.status == 422
    assert api.call("GET", "/stock/SOY-180").status == 404


def test_only_staff_may_see_and_change_stock(api):
    for method, path in (
        ("GET", "/stock"),
        ("GET", "/stock/A"),
        ("PUT", "/stock/A"),
        ("GET", "/stock/A/ledger"),
        ("POST", "/stock/import"),
    ):
        assert api.call(method, path, {}, claims=STOREFRONT).status == 403, path


def test_stock_is_listed_in_pages(shop):
    shop.import_csv("品番,在庫数\nA-1,1\nA-2,2\n醤油,3\n醤油2,4\n")

    first = shop.call("GET", "/stock", query={"limit": "3"}).body
    second = shop.call("GET", "/stock", query={"limit": "3", "cursor": first["next_cursor"]}).body

    skus = [row["sku"] for page in (first, second) for row in page["stock"]]
    assert (skus, second["next_cursor"]) == (["A-1", "A-2", "醤油", "醤油2"], None)
    beginning = shop.call("GET", "/stock", query={"sku": "醤"}).body["stock"]
    assert [row["level"] for row in beginning] == [3, 4]
    foreign = shop.call("GET", "/stock", query={"sku": "醤", "cursor": first["next_cursor"]})
    assert foreign.status == 400


def test_the_ledger_tells_what_moved_the_stock(shop):
    shop.set_level("SOY-180", 10)
    shop.place(**{"SOY-180": 3})
    shop.import_csv("品番,在庫数\nSOY-180,無制限\n")

    entries = shop.ledger()

    shown = [(entry["kind"], entry["order_number"], entry["before"], entry["change"]) for entry in entries]
    assert shown == [("import", None, 7, None), ("order", "100001", 10, -3), ("set", None, None, None)]
    assert entries[1]["order_version"] == 1
    assert {entry["actor"] for entry in entries} == {"staff:hanako"}


def test_an_import_sets_levels_and_answers_for_every_row(shop):
    shop.set_level("SAME", 7)

    answer = shop.import_csv(
        "品番,在庫数,在庫制限\nSOY-180,12,\nRICE,,無制限\nSAME,7,\nBLANK,,\nSOY-180,13,\nBAD,1.5,\n"
    )

    assert answer.status == 200
    rows = [(row["line"], row["sku"], row["outcome"], row["level"]) for row in answer.body["rows"]]
    assert rows == [
        (2, "SOY-180", "applied", 12),
        (3, "RICE", "applied", None),
        (4, "SAME", "unchanged", 7),
        (5, "BLANK", "unchanged", None),
        (6, "SOY-180", "rejected", None),
        (7, "BAD", "rejected", None),
    ]
    assert answer.body["rows"][4]["reason"] == "同じ品番が2行目にもあります"
    assert [answer.body[name] for name in ("applied", "unchanged", "rejected")] == [2, 2, 2]


def test_an_import_adds_what_arrived_once_for_each_key(shop):
    shop.set_level("SOY-180", 10)
    csv = "品番,在庫数\nSOY-180,5\nSOY-180,2\nNONE,3\n"

    first = shop.import_csv(csv, mode="add")
    assert [(row["outcome"], row["level"]) for row in first.body["rows"]] == [
        ("applied", 17),
        ("applied", 17),
        ("rejected", None),
    ]
    assert shop.import_csv(csv, mode="add").body == first.body
    assert shop.level() == 17
    assert shop.import_csv(csv, mode="add", key="import-2").status == 200
    assert shop.level() == 24
    mismatch = shop.import_csv("品番,在庫数\nSOY-180,1\n", mode="add")
    assert (mismatch.status, shop.level()) == (422, 24)


def test_an_import_that_is_no_such_file_is_refused(shop):
    answer = shop.import_csv("SOY-180,1\n")

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "csv")
    assert shop.call("POST", "/stock/import", {"mode": "add", "csv": "x"}).status == 422
