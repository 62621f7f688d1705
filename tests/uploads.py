"""A shop whose carriers' files are imported: orders, a place for files, and the importer over both."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from local.tables import Tables
from shipment_import.job import Importer, UploadedFile
from shukka.domain.errors import NotFoundError
from shukka.domain.imports.job import ImportJob
from shukka.domain.order.order import Order
from shukka.domain.settings import Settings
from shukka.store.imports import ImportStore
from shukka.store.orders import OrderStore
from shukka.store.shipments import ShipmentBatches
from tests.builders import NOW, an_order, some_settings
from tests.bulk import load_orders
from tests.fakes import FakeClock, FakeSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_NUMBER = 100_001
PLENTY = timedelta(minutes=5)


class FolderFiles:
    """The bucket as a folder. Every object stays as it was first put; versions are not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        path.with_name(f"{path.name}.metadata").write_text(json.dumps(dict(metadata or {})))

    def download(self, key: str, into: IO[bytes], version: str = "") -> Mapping[str, str]:
        path = self.path(key)
        with path.open("rb") as file:
            shutil.copyfileobj(file, into)
        metadata: dict[str, str] = json.loads(path.with_name(f"{path.name}.metadata").read_text())
        return metadata

    def upload(self, key: str, body: IO[bytes], content_type: str) -> str:
        self.put(key, b"", content_type)
        with self.path(key).open("wb") as file:
            shutil.copyfileobj(body, file)
        return ""

    def path(self, key: str) -> Path:
        path = self._folder / key
        if not path.exists():
            raise NotFoundError("ファイルが見つかりません")
        return path


class World:
    """Orders from 100001 on, with a shipment each, and the importer over them."""

    def __init__(
        self, dynamodb: "DynamoDBClient", tables: Tables, files: Any, settings: Settings | None = None
    ) -> None:
        self.dynamodb = dynamodb
        self.tables = tables
        self.files = files
        self.clock = FakeClock(NOW)
        self.settings = FakeSettings(settings or some_settings())

    def place(self, *orders: Order, count: int = 0) -> None:
        numbered = (an_order(str(FIRST_NUMBER + n)) for n in range(count))
        load_orders(self.dynamodb, self.tables.orders, [*orders, *numbered])

    def drop(self, body: bytes, key: str = "imports/yamato.csv", **metadata: str) -> UploadedFile:
        """What S3 says of the file."""
        version = self.files.put(key, body, "text/csv", metadata) or ""
        return UploadedFile(key, version, len(body), self.clock.now)

    def importer(
        self, dynamodb: "DynamoDBClient | None" = None, remaining: Callable[[], timedelta] = lambda: PLENTY
    ) -> Importer:
        client = dynamodb or self.dynamodb
        orders = OrderStore(client, self.tables.orders, self.tables.settings)
        return Importer(
            imports=ImportStore(client, self.tables.imports, self.tables.orders),
            orders=ShipmentBatches(client, self.tables.orders, orders),
            files=self.files,
            settings=self.settings,
            clock=self.clock,
            remaining=remaining,
        )

    def run(self, file: UploadedFile, **options: Any) -> ImportJob:
        return self.importer(**options).run(file)

    def report(self, job: ImportJob) -> list[dict[str, str]]:
        body = io.BytesIO()
        self.files.download(job.result_key, body)
        return list(csv.DictReader(io.StringIO(body.getvalue().decode("utf-8-sig"), newline="")))

    def order(self, number: str = "100001") -> Order:
        return OrderStore(self.dynamodb, self.tables.orders, self.tables.settings).get(number)

    def items(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Everything in the table of orders, by key."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.tables.orders, ConsistentRead=True)
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def mails(self) -> list[tuple[str, str]]:
        """Keys of the outbox's mails."""
        return sorted(key for key in self.items() if key[1].startswith("MAIL#"))

    def mails_of(self, pk: str) -> int:
        """How many mails about something are in the outbox."""
        answer = self.dynamodb.query(
            TableName=self.tables.orders,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :mails)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":mails": {"S": "MAIL#"}},
        )
        return answer["Count"]


def later(world: World, delta: timedelta = timedelta(minutes=30)) -> datetime:
    """Behind every lease, as when the queue brings a message back."""
    world.clock.tick(delta)
    return world.clock.now
