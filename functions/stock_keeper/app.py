"""SQS: `{"pk": "ORDER#100001", "sk": "STOCK#00000002"}` for the stock move of an order's change, and
`{"pk": "SKU#SOY-180", "sk": "LEVEL"}` for a level that was set while orders waited for the sku.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shukka.aws import client
from shukka.domain.order.outbox import StockMove
from shukka.environment import StockKeeperEnvironment
from shukka.observability import entry_point, log_failure, logger
from shukka.store import keys
from shukka.store.stock import StockMoveStore, StockStore
from shukka.usecases.stock.move import move_stock
from shukka.usecases.stock.settle_shortage import settle_shortage

_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, _handle, _batch, context)


def _handle(record: SQSRecord) -> None:
    try:
        _settle(record)
    except Exception as failure:
        log_failure("stock_move_will_be_retried", failure, retried=True, message_id=record.message_id)
        raise


def _settle(record: SQSRecord) -> None:
    body = record.json_body
    pk, sk = body["pk"], body["sk"]
    if sk == keys.LEVEL:
        settle_shortage(keys.sku_of(pk), _stock())
        logger.info("shortage_settled", message_id=record.message_id)
        return
    number, version = keys.number_of(pk), keys.stock_move_version(sk)
    if move := _moving()(number, version):
        logger.info("stock_moved", message_id=record.message_id, order_number=number, version=version, short=move.short)


@cache
def _environment() -> StockKeeperEnvironment:
    return StockKeeperEnvironment.read()


@cache
def _stock() -> StockStore:
    return StockStore(client("dynamodb"), _environment().stock_table, _environment().orders_table)


@cache
def _moving() -> Callable[[str, int], StockMove | None]:
    return partial(
        move_stock,
        moves=StockMoveStore(client("dynamodb"), _environment().orders_table),
        levels=_stock(),
        shortages=_stock(),
        clock=lambda: datetime.now(UTC),
    )
