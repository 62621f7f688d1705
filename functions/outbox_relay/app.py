"""DynamoDB stream of the orders table: outbox items go onto the queues of their workers.

A message can arrive twice, because Lambda retries from the lowest failed record; workers expect that.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from shukka.aws import client
from shukka.environment import OutboxRelayEnvironment
from shukka.observability import entry_point, log_failure, logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

# The most that SendMessageBatch takes.
_BATCH = 10


class OutboxItem(NamedTuple):
    """`position` is its record's in the batch, `sequence_number` its record's in the stream."""

    position: int
    sequence_number: str
    pk: str
    sk: str


class Failure(TypedDict):
    itemIdentifier: str


class Answer(TypedDict):
    """ReportBatchItemFailures of a stream: where to start again."""

    batchItemFailures: list[Failure]


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    by_queue = defaultdict[str, list[OutboxItem]](list)
    for item in _new_items(event["Records"]):
        for prefix, queue_url in _queues().items():
            if item.sk.startswith(prefix):
                by_queue[queue_url].append(item)
    unsent = [
        item
        for queue_url, items in by_queue.items()
        for start in range(0, len(items), _BATCH)
        for item in _send(queue_url, items[start : start + _BATCH])
    ]
    # The records of a shard arrive in the order of their sequence numbers.
    return {"batchItemFailures": [{"itemIdentifier": min(unsent).sequence_number}] if unsent else []}


@cache
def _queues() -> Mapping[str, str]:
    """Queue URLs by the prefix of the sort keys that go there."""
    environment = OutboxRelayEnvironment.read()
    return {
        "MAIL#": environment.mail_queue_url,
        "DOCUMENT#": environment.document_queue_url,
        "STOCK#": environment.stock_queue_url,
    }


def _new_items(records: Iterable[dict[str, Any]]) -> Iterator[OutboxItem]:
    """The inserted items.

    A malformed record is logged and skipped: retries would block its shard for hours and fail again.
    """
    for position, record in enumerate(records):
        try:
            change = record["dynamodb"]
            pk, sk = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
            item = OutboxItem(position, change["SequenceNumber"], pk, sk)
            inserted = record["eventName"] == "INSERT"
        except (KeyError, TypeError):
            event_id = record.get("eventID") if isinstance(record, dict) else None
            logger.error("stream_record_malformed", event_id=event_id, position=position)
            metrics.add_metric(name="StreamRecordMalformed", unit=MetricUnit.Count, value=1)
            metrics.flush_metrics()
            continue
        if inserted:
            yield item


def _send(queue_url: str, items: Sequence[OutboxItem]) -> Iterable[OutboxItem]:
    """Sends up to ten; returns those that SQS did not take."""
    entries: list[SendMessageBatchRequestEntryTypeDef] = [
        {"Id": str(n), "MessageBody": json.dumps({"pk": item.pk, "sk": item.sk})} for n, item in enumerate(items)
    ]
    try:
        refused = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed", [])
    except (BotoCoreError, ClientError) as failure:
        log_failure("queue_unavailable", failure, retried=True, queue_url=queue_url, items=len(items))
        return items
    for entry in refused:
        logger.warning("message_refused", sk=items[int(entry["Id"])].sk, code=entry["Code"])
    return [items[int(entry["Id"])] for entry in refused]
