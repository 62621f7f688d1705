"""What applying a file's rows costs: DynamoDB requests a row, and CPU time beside reading and writing row by row.

Both ways meet the same endpoint, which is none: requests are built, serialized and signed as ever, and answered before
they are sent, with bytes that are parsed as ever. Both decide alike and write the same items.
"""

import gc
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import BytesIO
from time import process_time
from typing import Any
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from local.request_counter import count_requests
from shipment_import.collector import collect_rarely
from shukka.aws import client
from shukka.domain.imports.row import ShipmentRow
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.store.orders import OrderStore
from shukka.store.shipments import ShipmentBatches
from shukka.usecases.ports import Commit, ShipmentChanges
from shukka.usecases.shipping.apply_rows import Outcome, RowSource, apply_shipments
from tests.builders import NOW, a_context, a_line, an_order, some_settings
from tests.bulk import order_items
from tests.unit.shipment_import.files import a_number

_REQUESTS_TARGET = 0.08
_CPU_TARGET = 0.2
_ROWS = 2_000
# What the importer applies together.
_ROWS_AT_ONCE = 500
_ROUNDS = 7
_FIRST_NUMBER = 100_001
_KEY = re.compile(rb'"pk": ?\{"S": ?"([^"]+)"\}, ?"sk": ?\{"S": ?"([^"]+)"\}')
_PK = re.compile(rb'":pk": ?\{"S": ?"([^"]+)"\}')


def figures() -> list[dict[str, Any]]:
    environment = {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
    }
    with patch.dict(os.environ, environment):
        ours, plain = client("dynamodb"), boto3.client("dynamodb")
        # The next caller gets a client that is not stubbed.
        client.cache_clear()
    orders = [an_order(str(_FIRST_NUMBER + n), lines=tuple(a_line(k) for k in range(1, 6))) for n in range(_ROWS)]
    answers = _Answers(orders)
    for each in (ours, plain):
        each.meta.events.register_last("before-send.dynamodb", answers)
    packed = ShipmentBatches(ours, "orders", OrderStore(ours, "orders", "settings"))
    row_by_row = RowByRow(OrderStore(plain, "orders", "settings"))
    rows = [_row(n) for n in range(_ROWS)]

    with count_requests(ours) as requests:
        _apply(rows, _ROWS_AT_ONCE, packed)
    thresholds = gc.get_threshold()
    # As the importer does when it starts, for both.
    collect_rarely()
    # Rounds of each in turn, and the fastest of each: what else the machine does only ever adds.
    rounds = [
        (_seconds_a_row(rows, _ROWS_AT_ONCE, packed), _seconds_a_row(rows[::5], 1, row_by_row)) for _ in range(_ROUNDS)
    ]
    ours_fastest, naive_fastest = map(min, zip(*rounds, strict=True))
    ratio = ours_fastest / naive_fastest
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    return [
        _figure("import_requests_per_row", requests.total() / _ROWS, "requests", _REQUESTS_TARGET),
        _figure("import_cpu_vs_naive", ratio, "x", _CPU_TARGET),
    ]


class RowByRow:
    """The straightforward way: each order is read whole, and each change is a transaction of its own."""

    def __init__(self, orders: OrderStore) -> None:
        self._orders = orders

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> dict[str, Order]:
        return {number: self._orders.get(number) for number, _ in ids}

    def load_lines(self, numbers: Iterable[str]) -> dict[str, Order]:
        return {number: self._orders.get(number) for number in numbers}

    def commit(self, changes: Sequence[Commit]) -> list[Commit]:
        for change in changes:
            self._orders.commit(change)
        return []


class _Answers:
    """Answers of a table that holds some orders and takes every write."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._items: dict[tuple[bytes, bytes], str] = {}
        self._by_pk: dict[bytes, list[str]] = {}
        for order in orders:
            for item in order_items(order):
                pk, sk = item["pk"]["S"].encode(), item["sk"]["S"].encode()
                self._items[pk, sk] = json.dumps(item)
                self._by_pk.setdefault(pk, []).append(self._items[pk, sk])

    def __call__(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        body = bytes(request.body)
        if operation == "BatchGetItem":
            found = ",".join(self._items[pk, sk] for pk, sk in _KEY.findall(body))
            text = f'{{"Responses":{{"orders":[{found}]}},"UnprocessedKeys":{{}}}}'
        elif operation == "Query":
            (pk,) = _PK.findall(body)
            text = f'{{"Items":[{",".join(self._by_pk[pk])}]}}'
        else:
            text = "{}"
        return AWSResponse(request.url, 200, {}, _Body(text.encode()))


class _Body(BytesIO):
    """What urllib3 would give."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


def _row(n: int) -> ShipmentRow:
    row = ShipmentRow(n + 2, ShipmentId(str(_FIRST_NUMBER + n), 1), *[None] * 11, False, ())
    return row._replace(
        tracking_numbers=(a_number(n),), carrier="yamato", status=ShippingStatus.SHIPPED, shipped_on=NOW.date()
    )


def _apply(rows: Sequence[ShipmentRow], at_once: int, orders: ShipmentChanges) -> None:
    settings, upload = some_settings(), RowSource("20261126030000-0123456789ab", "yamato.csv")
    for start in range(0, len(rows), at_once):
        results = apply_shipments(rows[start : start + at_once], upload, a_context(), orders, settings)
        assert all(result.outcome is Outcome.APPLIED for result in results)


def _seconds_a_row(rows: Sequence[ShipmentRow], at_once: int, orders: ShipmentChanges) -> float:
    start = process_time()
    _apply(rows, at_once, orders)
    return (process_time() - start) / len(rows)


def _figure(name: str, value: float, unit: str, target: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "holds": value <= target}


if __name__ == "__main__":
    print(figures())
