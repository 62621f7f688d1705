"""Documents, made for the queue (`handler`) or while someone waits (`http_handler`).

SQS: a message `{"pk": "ORDER#100001", "sk": "DOCUMENT#invoice#0001"}` for each requested document.
HTTP: `GET` (or `HEAD`) `/orders/{number}/documents/{kind}` answers with a redirect to the PDF.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter, ValidationError

from documents.render import render
from shukka.aws import client
from shukka.domain.documents.document import TITLES
from shukka.domain.errors import NotFoundError, OrderNotFoundError, ShukkaError
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.text.values import OrderNumber
from shukka.environment import DocumentMakerEnvironment
from shukka.http import (
    FORBIDDEN,
    UNEXPECTED,
    ProblemError,
    Role,
    caller_of,
    method_not_allowed,
    problem_of,
    refuse_parameters,
    request_id_of,
    respond,
)
from shukka.observability import entry_point, log_failure, logger
from shukka.store.files import FileStore
from shukka.store.keys import number_of, parse_document_sk
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.usecases.issue_document import PDF, finish_document, issue_document

# Logs of the renderer are JSON too.
copy_config_to_registered_loggers(logger, include={"documents"})
_ORDER_NUMBER = TypeAdapter[str](OrderNumber)
_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, _handle, _batch, context)


def _handle(record: SQSRecord) -> None:
    try:
        _finish(record)
    except Exception as failure:
        log_failure("document_will_be_retried", failure, retried=True, message_id=record.message_id)
        raise


def _finish(record: SQSRecord) -> None:
    body = record.json_body
    number = number_of(body["pk"])
    kind, revision = parse_document_sk(body["sk"])
    stores = _stores()
    finish_document(number, kind, revision, stores.orders, stores.settings.get()[0], stores.files, render)
    logger.info("document_finished", order_number=number, kind=kind, revision=revision)


@entry_point
def http_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(event, _answer)


def _answer(event: dict[str, Any]) -> dict[str, Any]:
    if event["requestContext"]["http"]["method"] != "GET":
        return method_not_allowed(["GET"]).lambda_response(event)
    if Role.STAFF not in caller_of(event).roles:
        return FORBIDDEN.lambda_response(event)
    try:
        refuse_parameters(event, {})
        return _redirect(event["pathParameters"])
    except ProblemError as refusal:
        return refusal.problem.lambda_response(event)
    except ShukkaError as error:
        return problem_of(error).lambda_response(event)
    except Exception as failure:
        log_failure("unexpected_fault", failure, request_id=request_id_of(event))
        return UNEXPECTED.lambda_response(event)


def _redirect(parameters: Mapping[str, str]) -> dict[str, Any]:
    number, kind = _number(parameters["number"]), _kind(parameters["kind"])
    stores = _stores()
    # Current settings, not ones cached for half a minute: an issued document never changes.
    settings = stores.settings.get()[0]
    issued = issue_document(number, kind, datetime.now(UTC), stores.orders, settings, stores.files, render)
    logger.info("document_handed_out", order_number=number, kind=kind, revision=issued.revision)
    filename = f"{TITLES[kind]}_{number}-{issued.revision}.pdf"
    assert issued.pdf_key is not None  # noqa: S101 - what is issued has a file
    location = stores.files.presigned_url(issued.pdf_key, filename, PDF)
    return {"statusCode": 302, "headers": {"location": location, "cache-control": "no-store"}, "body": ""}


def _number(text: str) -> str:
    try:
        return _ORDER_NUMBER.validate_python(text)
    except ValidationError:
        raise OrderNotFoundError(text) from None


def _kind(name: str) -> DocumentKind:
    try:
        return DocumentKind(name)
    except ValueError:
        known = "、".join(DocumentKind)
        raise NotFoundError(f"帳票 {name} はありません（発行できるもの: {known}）") from None


class _Stores(NamedTuple):
    orders: OrderStore
    settings: SettingsStore
    files: FileStore


@cache
def _stores() -> _Stores:
    environment = DocumentMakerEnvironment.read()
    return _Stores(
        OrderStore(client("dynamodb"), environment.orders_table, environment.settings_table),
        SettingsStore(client("dynamodb"), environment.settings_table, time.monotonic),
        FileStore(client("s3"), environment.files_bucket),
    )
