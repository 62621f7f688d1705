"""Owners of tracking numbers on AWS's own engine: what is marked, and at what cost."""

from local.request_counter import count_requests
from shukka.domain.shipping.shipment import ShipmentId
from shukka.store.number_owners import NumberOwnerStore
from shukka.store.orders import OrderStore
from shukka.usecases.shipping.watch_numbers import NumberChange, watch_numbers
from tests.builders import NOW, an_order
from tests.bulk import load_orders


def gains(n: int, number: str) -> NumberChange:
    return NumberChange(ShipmentId(str(100_001 + n), 1), frozenset({number}))


def shared_numbers(dynamodb, tables) -> dict[str, tuple[str, ...]]:
    store = OrderStore(dynamodb, tables.orders, tables.settings)
    return {number: store.get(number).shared_numbers for number in ("100001", "100002", "100003")}


def test_orders_that_share_a_number_say_so_until_it_is_corrected(dynamodb, tables):
    load_orders(dynamodb, tables.orders, (an_order(str(100_001 + n)) for n in range(3)))
    owners = NumberOwnerStore(dynamodb, tables.orders)

    watch_numbers([gains(0, "4444"), gains(1, "4444"), gains(2, "5555")], owners, NOW)
    watch_numbers([gains(1, "4444")], owners, NOW)

    assert shared_numbers(dynamodb, tables) == {"100001": ("4444",), "100002": ("4444",), "100003": ()}
    assert owners.find(["4444", "6666"]) == {"4444": {ShipmentId("100001", 1), ShipmentId("100002", 1)}}

    watch_numbers([NumberChange(ShipmentId("100002", 1), frozenset(), frozenset({"4444"}))], owners, NOW)

    assert shared_numbers(dynamodb, tables) == {"100001": (), "100002": (), "100003": ()}


def test_a_mark_that_rests_on_older_owners_is_not_made(dynamodb, tables):
    load_orders(dynamodb, tables.orders, (an_order(str(100_001 + n)) for n in range(3)))
    owners = NumberOwnerStore(dynamodb, tables.orders)
    one, two = frozenset({ShipmentId("100001", 1)}), frozenset({ShipmentId("100002", 1)})
    owners.add({"4444": one | two}, NOW)

    assert not owners.mark("4444", one, ["100001"], shared=True)
    assert not owners.mark("5555", one, ["100001"], shared=True)
    assert owners.mark("4444", one | two, ["100001", "100002"], shared=True)
    owners.remove({"4444": one | two}, NOW)
    assert owners.mark("4444", frozenset(), ["100001", "100002"], shared=False)

    assert shared_numbers(dynamodb, tables) == {"100001": (), "100002": (), "100003": ()}


def test_a_hundred_new_numbers_cost_two_requests(dynamodb, tables):
    owners = NumberOwnerStore(dynamodb, tables.orders)

    with count_requests(dynamodb) as requests:
        watch_numbers([gains(n, f"{n:012d}") for n in range(100)], owners, NOW)

    assert dict(requests) == {"TransactWriteItems": 1, "BatchGetItem": 1}


def test_more_orders_than_a_transaction_takes_are_all_marked(dynamodb, tables):
    load_orders(dynamodb, tables.orders, (an_order(str(100_001 + n)) for n in range(120)))
    owners = NumberOwnerStore(dynamodb, tables.orders)

    watch_numbers([gains(n, "4444") for n in range(120)], owners, NOW)

    store = OrderStore(dynamodb, tables.orders, tables.settings)
    assert {store.get(str(100_001 + n)).shared_numbers for n in range(120)} == {("4444",)}
