"""What lists and reads of orders cost: requests to DynamoDB at three sizes of shop, and the API's own CPU time.

Measured on DynamoDB Local, which counts requests as DynamoDB does and computes in a process of its own. The items of
the orders are those that the store writes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from local.dynamodb_engine import dynamodb_engine
from local.request_counter import count_requests
from local.tables import Tables, create_tables
from shukka.domain.lists.listing import Choice, OrderFilter
from shukka.domain.lists.search import parse_search
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.order import COMPLETED, NEW, Order
from shukka.domain.text.versions import ANY_VERSION
from shukka.store import keys
from shukka.store.order_list import OrderList
from shukka.store.orders import OrderStore
from shukka.usecases.order.amend import OrderAmendment, amend_order
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.ports import Commit, Placing
from tests.builders import NOW, a_context, a_line, an_order, an_order_request, some_settings
from tests.bulk import load_roots

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

_SIZES = (100, 10_000, 100_000)
_PAGE = 50
_STAYS_OPEN = 50
_CPU_TARGET = 3
_ROUNDS = 41
_READS_PER_ROUND = 20

# The desk's usual questions; a page of each costs the same at every size.
_QUESTIONS = (
    OrderFilter(),
    OrderFilter(handling_status=Choice((NEW,))),
    OrderFilter(handling_status=Choice((COMPLETED,), excluded=True)),
    OrderFilter(search=parse_search("しょうゆ")),
)
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
}


def figures() -> list[dict[str, Any]]:
    with dynamodb_engine() as endpoint, patch.dict(os.environ, _CREDENTIALS):
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        return [*_call_requests(client), *_list_requests(client), _order_get_cpu(client, endpoint)]


# --- requests of the everyday calls ---


def _call_requests(client: "DynamoDBClient") -> Iterator[dict[str, Any]]:
    """Placing (with the number that it draws), reading and editing an order."""
    tables = create_tables(client, prefix="calls-")
    store, settings = OrderStore(client, tables.orders, tables.settings), some_settings()
    request = PlaceOrder.model_validate(an_order_request())
    with count_requests(client) as placing:
        number = place_order(request, Placing("shop", "key", "hash"), a_context(), store, settings).header.number
    with count_requests(client) as reading:
        store.get_with_mails(number)
    with count_requests(client) as editing:
        amend_order(number, OrderAmendment(shipping_fee=1), ANY_VERSION, a_context(), store, settings)
    for name, requests, target in (("place", placing, 3), ("get", reading, 1), ("edit", editing, 2)):
        value = requests.total()
        yield {
            "name": f"order_{name}_requests",
            "value": value,
            "unit": "requests",
            "target": target,
            "holds": value <= target,
        }


# --- requests of a list ---


def _list_requests(client: "DynamoDBClient") -> Iterator[dict[str, Any]]:
    tables = create_tables(client, prefix="lists-")
    order_list = OrderList(client, tables.orders)
    loaded = 0
    for size in _SIZES:
        load_roots(client, tables.orders, _orders(loaded, size))
        loaded = size
        most = max(
            *(_requests_of_a_page(client, order_list, wanted) for wanted in _QUESTIONS),
            _requests_of_changes(client, order_list),
        )
        yield {
            "name": f"list_requests_{size}",
            "value": most,
            "unit": "requests",
            "target": keys.PLACED_SHARDS,
            "holds": most <= keys.PLACED_SHARDS,
        }


def _orders(first: int, behind: int) -> Iterator[Order]:
    """Orders a minute apart; of every fifty, one stays open."""
    base = an_order()
    for n in range(first, behind):
        status = COMPLETED if n % _STAYS_OPEN else NEW
        placed_at = NOW + timedelta(minutes=n)
        yield base.with_header(number=str(100_001 + n), placed_at=placed_at, handling_status=status)


def _requests_of_a_page(client: "DynamoDBClient", order_list: OrderList, wanted: OrderFilter) -> int:
    with count_requests(client) as requests:
        page = order_list.page(wanted, None, _PAGE)
    assert page.orders
    return requests.total()


def _requests_of_changes(client: "DynamoDBClient", order_list: OrderList) -> int:
    with count_requests(client) as requests:
        page = order_list.changes(OrderFilter(), None, NOW + timedelta(days=1), _PAGE)
    assert page.orders
    return requests.total()


# --- CPU of reading an order ---


class _LambdaContext(NamedTuple):
    function_name: str = "order-api"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:order-api"
    aws_request_id: str = "bench"


def _order_get_cpu(client: "DynamoDBClient", endpoint: str) -> dict[str, Any]:
    """GET /orders/{number} of an order of ten lines, over a resolver that does nothing but what cannot be left out.

    That is: match the route, make the same query, and answer the same bytes, which it has ready.
    """
    tables = create_tables(client, prefix="reads-")
    number = _place(client, tables)
    event = _event(number)
    with _api(tables, endpoint) as handler:
        answer = handler(event, _LambdaContext())
        if answer["statusCode"] != 200:
            raise RuntimeError(f"the API answers {answer['statusCode']}")
        body = answer["body"]
        bare = _bare(client, tables, number, body)
        assert bare.resolve(event, _LambdaContext())["body"] == body
        # A round of each in turn: what else the machine does meets both.
        ratio = median(
            _seconds(lambda: handler(event, _LambdaContext())) / _seconds(lambda: bare.resolve(event, _LambdaContext()))
            for _ in range(_ROUNDS)
        )
    return {
        "name": "order_get_cpu_vs_bare",
        "value": round(ratio, 2),
        "unit": "x",
        "target": _CPU_TARGET,
        "holds": ratio <= _CPU_TARGET,
    }


def _place(client: "DynamoDBClient", tables: Tables) -> str:
    order = an_order(lines=tuple(a_line(n) for n in range(1, 11)))
    entry = HistoryEntry(version=1, at=NOW, actor="staff:hanako", action="place_order", request_id="bench")
    OrderStore(client, tables.orders, tables.settings).commit(Commit(None, order, entry))
    return order.number


@contextmanager
def _api(tables: Tables, endpoint: str) -> "Iterator[Callable[..., dict[str, Any]]]":
    """The API's handler on these tables."""
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "POWERTOOLS_SERVICE_NAME": "order-api",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "ORDERS_TABLE": tables.orders,
        "SETTINGS_TABLE": tables.settings,
        "IMPORTS_TABLE": tables.imports,
        "STOCK_TABLE": tables.stock,
        "STOCK_QUEUE_URL": "https://sqs.example/stock",
        "EXPORT_QUEUE_URL": "https://sqs.example/export",
        "FILES_BUCKET": "files",
    }
    with patch.dict(os.environ, environment):
        from order_api.app import handler  # noqa: PLC0415 - reads the environment that was just set

        yield handler


def _bare(client: "DynamoDBClient", tables: Tables, number: str, body: str) -> APIGatewayHttpResolver:
    app = APIGatewayHttpResolver(enable_validation=True)

    @app.get("/orders/<number>")
    def get(number: str) -> Response[Any]:
        client.query(
            TableName=tables.orders,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": keys.order_pk(number)},
                ":first": {"S": keys.ORDER_FROM},
                ":last": {"S": keys.ORDER_TO},
            },
            ConsistentRead=True,
        )
        return Response(200, "application/json", body, headers={"cache-control": "no-store"})

    return app


def _event(number: str) -> dict[str, Any]:
    path = f"/orders/{number}"
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "http": {"method": "GET", "path": path},
            "stage": "$default",
            "requestId": "bench",
            "authorizer": {"jwt": {"claims": {"cognito:groups": "[staff]", "username": "hanako"}}},
        },
    }


def _seconds(work: "Callable[[], object]") -> float:
    start = process_time()
    for _ in range(_READS_PER_ROUND):
        work()
    return process_time() - start


if __name__ == "__main__":
    print(figures())
