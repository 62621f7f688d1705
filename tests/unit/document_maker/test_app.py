"""Documents for the queue and on a click: the real handlers, events, fonts and stores; AWS is moto."""

import json
import logging
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest
from moto import mock_aws

from local.tables import create_tables
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import Document, DocumentKind, DocumentState
from shukka.store.orders import OrderStore
from shukka.usecases.ports import Commit
from tests.builders import NOW, a_line, an_order

EVENTS = Path(__file__).parents[3] / "events"


class LambdaContext(NamedTuple):
    function_name: str = "document-maker"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:document-maker"
    aws_request_id: str = "lambda-request-1"


class Desk:
    """An order desk with order 100001, its bucket, and the two handlers."""

    def __init__(self, store: OrderStore, app: Any) -> None:
        self.store = store
        self._app = app
        self._s3 = boto3.client("s3")

    def place(self, **order: Any) -> None:
        entry = HistoryEntry(version=1, at=NOW, actor="staff:hanako", action="place_order", request_id="request-1")
        self.store.commit(Commit(None, an_order(**order), entry))

    def request(self, kind: DocumentKind) -> None:
        assert self.store.add_document("100001", Document(kind=kind, revision=1, requested_at=NOW))

    def deliver(self, event: str) -> list[str]:
        """The ids of the messages that will be retried."""
        answer = self._app.handler(json.loads((EVENTS / f"{event}.json").read_text()), LambdaContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def click(self, event: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._app.http_handler(
            json.loads((EVENTS / f"{event}.json").read_text()), LambdaContext()
        )
        return answer

    def pdfs(self) -> dict[str, bytes]:
        found = self._s3.list_objects_v2(Bucket="files").get("Contents", [])
        return {item["Key"]: self._s3.get_object(Bucket="files", Key=item["Key"])["Body"].read() for item in found}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "POWERTOOLS_SERVICE_NAME": "document-maker",
        "FILES_BUCKET": "files",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        tables = create_tables(dynamodb, prefix="")
        monkeypatch.setenv("ORDERS_TABLE", tables.orders)
        monkeypatch.setenv("SETTINGS_TABLE", tables.settings)
        where = {"LocationConstraint": "ap-northeast-1"}
        boto3.client("s3").create_bucket(Bucket="files", CreateBucketConfiguration=where)

        from document_maker import app  # noqa: PLC0415 - reads the environment that was just set
        from shukka import aws  # noqa: PLC0415

        aws.client.cache_clear()
        app._stores.cache_clear()
        desk = Desk(OrderStore(dynamodb, tables.orders, tables.settings), app)
        desk.place()
        yield desk


def test_a_click_leads_to_the_pdf(desk):
    answer = desk.click("document_api.invoice")

    (issued,) = desk.store.list_documents("100001", DocumentKind.INVOICE)
    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (302, "no-store")
    link = urlsplit(answer["headers"]["location"])
    assert link.path.endswith(f"/{issued.pdf_key}")
    disposition = parse_qs(link.query)["response-content-disposition"][0]
    assert unquote(disposition).endswith("請求書_100001-1.pdf")
    assert [body[:5] for body in desk.pdfs().values()] == [b"%PDF-"]
    assert issued.pdf_key in desk.pdfs()


def test_clicking_again_leads_to_the_same_pdf(desk):
    desk.click("document_api.invoice")
    desk.click("document_api.invoice")

    assert len(desk.pdfs()) == 1


@pytest.mark.parametrize(
    ("event", "status", "problem"),
    [
        ("document_api.unknown_kind", 404, "not-found"),
        ("document_api.unknown_order", 404, "not-found"),
        ("document_api.storefront", 403, "forbidden"),
    ],
)
def test_what_cannot_be_handed_out_is_a_problem(desk, event, status, problem):
    answer = desk.click(event)

    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["type"].endswith(problem)
    assert desk.pdfs() == {}


@pytest.mark.parametrize("number", ["9" * 3000, "100001#x", "0", "１００００１"])
def test_a_number_that_no_order_can_have_is_unknown(desk, monkeypatch, number):
    event = json.loads((EVENTS / "document_api.invoice.json").read_text())
    event["pathParameters"]["number"] = number

    assert desk._app.http_handler(event, LambdaContext())["statusCode"] == 404


def test_a_fault_is_reported_and_logged_without_customer_data(desk, monkeypatch, caplog):
    def fail(*_):
        raise ValueError("株式会社髙島商店")

    monkeypatch.setattr(desk._app, "render", fail)

    answer = desk.click("document_api.invoice")

    assert answer["statusCode"] == 500
    assert "髙島商店" not in answer["body"]
    (record,) = [record for record in caplog.records if record.message == "unexpected_fault"]
    assert record.error == "ValueError"
    assert record.exc_info is None


def test_requested_documents_are_made(desk):
    desk.request(DocumentKind.INVOICE)
    desk.request(DocumentKind.DELIVERY_NOTE)

    assert desk.deliver("document_maker.requested") == []

    for kind in DocumentKind:
        (record,) = desk.store.list_documents("100001", kind)
        assert (record.state, record.issued_on) == (DocumentState.READY, date(2026, 11, 26))
        assert record.pdf_key in desk.pdfs()


def test_a_message_that_comes_twice_changes_nothing(desk):
    desk.request(DocumentKind.INVOICE)
    desk.request(DocumentKind.DELIVERY_NOTE)
    desk.deliver("document_maker.requested")
    before = desk.pdfs()

    desk.deliver("document_maker.requested")

    assert desk.pdfs() == before


def test_only_the_failed_message_is_retried(desk):
    desk.request(DocumentKind.INVOICE)

    assert desk.deliver("document_maker.one_unknown") == ["059f36b4-87a3-44ab-83d2-661975010002"]
    assert len(desk.pdfs()) == 1


def test_a_character_that_cannot_be_printed_is_logged_and_stops_nothing(desk, monkeypatch):
    desk.place(number="100002", lines=(a_line(name="≒の札"),))
    event = json.loads((EVENTS / "document_api.invoice.json").read_text())
    event["pathParameters"]["number"] = "100002"
    log = StringIO()
    for handler in logging.getLogger("documents").handlers:
        monkeypatch.setattr(handler, "stream", log)

    assert desk._app.http_handler(event, LambdaContext())["statusCode"] == 302

    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    (warning,) = [line for line in lines if line["message"] == "characters_not_in_font"]
    assert (warning["code_points"], warning["order_number"]) == (["U+2252"], "100002")
