"""SQS: a message `{"pk": "ORDER#100001", "sk": "MAIL#placed#member"}` for each mail of an order or an import."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shukka.aws import client
from shukka.domain.mail.addressing import address_mail, address_summary
from shukka.domain.order.outbox import Mail
from shukka.environment import MailSenderEnvironment
from shukka.mail.compose import compose
from shukka.mail.ses import SesMailSender
from shukka.mail.summary import compose_summary
from shukka.observability import entry_point, log_failure, logger, metrics
from shukka.store.files import FileStore
from shukka.store.imports import ImportMails, ImportStore
from shukka.store.keys import mail_key
from shukka.store.mail_templates import MailTemplateStore
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.usecases.mail.send import send_mail
from shukka.usecases.ports import MailNotSentError

# With less time left, the function might end between SES's answer and the record of it.
_TIME_FOR_A_MAIL_MS = 20_000

# The log's field for the owner of a mail, by the kind of its key.
_OWNERS = {"ORDER": "order_number", "IMPORT": "import_id"}

_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class OutOfTimeError(Exception):
    """The rest of the batch is left to the next invocation."""


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, _handle, _batch, context)


def _handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    try:
        _settle(record, lambda_context)
    except MailNotSentError as failure:
        log_failure("mail_will_be_retried", failure, retried=True, message_id=record.message_id, code=failure.code)
        raise
    except Exception as failure:
        log_failure("mail_will_be_retried", failure, retried=True, message_id=record.message_id)
        raise


def _settle(record: SQSRecord, context: LambdaContext) -> None:
    if context.get_remaining_time_in_millis() < _TIME_FOR_A_MAIL_MS:
        raise OutOfTimeError
    body = record.json_body
    kind, _, owner = body["pk"].partition("#")
    key = mail_key(body["sk"])
    mail = _senders()[kind](owner, key)
    if mail:
        about = {_OWNERS[kind]: owner}
        logger.info("mail_settled", message_id=record.message_id, **about, mail=key, state=mail.state)
        # Written at once, so that this mail is counted even if the rest of the batch fails.
        metrics.add_metric(name=f"Mail{mail.state.capitalize()}", unit=MetricUnit.Count, value=1)
        metrics.flush_metrics()


@cache
def _senders() -> Mapping[str, Callable[[str, str], Mail | None]]:
    """The function that sends a mail, by the kind of its owner's key."""
    environment = MailSenderEnvironment.read()
    dynamodb = client("dynamodb")
    imports = ImportStore(dynamodb, environment.imports_table, environment.orders_table)
    templates = MailTemplateStore(dynamodb, environment.settings_table)
    send = partial(
        send_mail,
        settings=SettingsStore(dynamodb, environment.settings_table, time.monotonic),
        files=FileStore(client("s3"), environment.files_bucket),
        sender=SesMailSender(client("sesv2"), environment.ses_configuration_set),
        clock=lambda: datetime.now(UTC),
    )
    return {
        "ORDER": partial(
            send,
            records=OrderStore(dynamodb, environment.orders_table, environment.settings_table),
            address=address_mail,
            compose=partial(compose, find_template=templates.find),
        ),
        "IMPORT": partial(
            send,
            records=ImportMails(dynamodb, environment.orders_table, imports),
            address=address_summary,
            compose=partial(compose_summary, api_url=environment.api_url),
        ),
    }
