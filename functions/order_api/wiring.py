"""The container's stores, made once and only when a request needs them."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools.event_handler.api_gateway import Router

from shukka.aws import client
from shukka.domain.mail.template import Template
from shukka.domain.order.history import Context
from shukka.domain.order.order import Order
from shukka.environment import OrderApiEnvironment
from shukka.http import Role, caller_of, request_id_of
from shukka.store.exports import ExportStore, SqsExportQueue
from shukka.store.files import FileStore
from shukka.store.imports import ImportStore
from shukka.store.mail_templates import MailTemplateStore
from shukka.store.number_owners import NumberOwnerStore
from shukka.store.order_list import OrderList
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.shipment_list import ShipmentList
from shukka.store.shipments import ShipmentBatches
from shukka.store.stock import StockStore
from shukka.store.stock_queue import StockQueue
from shukka.store.timeline import Timeline
from shukka.usecases.dry_run import DryRun
from shukka.usecases.mail.save_template import TemplateCheck
from shukka.usecases.ports import MailRenderer, ShipmentChanges


@cache
def environment() -> OrderApiEnvironment:
    return OrderApiEnvironment.read()


@cache
def orders() -> OrderStore:
    return OrderStore(client("dynamodb"), environment().orders_table, environment().settings_table)


@cache
def order_list() -> OrderList:
    return OrderList(client("dynamodb"), environment().orders_table)


@cache
def timeline() -> Timeline:
    return Timeline(client("dynamodb"), environment().orders_table)


@cache
def shipment_list() -> ShipmentList:
    return ShipmentList(client("dynamodb"), environment().orders_table)


@cache
def shipment_batches() -> ShipmentBatches:
    return ShipmentBatches(client("dynamodb"), environment().orders_table, orders())


def shipment_changes(*, dry_run: bool) -> ShipmentChanges:
    """Where changes of many orders go; with `dry_run`, nowhere."""
    return DryRun(shipment_batches()) if dry_run else shipment_batches()


@cache
def number_owners() -> NumberOwnerStore:
    return NumberOwnerStore(client("dynamodb"), environment().orders_table)


@cache
def files() -> FileStore:
    return FileStore(client("s3"), environment().files_bucket)


@cache
def imports() -> ImportStore:
    return ImportStore(client("dynamodb"), environment().imports_table, environment().orders_table)


@cache
def settings() -> SettingsStore:
    return SettingsStore(client("dynamodb"), environment().settings_table, time.monotonic)


@cache
def stock() -> StockStore:
    return StockStore(client("dynamodb"), environment().stock_table, environment().orders_table)


@cache
def stock_queue() -> StockQueue:
    return StockQueue(client("sqs"), environment().stock_queue_url)


@cache
def exports() -> ExportStore:
    return ExportStore(client("dynamodb"), environment().imports_table)


@cache
def export_queue() -> SqsExportQueue:
    return SqsExportQueue(client("sqs"), environment().export_queue_url)


@cache
def mail_templates() -> MailTemplateStore:
    return MailTemplateStore(client("dynamodb"), environment().settings_table)


# Jinja2 would be a tenth of every cold start, and few requests render anything.


def mail_renderer() -> MailRenderer:
    from shukka.mail.compose import render_mail  # noqa: PLC0415

    return render_mail


def template_check() -> TemplateCheck:
    from shukka.mail.template_check import check_template  # noqa: PLC0415

    return check_template


def default_template(key: str) -> Template:
    from shukka.mail.rendering import default_template as default  # noqa: PLC0415

    return default(key)


def sample_order() -> Order:
    from shukka.mail.sample import sample_order as sample  # noqa: PLC0415

    return sample()


def mail_fields() -> Sequence[tuple[str, str]]:
    from shukka.mail.sample import fields  # noqa: PLC0415

    return fields()


def now() -> datetime:
    return datetime.now(UTC)


def is_staff(router: Router) -> bool:
    return Role.STAFF in caller_of(router.current_event.raw_event).roles


def context_of(router: Router) -> Context:
    """Who is calling, when, and under which request id."""
    event = router.current_event.raw_event
    return Context(at=now(), actor=caller_of(event).name, request_id=request_id_of(event))
