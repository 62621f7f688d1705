"""DynamoDB stream of the orders table: shipments that changed. It runs beside `outbox_relay`, which it never delays.

A record can arrive twice, because Lambda retries a failed batch; the second time changes nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shukka.aws import client
from shukka.environment import NumberWatcherEnvironment
from shukka.observability import entry_point, logger
from shukka.store import keys
from shukka.store.number_owners import NumberOwnerStore
from shukka.usecases.shipping.watch_numbers import NumberChange, watch_numbers


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
    shared = watch_numbers(_changes(event["Records"]), _owners(), datetime.now(UTC))
    if shared:
        logger.info("tracking_numbers_shared", numbers=len(shared))
    # The records of a batch are processed together: all succeed, or an exception fails all.
    return {"batchItemFailures": []}


@cache
def _owners() -> NumberOwnerStore:
    return NumberOwnerStore(client("dynamodb"), NumberWatcherEnvironment.read().orders_table)


def _changes(records: Iterable[dict[str, Any]]) -> Iterator[NumberChange]:
    """The change in each record, in the order of the stream. An unreadable record is logged and skipped."""
    for position, record in enumerate(records):
        try:
            change = record["dynamodb"]
            shipment = keys.shipment_of(change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"])
            before, after = _numbers(change.get("OldImage")), _numbers(change.get("NewImage"))
        except (KeyError, TypeError, ValueError):
            event_id = record.get("eventID") if isinstance(record, dict) else None
            logger.error("stream_record_malformed", event_id=event_id, position=position)
            continue
        if before != after:
            yield NumberChange(shipment, gained=after - before, lost=before - after)


def _numbers(image: Mapping[str, Any] | None) -> frozenset[str]:
    return frozenset(json.loads(image["shipment"]["S"])["tracking_numbers"]) if image else frozenset()
