"""SQS: S3's notifications of new objects under `imports/`, and the importer's own messages to go on."""

import time
from collections.abc import Iterator
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

from shipment_import.garbage import collect_rarely
from shipment_import.job import LEASE, Importer, UploadedFile
from shukka.aws import client
from shukka.domain.import_job import ImportState
from shukka.observability import entry_point, log_failure, logger, metrics
from shukka.settings import ShipmentImportEnvironment
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
    try:
        _import(record, lambda_context)
    except Exception as failure:
        log_failure("import_comes_back", failure, retried=True, message_id=record.message_id)
        _try_again_soon(record)
        raise


def _try_again_soon(record: SQSRecord) -> None:
    """As soon as whoever has the upload has finished or lost it; a killed function's message takes longer."""
    with suppress(ClientError):
        client("sqs").change_message_visibility(
            QueueUrl=_environment().import_queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=int((LEASE + _BEHIND_THE_LEASE).total_seconds()),
        )


def _import(record: SQSRecord, lambda_context: LambdaContext) -> None:
    def remaining() -> timedelta:
        return timedelta(milliseconds=lambda_context.get_remaining_time_in_millis())

    for file in _uploaded_files(record.json_body):
        job = Importer(*_stores(), clock=lambda: datetime.now(UTC), remaining=remaining).run(file)
        logger.info("import_progress", import_id=job.id, state=job.state, counts=job.counts.model_dump())
        if job.state is ImportState.RUNNING:
            client("sqs").send_message(QueueUrl=_environment().import_queue_url, MessageBody=record.body)
        else:
            metrics.add_metric(name=f"Import{job.state.capitalize()}", unit=MetricUnit.Count, value=1)
            metrics.flush_metrics()


def _uploaded_files(message: dict[str, Any]) -> Iterator[UploadedFile]:
    """The new objects that a notification tells of; S3 also sends a test message without any."""
    for notice in message.get("Records", []):
        found = notice["s3"]["object"]
        key = unquote_plus(found["key"])
        if key.endswith("/"):
            # What S3's console makes of a new folder.
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
