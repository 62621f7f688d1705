"""The queue's side of moving stock, with the real stores on a mock of AWS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
from moto import mock_aws

from local.tables import create_tables
from shukka import aws
from shukka.domain.order.outbox import StockMoveState
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind
from shukka.store.orders import OrderStore
from shukka.store.stock import StockMoveStore, StockStore
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.ports import Placing
from shukka.usecases.stock.adjust import adjust_stock
from stock_keeper import app
from tests.builders import NOW, a_context, an_order_request, some_settings

EVENTS = Path(__file__).parents[3] / "events"


class LambdaContext(NamedTuple):
    function_name: str = "stock-keeper"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:stock-keeper"
    aws_request_id: str = "lambda-request-1"


class World:
    """Order 100001 of one set of SOY-180, whose stock move waits in the outbox."""

    def __init__(self, orders: OrderStore, stock: StockStore, moves: StockMoveStore) -> None:
        self.orders = orders
        self.stock = stock
        self.moves = moves

    def receive(self, *events: str) -> list[str]:
        """The ids of the messages that will be retried."""
        records = [json.loads((EVENTS / f"stock_keeper.{name}.json").read_text())["Records"] for name in events]
        answer = app.handler({"Records": [record for some in records for record in some]}, LambdaContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def set_level(self, level: int | None) -> None:
        movement = Movement(f"SET#{level}", MovementKind.SET, NOW, "staff:hanako")
        adjust_stock([Adjustment("SOY-180", level, adds=False)], movement, self.stock)

    @property
    def level(self) -> int | None:
        return self.stock.load(["SOY-180"])["SOY-180"].level


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        for made_once in (aws.client, app._environment, app._stock, app._moving):
            made_once.cache_clear()
        dynamodb = boto3.client("dynamodb")
        tables = create_tables(dynamodb, prefix="")
        monkeypatch.setenv("ORDERS_TABLE", tables.orders)
        monkeypatch.setenv("STOCK_TABLE", tables.stock)
        orders = OrderStore(dynamodb, tables.orders, tables.settings)
        request = PlaceOrder.model_validate_json(json.dumps(an_order_request()))
        place_order(request, Placing("storefront:shop", "key-1", "hash"), a_context(), orders, some_settings())
        yield World(orders, StockStore(dynamodb, tables.stock, tables.orders), StockMoveStore(dynamodb, tables.orders))


def test_a_move_that_comes_several_times_counts_once(world):
    world.set_level(10)

    assert world.receive("placed", "placed") == []
    assert world.receive("placed") == []

    assert world.level == 9
    (entry,) = (entry for entry in world.stock.ledger("SOY-180", None, 10).entries if entry.order_number)
    assert (entry.kind, entry.order_number, entry.order_version) == ("order", "100001", 1)
    assert (entry.before, entry.after, entry.actor) == (10, 9, "staff:hanako")


def test_stock_that_is_not_counted_is_left_alone(world):
    assert world.receive("placed") == []

    assert world.stock.load(["SOY-180"]) == {}
    assert world.moves.stock_moves("100001", 1)[0].state is StockMoveState.DONE


def test_what_an_order_lacks_is_marked_until_it_arrives(world):
    world.set_level(0)
    assert world.receive("placed") == []
    assert world.orders.get("100001").stock_short == ("SOY-180",)
    assert world.moves.stock_moves("100001", 1)[0].short == ("SOY-180",)

    world.set_level(5)
    assert world.receive("level_set", "level_set") == []

    assert world.orders.get("100001").stock_short == ()


def test_a_level_that_nobody_waits_for_needs_no_settling(world):
    assert world.receive("level_set") == []


def test_damaged_and_unknown_messages_are_retried_and_hold_up_nothing(world, caplog):
    world.set_level(10)

    failed = world.receive("malformed")

    events = json.loads((EVENTS / "stock_keeper.malformed.json").read_text())["Records"]
    assert failed == [record["messageId"] for record in events[:3]]
    assert world.level == 9
    retries = [log for log in caplog.records if log.message == "stock_move_will_be_retried"]
    assert [log.error for log in retries] == ["JSONDecodeError", "ValueError", "StockMoveNotFoundError"]
