"""Many orders at once: the items that the store would write, put into the table without transactions."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING

from shukka.domain.order.order import Order
from shukka.store import keys
from shukka.store.order_items import line_items, root_attributes, shipment_item
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WRITTEN_AT_ONCE = 25
_THREADS = 2


def root_item(order: Order) -> Item:
    """What lists know of the order."""
    present = {
        name: value
        for name, value in root_attributes(order, lines_known=True, destinations_known=True).items()
        if value is not None
    }
    return {"pk": {"S": keys.order_pk(order.number)}, "sk": {"S": keys.ROOT}, **present}


def order_items(order: Order) -> list[Item]:
    """Everything of the order but its history."""
    pk = keys.order_pk(order.number)
    shipments = [shipment_item(pk, order, shipment) for shipment in order.shipments]
    return [root_item(order), *line_items(pk, order.lines), *shipments]


def load_roots(client: "DynamoDBClient", table: str, orders: Iterable[Order]) -> None:
    """Puts the root items of `orders` into `table`."""
    load_items(client, table, map(root_item, orders))


def load_orders(client: "DynamoDBClient", table: str, orders: Iterable[Order]) -> None:
    """Puts `orders` into `table`, without history."""
    load_items(client, table, chain.from_iterable(map(order_items, orders)))


def load_items(client: "DynamoDBClient", table: str, items: Iterable[Item]) -> None:

    def write(batch: list[Item]) -> None:
        waiting = {table: [{"PutRequest": {"Item": item}} for item in batch]}
        while waiting:
            waiting = client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]

    items = iter(items)
    batches = iter(lambda: list(islice(items, _WRITTEN_AT_ONCE)), [])
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(write, batches):
            pass
