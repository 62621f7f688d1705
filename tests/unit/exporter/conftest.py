"""The exporter on moto: the template's tables, a bucket and a queue."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from exporter.job import Exporter
from local.tables import create_tables
from shukka.domain.exports.job import ExportJob, ExportKind, LabelRequest, RequestExport
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.order.order import Order
from shukka.domain.settings import Settings
from shukka.store.export_files import ExportFiles
from shukka.store.export_source import ExportSource
from shukka.store.exports import ExportStore, SqsExportQueue
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.shipments import ShipmentBatches
from shukka.usecases.request_export import request_export
from tests.builders import NOW, a_context, some_settings
from tests.bulk import load_orders
from tests.fakes import FakeClock

BUCKET = "files"


def enough() -> timedelta:
    return timedelta(minutes=5)


class Desk:
    """Staff who ask for files, and what becomes of them."""

    def __init__(self, settings: Settings) -> None:
        self.dynamodb = boto3.client("dynamodb")
        self.s3 = boto3.client("s3")
        self.sqs = boto3.client("sqs")
        self.tables = create_tables(self.dynamodb, prefix="")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.queue_url = self.sqs.create_queue(QueueName="export")["QueueUrl"]
        self.settings_store = SettingsStore(self.dynamodb, self.tables.settings, lambda: 0.0)
        self.settings_store.save("shop", settings.shop, based_on=0)
        self.settings = self.settings_store.current()
        self.exports = ExportStore(self.dynamodb, self.tables.imports)
        self.orders = OrderStore(self.dynamodb, self.tables.orders, self.tables.settings)
        self.shipments = ShipmentBatches(self.dynamodb, self.tables.orders, self.orders)
        self.files = ExportFiles(self.s3, BUCKET)
        self.clock = FakeClock(NOW)
        self._requests = count(1)

    def has(self, *orders: Order) -> None:
        load_orders(self.dynamodb, self.tables.orders, orders)

    def ask(self, kind: ExportKind, **request: object) -> ExportJob:
        queue = SqsExportQueue(self.sqs, self.queue_url)
        context = a_context(request_id=f"request-{next(self._requests)}")
        return request_export(RequestExport(kind=kind, **request), context, self.exports, queue, self.settings)

    def ask_labels(self, format_: LabelFormat, filters: dict[str, Any] | None = None, **labels: object) -> ExportJob:
        request = LabelRequest(format=format_, **labels)
        return self.ask(ExportKind.CARRIER_LABELS, labels=request, filters=filters or {})

    def exporter(self, remaining: Callable[[], timedelta] = enough, files: ExportFiles | None = None) -> Exporter:
        return Exporter(
            self.exports,
            ExportSource(self.dynamodb, self.tables.orders),
            files or self.files,
            self.settings_store,
            self.clock,
            remaining,
        )

    def made(self, job: ExportJob) -> ExportJob:
        """The job when its file is there."""
        done = self.exporter().run(job.id)
        assert done is not None
        return done

    def file(self, job: ExportJob) -> bytes:
        assert job.file_key
        return self.s3.get_object(Bucket=BUCKET, Key=job.file_key)["Body"].read()

    def rows(self, job: ExportJob, encoding: str = "utf-8-sig") -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.file(job).decode(encoding), newline=""), strict=True))

    def versions(self, job: ExportJob) -> int:
        """How many times the file was made."""
        found = self.s3.list_object_versions(Bucket=BUCKET, Prefix=f"exports/{job.id}.csv")
        return len(found.get("Versions", []))

    def queued(self) -> list[dict[str, str]]:
        messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield Desk(some_settings())


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few rows, which S3 itself would refuse."""
    monkeypatch.setattr("exporter.job.PART_BYTES", 2_000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    monkeypatch.setattr("shukka.store.export_source._AT_ONCE", dict.fromkeys(ExportKind, 3))
    monkeypatch.setattr("shukka.store.export_source._LABELS_AT_ONCE", 3)
