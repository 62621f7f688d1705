"""SQS: S3's notifications of new objects under `imports/`, and the importer's own messages to continue."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from shipment_import.collector import collect_rarely
from shipment_import.job import LEASE, ImportBusyError, Importer, ImportGivenUpError, UploadedFile
from shukka.aws import client
from shukka.domain.imports.job import ImportJob, ImportState
from shukka.environment import ShipmentImportEnvironment
from shukka.observability import entry_point, log_failure, logger, metrics
from shukka.store.files import FileStore
from shukka.store.imports import ImportStore
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.shipments import ShipmentBatches

_BEHIND_THE_LEASE = timedelta(seconds=10)

_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, _handle, _batch, context)


def _handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """The queue's last delivery only ends the import, because the attempt before was killed without ending it."""
    tries_left = int(_environment().import_max_receives) - 1 - int(record.attributes.approximate_receive_count)
    try:
        if tries_left < 0:
            _give_up(record)
        else:
            _import(record, lambda_context, last_try=tries_left == 0)
    except ImportGivenUpError as end:
        cause = end.__cause__ if isinstance(end.__cause__, Exception) else end
        log_failure("import_given_up", cause, message_id=record.message_id, import_id=end.job.id)
        _count_end(end.job, "ImportGivenUp")
    except Exception as failure:
        log_failure("import_will_be_retried", failure, retried=True, message_id=record.message_id)
        _try_again_soon(record)
        raise


def _try_again_soon(record: SQSRecord) -> None:
    """Retries as soon as the worker that has the upload has finished or lost it. After a kill it takes longer."""
    with suppress(ClientError):
        client("sqs").change_message_visibility(
            QueueUrl=_environment().import_queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=int((LEASE + _BEHIND_THE_LEASE).total_seconds()),
        )


def _import(record: SQSRecord, lambda_context: LambdaContext, *, last_try: bool) -> None:
    def remaining() -> timedelta:
        return timedelta(milliseconds=lambda_context.get_remaining_time_in_millis())

    for file in _uploaded_files(record.json_body):
        job = _importer(remaining).run(file, last_try=last_try)
        logger.info("import_progress", import_id=job.id, state=job.state, counts=job.counts.model_dump())
        if job.state is ImportState.RUNNING:
            _queue_again(record)
        else:
            _count_end(job)


def _give_up(record: SQSRecord) -> None:
    for file in _uploaded_files(record.json_body):
        try:
            job = _importer(timedelta).give_up(file)
        except ImportBusyError:
            # The other worker may be killed too, so the upload needs another check.
            _queue_again(record, after=LEASE + _BEHIND_THE_LEASE)
        else:
            logger.warning("import_given_up", message_id=record.message_id, import_id=job.id)
            _count_end(job, "ImportGivenUp")


def _importer(remaining: Callable[[], timedelta]) -> Importer:
    return Importer(*_stores(), clock=lambda: datetime.now(UTC), remaining=remaining)


def _queue_again(record: SQSRecord, after: timedelta = timedelta()) -> None:
    """Sends a new message, whose attempts are counted from zero."""
    client("sqs").send_message(
        QueueUrl=_environment().import_queue_url, MessageBody=record.body, DelaySeconds=int(after.total_seconds())
    )


def _count_end(job: ImportJob, *more: str) -> None:
    for name in (f"Import{job.state.capitalize()}", *more):
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    metrics.flush_metrics()


def _uploaded_files(message: dict[str, Any]) -> Iterator[UploadedFile]:
    """The new objects in a notification; S3 also sends a test message without any."""
    for notice in message.get("Records", []):
        found = notice["s3"]["object"]
        key = unquote_plus(found["key"])
        if key.endswith("/"):
            # S3's console creates such an object for a new folder.
            continue
        yield UploadedFile(
            key=key,
            version=found.get("versionId", ""),
            size=int(found["size"]),
            at=datetime.fromisoformat(notice["eventTime"]),
        )


@cache
def _environment() -> ShipmentImportEnvironment:
    return ShipmentImportEnvironment.read()


@cache
def _stores() -> tuple[ImportStore, ShipmentBatches, FileStore, SettingsStore]:
    environment = _environment()
    dynamodb = client("dynamodb")
    orders = OrderStore(dynamodb, environment.orders_table, environment.settings_table)
    stores = (
        ImportStore(dynamodb, environment.imports_table, environment.orders_table),
        ShipmentBatches(dynamodb, environment.orders_table, orders),
        FileStore(client("s3"), environment.files_bucket),
        SettingsStore(dynamodb, environment.settings_table, time.monotonic),
    )
    collect_rarely()
    return stores
