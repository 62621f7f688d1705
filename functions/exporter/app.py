"""SQS: `{"export_id": "20261126030000-0123456789ab"}` for a file that staff requested, and to continue one."""

import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from exporter.job import ExportBusyError, Exporter
from shukka.aws import client
from shukka.domain.exports.job import ExportState
from shukka.environment import ExporterEnvironment
from shukka.observability import entry_point, log_failure, logger
from shukka.store.export_files import ExportFiles
from shukka.store.export_source import ExportSource
from shukka.store.exports import ExportStore, SqsExportQueue
from shukka.store.settings import SettingsStore

LAST_DELIVERY = 3
"""The queue's maxReceiveCount: a message that fails once more is not delivered again."""

_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, _handle, _batch, context)


def _handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    try:
        _export(record, lambda_context)
    except Exception as failure:
        log_failure("export_will_be_retried", failure, retried=True, message_id=record.message_id)
        raise


def _export(record: SQSRecord, lambda_context: LambdaContext) -> None:
    def remaining() -> timedelta:
        return timedelta(milliseconds=lambda_context.get_remaining_time_in_millis())

    export_id = record.json_body["export_id"]
    exporter = Exporter(*_stores(), clock=lambda: datetime.now(UTC), remaining=remaining)
    try:
        job = exporter.run(export_id)
    except ExportBusyError:
        raise
    except Exception:
        if int(record.attributes.approximate_receive_count) >= LAST_DELIVERY:
            exporter.give_up(export_id)
        raise
    if job is None:
        logger.error("export_unknown", message_id=record.message_id)
        return
    logger.info("export_progress", export_id=job.id, state=job.state, rows=job.progress.rows)
    if job.state is ExportState.RUNNING:
        SqsExportQueue(client("sqs"), _environment().export_queue_url).send(job.id)


@cache
def _environment() -> ExporterEnvironment:
    return ExporterEnvironment.read()


@cache
def _stores() -> tuple[ExportStore, ExportSource, ExportFiles, SettingsStore]:
    environment, dynamodb = _environment(), client("dynamodb")
    return (
        ExportStore(dynamodb, environment.imports_table),
        ExportSource(dynamodb, environment.orders_table),
        ExportFiles(client("s3"), environment.files_bucket),
        SettingsStore(dynamodb, environment.settings_table, time.monotonic),
    )
