"""No function writes what it holds of people: neither into its log nor where Lambda's runtime writes for it.

Each function runs on a world in which one stored value, message, file or answer of AWS is damaged and holds a name, a
mail address and a telephone number. Whatever it makes of that, none of the three may be printed.
"""

import copy
import importlib
import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import dynamodb_backends

from local.tables import create_tables
from local.template import load_template
from shukka import aws, observability
from shukka.domain.exports.job import ExportKind, RequestExport
from shukka.domain.imports.job import ImportJob, ImportState
from shukka.domain.mail.template import SavedTemplate, Template
from shukka.domain.order.outbox import Document, DocumentKind, Mail, Recipient
from shukka.domain.settings import ShippingRules
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind
from shukka.domain.text.versions import ANY_VERSION
from shukka.store.exports import ExportStore
from shukka.store.imports import ImportStore
from shukka.store.mail_templates import MailTemplateStore
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.stock import StockMoveStore, StockStore
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.ports import Placing
from shukka.usecases.request_export import request_export
from shukka.usecases.shipping.amend import ShipmentAmendment, amend_shipment
from shukka.usecases.stock.adjust import adjust_stock
from shukka.usecases.stock.move import move_stock
from tests.builders import NOW, a_context, an_order_request, some_settings

EVENTS = Path(__file__).parents[2] / "events"
REGION = "ap-northeast-1"
NUMBER = "100001"
IMPORT_ID = "20261126030000-0123456789ab"
DROPPED = "imports/2026/ヤマト 11月.csv"

PYTHON = {**os.environ, "PYTHONPATH": str(EVENTS.parent / "layers")}

SECRETS = ("能登花子", "hanako@customer.example", "03-9999-0001")
POISON = " ".join(SECRETS)


class LambdaContext(NamedTuple):
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:function"
    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


class World:
    """One order with everything that can hang on it, and the functions that work on it."""

    def __init__(self, printed: StringIO, tables: dict[str, Any]) -> None:
        self.printed = printed
        self._tables = tables
        self._kept = copy.deepcopy(tables)
        self.export_id = ""
        self.upload_version = ""

    def keep(self) -> None:
        self._kept = copy.deepcopy(self._tables)

    def restore(self) -> None:
        self._tables.clear()
        self._tables.update(copy.deepcopy(self._kept))

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.printed.getvalue().splitlines() if line.startswith("{")]

    def invoke(self, handler: str, event: dict[str, Any]) -> Any:
        """Calls the handler as Lambda does: what leaves it is printed, with its text and its traceback."""
        module, _, name = handler.rpartition(".")
        app = importlib.import_module(module)
        self._forget(app)
        try:
            return getattr(app, name)(event, LambdaContext())
        except Exception as failure:
            self.printed.write("".join(traceback.format_exception(failure)))
            return None

    @staticmethod
    def _forget(app: Any) -> None:
        """A container that has just started, but for its clients."""
        modules = [app, importlib.import_module("order_api.wiring")]
        for made_once in (value for module in modules for value in vars(module).values()):
            if hasattr(made_once, "cache_clear") and made_once is not aws.client:
                made_once.cache_clear()


@pytest.fixture(scope="module")
def filled() -> Iterator[World]:
    queues = ("import", "mail", "document", "stock", "export")
    printed = StringIO()
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "FILES_BUCKET": "files",
            "SES_CONFIGURATION_SET": "shukka",
            "API_URL": "https://api.example.jp",
            "IMPORT_MAX_RECEIVES": "6",
            **{f"{name.upper()}_TABLE": name for name in ("orders", "settings", "imports", "stock")},
            **{f"{name.upper()}_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}" for name in queues},
        }.items():
            environment.setenv(name, value)
        aws.client.cache_clear()
        dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
        create_tables(dynamodb, prefix="")
        for name in queues:
            boto3.client("sqs").create_queue(QueueName=name)
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
        boto3.client("sesv2").create_email_identity(EmailIdentity="shop@example.jp")
        world = World(printed, dynamodb_backends[ACCOUNT][REGION].tables)
        fill(world, dynamodb)
        world.keep()
        yield world
    aws.client.cache_clear()


@pytest.fixture
def world(filled: World) -> Iterator[World]:
    """The world as it was filled. Everything is caught that our logger writes, or others through the root logger."""
    filled.restore()
    filled.printed.seek(0)
    filled.printed.truncate()
    handler = observability.logger.registered_handler
    usual = handler.setStream(filled.printed)
    # As Lambda's runtime has it.
    root = logging.StreamHandler(filled.printed)
    root.setLevel(logging.WARNING)
    logging.getLogger().addHandler(root)
    yield filled
    logging.getLogger().removeHandler(root)
    handler.setStream(usual)


def fill(world: World, dynamodb: Any) -> None:
    settings = some_settings(shipping=ShippingRules(ship_on_date=True))
    saved = SettingsStore(dynamodb, "settings", lambda: 0.0)
    for section in ("shop", "shipping"):
        saved.save(section, getattr(settings, section), based_on=0)
    words = Template("承りました", "受注番号 {{ order.number }}", None)
    MailTemplateStore(dynamodb, "settings").save(
        SavedTemplate(key="placed_member", label="受付", version=1, saved_at=NOW, saved_by="staff:a", template=words)
    )

    stock = StockStore(dynamodb, "stock", "orders")
    set_to_none = Movement("SET#1", MovementKind.SET, NOW, "staff:hanako")
    adjust_stock([Adjustment("SOY-180", 0, adds=False)], set_to_none, stock)
    orders = OrderStore(dynamodb, "orders", "settings")
    for n in (1, 2):
        request = PlaceOrder.model_validate_json(json.dumps(an_order_request()))
        place_order(request, Placing("shop-1", f"key-{n}", "hash"), a_context(), orders, settings)
    move_stock("100002", 1, StockMoveStore(dynamodb, "orders"), stock, stock, lambda: NOW)
    instructed = ShipmentAmendment(status=ShippingStatus.INSTRUCTED, shipped_on=date(2026, 11, 24))
    amend_shipment(f"{NUMBER}-1", instructed, ANY_VERSION, a_context(), orders, settings)
    orders.add_document(NUMBER, Document(kind=DocumentKind.INVOICE, revision=1, requested_at=NOW))

    imports = ImportStore(dynamodb, "imports", "orders")
    running = ImportJob(id=IMPORT_ID, source_key="imports/ヤマト.csv", received_at=NOW)
    imports.save(running, expected=None)
    done = running.model_copy(update={"state": ImportState.DONE})
    summary = Mail(key="import#shop", template="import_shop", recipient=Recipient.SHOP, created_at=NOW)
    imports.finish(done, expected=running, summary=summary)
    unsent = type("Queue", (), {"send": lambda *_: None})()
    exports = ExportStore(dynamodb, "imports")
    request = RequestExport(kind=ExportKind.ORDERS)
    world.export_id = request_export(request, a_context(), exports, unsent, settings).id
    cells = f"{NUMBER}-1,391500000011,{POISON},発送済,{POISON}\r\n".encode()
    file = "発送ID,送り状番号,発送日,発送状況,発送メモ\r\n".encode() + cells
    world.upload_version = str(aws.client("s3").put_object(Bucket="files", Key=DROPPED, Body=file)["VersionId"])


# --- what calls each function ---


def an_event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


def a_message(name: str, body: object) -> dict[str, Any]:
    record = copy.deepcopy(an_event(name)["Records"][0])
    return {"Records": [{**record, "body": body if isinstance(body, str) else json.dumps(body)}]}


def a_request(method: str, path: str, body: object = None, **more: Any) -> dict[str, Any]:
    event = an_event("document_api.invoice")
    context = {**event["requestContext"], "http": {"method": method, "path": path}}
    headers = {"content-type": "application/json", "idempotency-key": "key-1", "if-match": '"2"'}
    content = body if body is None or isinstance(body, str) else json.dumps(body)
    return {**event, "rawPath": path, "requestContext": context, "headers": headers, "body": content, **more}


READS = {
    "orders": (
        f"/orders/{NUMBER}",
        f"/orders/{NUMBER}/timeline",
        "/orders",
        "/shipments",
        "/members/M-1001/orders",
    ),
    "settings": (f"/orders/{NUMBER}", "/settings/shop", "/mail-templates/placed_member"),
    "imports": ("/imports", f"/imports/{IMPORT_ID}", "/exports"),
    "stock": ("/stock/SOY-180", "/stock/SOY-180/ledger"),
}


def api_calls(table: str) -> list[dict[str, Any]]:
    """Requests that read the table."""
    reads = [a_request("GET", path) for path in READS[table]]
    if table != "orders":
        return reads
    conflict = a_request("PATCH", f"/orders/{NUMBER}", {"staff_memo": "x"})
    conflict["headers"]["if-match"] = '"1"'
    return [*reads, a_request("POST", "/orders", an_order_request()), conflict]


def upload(world: World) -> dict[str, Any]:
    event = an_event("shipment_import.dropped")
    body = json.loads(event["Records"][0]["body"])
    body["Records"][0]["s3"]["object"]["versionId"] = world.upload_version
    return a_message("shipment_import.dropped", body)


CALLS: dict[str, Callable[[World, str], list[dict[str, Any]]]] = {
    "order_api.app.handler": lambda _, table: api_calls(table),
    "document_maker.app.http_handler": lambda *_: [an_event("document_api.invoice")],
    "document_maker.app.handler": lambda *_: [
        a_message("document_maker.requested", {"pk": f"ORDER#{NUMBER}", "sk": "DOCUMENT#invoice#0001"})
    ],
    "mail_sender.app.handler": lambda *_: [an_event("mail_sender.receipts"), an_event("mail_sender.import")],
    "outbox_relay.app.handler": lambda *_: [an_event("outbox_relay.placed")],
    "number_watcher.app.handler": lambda *_: [an_event("number_watcher.shipped")],
    "stock_keeper.app.handler": lambda *_: [an_event("stock_keeper.placed"), an_event("stock_keeper.level_set")],
    "exporter.app.handler": lambda world, _: [a_message("exporter.requested", {"export_id": world.export_id})],
    "shipment_import.app.handler": lambda world, _: [upload(world)],
    "ship_on_date.app.handler": lambda *_: [{}],
}
"""What each function works on, where it reads a table."""
READ_BY: dict[str, tuple[str, ...]] = {
    "order_api.app.handler": ("orders", "settings", "imports", "stock"),
    "document_maker.app.http_handler": ("orders", "settings"),
    "document_maker.app.handler": ("orders", "settings"),
    "mail_sender.app.handler": ("orders", "settings", "imports"),
    "outbox_relay.app.handler": (),
    "number_watcher.app.handler": (),
    "stock_keeper.app.handler": ("orders", "stock"),
    "exporter.app.handler": ("orders", "settings", "imports"),
    "shipment_import.app.handler": ("orders", "settings", "imports"),
    "ship_on_date.app.handler": ("orders", "settings"),
}

ENTRANCES = pytest.mark.parametrize("handler", list(CALLS))


# --- what can be damaged ---


def damaged(attribute: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A value that travels as JSON, unreadable and with poison in each of its fields; nothing for other attributes."""
    try:
        value = json.loads(attribute.get("S", ""))
    except ValueError:
        return
    if isinstance(value, dict | list):
        yield {"S": POISON}
        parts: object = dict.fromkeys(value, POISON) if isinstance(value, dict) else [POISON]
        yield {"S": json.dumps(parts, ensure_ascii=False)}


def damages(table: str) -> Iterator[dict[str, Any]]:
    """One item of each kind in the table, with one of its values damaged, or with all its other attributes."""
    kinds: dict[str, dict[str, Any]] = {}
    for item in aws.client("dynamodb").scan(TableName=table)["Items"]:
        kinds.setdefault(" ".join([*(item[key]["S"].partition("#")[0] for key in ("pk", "sk")), *item]), item)
    for item in kinds.values():
        values = {name: list(damaged(attribute)) for name, attribute in item.items()}
        for name, forms in values.items():
            yield from ({**item, name: form} for form in forms)
        flat = {name: {"S": POISON} for name, forms in values.items() if not forms and name not in {"pk", "sk"}}
        yield {**item, **flat}


def shown(text: str) -> list[str]:
    """The secrets in `text`, as they are or as JSON escapes them."""
    return [secret for secret in SECRETS if secret in text or json.dumps(secret)[1:-1] in text]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the exceptions said that were logged: proof that there was something to hide."""
    heard: list[str] = []
    usual = observability._where

    def hear(failure: Exception) -> str:
        heard.append(repr(failure))
        return usual(failure)

    monkeypatch.setattr(observability, "_where", hear)
    return heard


def check(world: World, handler: str, event: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    world.invoke(handler, event)
    written = capsys.readouterr()
    text = world.printed.getvalue() + written.out + written.err
    world.printed.seek(0)
    world.printed.truncate()
    assert shown(text) == [], text


def test_every_handler_of_the_template_is_looked_at():
    resources = load_template()["Resources"].values()
    handlers = {resource["Properties"].get("Handler") for resource in resources if "Properties" in resource}

    assert handlers - {None} == set(CALLS)


@ENTRANCES
def test_damaged_values_are_not_written(world, texts, capsys, handler):
    for table in READ_BY[handler]:
        for item in damages(table):
            for event in CALLS[handler](world, table):
                aws.client("dynamodb").put_item(TableName=table, Item=item)
                check(world, handler, event, capsys)
                world.restore()

    if READ_BY[handler]:
        assert any(SECRETS[0] in text for text in texts), "nothing of the poison was met"


@ENTRANCES
def test_what_aws_says_is_not_written(world, texts, capsys, monkeypatch, handler):
    def refuse(_: object, operation: str, __: object) -> None:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": POISON}}, operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
    for event in CALLS[handler](world, "orders"):
        check(world, handler, event, capsys)

    assert any(SECRETS[0] in text for text in texts)


@ENTRANCES
def test_a_fault_of_ours_is_not_written(world, texts, capsys, monkeypatch, handler):
    def fail(*_: object) -> None:
        raise ValueError(POISON) from KeyError(POISON)

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    for event in CALLS[handler](world, "orders"):
        check(world, handler, event, capsys)

    assert any(SECRETS[0] in text for text in texts)


BODIES = (
    POISON,
    json.dumps(POISON),
    json.dumps({"pk": POISON, "sk": POISON}),
    json.dumps({"pk": f"ORDER#{POISON}", "sk": f"MAIL#{POISON}"}),
    json.dumps({"pk": f"ORDER#{NUMBER}", "sk": f"DOCUMENT#{POISON}#{POISON}"}),
    json.dumps({"pk": f"ORDER#{NUMBER}", "sk": f"STOCK#{POISON}"}),
    json.dumps({"pk": f"SKU#{POISON}", "sk": "LEVEL"}),
    json.dumps({"pk": f"IMPORT#{POISON}", "sk": "MAIL#import#shop"}),
    json.dumps({"export_id": POISON}),
    json.dumps({"export_id": {POISON: POISON}}),
    json.dumps({"Records": [{"eventTime": POISON, "s3": {"object": {"key": POISON, "size": 1}}}]}),
    json.dumps({"Records": [{"eventTime": NOW.isoformat(), "s3": {"object": {"key": POISON, "size": POISON}}}]}),
)


@pytest.mark.parametrize("handler", [name for name in CALLS if name.endswith(".handler")])
def test_damaged_messages_are_not_written(world, capsys, handler):
    for body in BODIES:
        check(world, handler, a_message("mail_sender.receipts", body), capsys)
    for event in ({"Records": POISON}, {"Records": [POISON]}, {"Records": [{"body": {POISON: POISON}}]}, {}):
        check(world, handler, event, capsys)


def test_damaged_records_of_the_stream_are_not_written(world, capsys):
    for keys in ({"pk": POISON, "sk": POISON}, {"pk": {"S": POISON}, "sk": {"S": {POISON: POISON}}}):
        event = an_event("outbox_relay.placed")
        for record in event["Records"]:
            record["dynamodb"] |= {"Keys": keys, "SequenceNumber": POISON}
        check(world, "outbox_relay.app.handler", event, capsys)


@pytest.mark.parametrize("handler", ["order_api.app.handler", "document_maker.app.http_handler"])
def test_requests_are_not_written(world, capsys, handler):
    claims = {"authorizer": {"jwt": {"claims": {"cognito:groups": "[staff]", "username": POISON}}}}
    request = an_order_request()
    path = f"/orders/{POISON}/documents/{POISON}"
    for event in (
        a_request("POST", "/orders", POISON),
        a_request("POST", "/orders", {**request, "payment_method": POISON, POISON: POISON}),
        a_request("POST", "/orders", {**request, "member": POISON, "lines": POISON}),
        a_request("POST", "/orders", request, isBase64Encoded=True),
        a_request("GET", path, pathParameters={"number": POISON, "kind": POISON}),
        a_request("GET", "/orders", rawQueryString=POISON, queryStringParameters={"cursor": POISON, "q": POISON}),
        a_request("GET", f"/orders/{POISON}", headers={POISON: POISON}),
        {"requestContext": {"requestId": "gateway-1", **claims}, "body": POISON, "headers": POISON},
        {"requestContext": POISON},
    ):
        check(world, handler, event, capsys)


def test_a_failure_is_logged_with_its_type_its_place_and_the_requests_ids(world):
    item = aws.client("dynamodb").get_item(
        TableName="orders", Key={"pk": {"S": f"ORDER#{NUMBER}"}, "sk": {"S": "ROOT"}}
    )
    aws.client("dynamodb").put_item(TableName="orders", Item={**item["Item"], "header": {"S": f'"{POISON}"'}})

    answer = world.invoke("order_api.app.handler", a_request("GET", f"/orders/{NUMBER}"))

    (line,) = world.logged()
    assert answer["statusCode"] == 500
    assert (line["level"], line["message"], line["error"]) == ("ERROR", "unexpected_fault", "ValidationError")
    assert (line["request_id"], line["function_request_id"]) == ("JKJaXmPLvHcESHA=", "lambda-request-1")
    places = [place.partition(":")[0] for place in line["where"].split(" > ")]
    assert "order_api/routes/orders.py" in places
    assert places[-2:] == ["shukka/store/order_items.py", "pydantic/main.py"]


def test_what_lambda_gets_to_print_has_no_text_of_ours(world):
    def handler(event: dict[str, Any], context: object) -> None:
        raise ValueError(POISON)

    with pytest.raises(observability.InvocationFailedError) as raised:
        observability.entry_point(handler)({}, LambdaContext())

    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    (line,) = world.logged()
    assert (line["message"], line["error"]) == ("invocation_failed", "ValueError")


def test_warnings_of_libraries_are_logged_without_what_they_quote():
    program = f"import warnings; import shukka.observability; warnings.warn({POISON!r})"

    run = subprocess.run([sys.executable, "-c", program], env=PYTHON, capture_output=True, text=True, check=True)

    line = json.loads(run.stdout)
    assert (line["message"], line["category"], line["where"]) == ("python_warning", "UserWarning", "<string>:1")
    assert shown(run.stdout + run.stderr) == []
