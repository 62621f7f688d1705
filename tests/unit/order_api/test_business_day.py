"""The day of a business fact is the day in Tokyo, also when it is another one in UTC.

Half an hour on either side of Tokyo's midnight, at every use case that takes today's date.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import boto3
import pytest

from exporter.job import Exporter
from shukka.domain.documents.document import document_content
from shukka.domain.order.history import Context
from shukka.domain.order.outbox import Document, DocumentKind
from shukka.domain.settings import ShippingRules
from shukka.domain.text.values import TOKYO
from shukka.mail.view import mail_view
from shukka.store.export_files import ExportFiles
from shukka.store.export_source import ExportSource
from shukka.usecases.issue_document import finish_document
from shukka.usecases.shipping.ship_on_date import Shipped, ship_on_date
from tests.builders import an_order, an_order_request, some_settings
from tests.fakes import FakeSettings
from tests.unit.order_api.conftest import Answer, Api
from tests.unit.shipment_import.files import a_file, a_row
from tests.uploads import FolderFiles, World

PARCEL = {"status": "shipped", "tracking_numbers": ["444413758703"], "notify": False}


class Moment(NamedTuple):
    at: datetime
    day: date
    stamp: str


# The first is the case that a day in UTC gets wrong, the second one that a day shifted twice gets wrong.
AFTER_MIDNIGHT = Moment(datetime(2026, 12, 31, 15, 30, tzinfo=UTC), date(2027, 1, 1), "20270101003000")
BEFORE_MIDNIGHT = Moment(datetime(2026, 12, 31, 14, 30, tzinfo=UTC), date(2026, 12, 31), "20261231233000")


@pytest.fixture(params=[AFTER_MIDNIGHT, BEFORE_MIDNIGHT], ids=["0:30", "23:30"])
def moment(request: pytest.FixtureRequest) -> Moment:
    assert f"{request.param.at.astimezone(TOKYO):%Y%m%d%H%M%S}" == request.param.stamp
    return request.param


@pytest.fixture
def desk(api: Api, moment: Moment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """An order that was placed at the moment; it stays that moment."""
    monkeypatch.setattr("order_api.wiring.now", lambda: moment.at)
    assert api.place(an_order_request()).status == 201
    return api


def send(api: Api, method: str, path: str, body: object) -> Answer:
    answer = api.call(method, path, body, headers={"if-match": api.call("GET", "/orders/100001").etag})
    assert answer.status == 200, answer.body
    return answer


def shipped_on(api: Api) -> str:
    return api.call("GET", "/shipments/100001-1").body["shipped_on"]


def test_a_shipment_leaves_on_the_day_in_tokyo(desk: Api, moment: Moment):
    send(desk, "PATCH", "/shipments/100001-1", PARCEL)

    assert shipped_on(desk) == moment.day.isoformat()


def test_many_shipments_leave_on_the_day_in_tokyo(desk: Api, moment: Moment):
    desk.call("POST", "/shipments/ship", {"shipments": [{"shipment_id": "100001-1"}]})

    assert shipped_on(desk) == moment.day.isoformat()


def test_goods_are_returned_on_the_day_in_tokyo(desk: Api, moment: Moment):
    """From the day of the order, which is today, until today."""
    lines = [{"line_id": 1, "quantity": 1, "restock": True}]
    send(desk, "PATCH", "/shipments/100001-1", PARCEL)
    for other in (moment.day - timedelta(days=1), moment.day + timedelta(days=1)):
        body = {"lines": lines, "returned_on": other.isoformat()}
        answer = desk.call("POST", "/orders/100001/returns", body, headers={"if-match": '"2"'})
        assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:return-date")

    answer = send(desk, "POST", "/orders/100001/returns", {"lines": lines})

    assert answer.body["returns"][0]["returned_on"] == moment.day.isoformat()


@pytest.mark.parametrize("words", [{}, {"sku": "SOY-180"}], ids=str)
def test_lists_find_an_order_by_its_day_in_tokyo(desk: Api, moment: Moment, words: dict[str, str]):
    def found(day: date) -> list[str]:
        query = {"placed_from": day.isoformat(), "placed_to": day.isoformat(), **words}
        return [order["number"] for order in desk.call("GET", "/orders", query=query).body["orders"]]

    assert found(moment.day) == ["100001"]
    assert found(moment.day - timedelta(days=1)) == found(moment.day + timedelta(days=1)) == []


def test_an_export_is_named_by_its_time_in_tokyo(desk: Api, moment: Moment):
    asked = desk.call("POST", "/exports", {"kind": "orders"}).body

    assert asked["filename"] == f"受注_{moment.stamp}.csv"


def test_labels_say_the_day_in_tokyo(desk: Api, moment: Moment):
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    s3, environment = boto3.client("s3"), wiring.environment()
    s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    asked = desk.call("POST", "/exports", {"kind": "carrier_labels", "labels": {"format": "yamato_b2cloud"}}).body
    exporter = Exporter(
        wiring.exports(),
        ExportSource(boto3.client("dynamodb"), environment.orders_table),
        ExportFiles(s3, "files"),
        FakeSettings(some_settings()),
        # The exporter may come to it on another day.
        lambda: moment.at + timedelta(days=2),
        lambda: timedelta(minutes=5),
    )

    job = exporter.run(asked["id"])

    file = s3.get_object(Bucket="files", Key=job.file_key)["Body"].read().decode("cp932")
    assert f'"{moment.day:%Y/%m/%d}"' in file


@pytest.mark.parametrize(("ahead", "status"), [(0, "shipped"), (1, "instructed")])
def test_a_file_is_read_as_of_the_day_in_tokyo(desk: Api, moment: Moment, tmp_path: Path, ahead: int, status: str):
    """A 発送日 of today has shipped, one of tomorrow will; without one, it is the day on which the file came."""
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    environment = wiring.environment()
    tables = SimpleNamespace(
        orders=environment.orders_table, imports=environment.imports_table, settings=environment.settings_table
    )
    world = World(boto3.client("dynamodb"), tables, FolderFiles(tmp_path))
    world.clock.now = moment.at
    day = moment.day + timedelta(days=ahead)
    heading = ("お客様側管理番号", "お問い合わせ番号", "発送予定日")
    file = world.drop(a_file([*a_row(1, heading)[:2], f"{day:%Y/%m/%d}"], heading=heading))
    world.clock.tick(timedelta(hours=1))

    world.run(file)

    shipment = world.order().shipments[0]
    assert (shipment.status.value, shipment.shipped_on) == (status, day)


def test_a_file_without_days_ships_on_the_day_it_came(desk: Api, moment: Moment, tmp_path: Path):
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    environment = wiring.environment()
    tables = SimpleNamespace(
        orders=environment.orders_table, imports=environment.imports_table, settings=environment.settings_table
    )
    world = World(boto3.client("dynamodb"), tables, FolderFiles(tmp_path))
    world.clock.now = moment.at
    file = world.drop(a_file(a_row(1, 発送日="", 発送状況="発送済")))
    world.clock.tick(timedelta(days=3))

    world.run(file)

    assert world.order().shipments[0].shipped_on == moment.day


@pytest.mark.parametrize(("ahead", "shipped"), [(0, 1), (1, 0)])
def test_what_has_its_instructions_leaves_on_its_day_in_tokyo(desk: Api, moment: Moment, ahead: int, shipped: int):
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    day = moment.day + timedelta(days=ahead)
    instructed = {"status": "instructed", "shipped_on": day.isoformat()}
    send(desk, "PATCH", "/shipments/100001-1", instructed)

    done = ship_on_date(
        Context(moment.at, "schedule:ship_on_date", "request-1"),
        waiting=wiring.shipment_list(),
        orders=wiring.shipment_batches(),
        settings=FakeSettings(some_settings(shipping=ShippingRules(ship_on_date=True))),
        has_time=lambda: True,
    )

    assert done == Shipped(shipped=shipped)


def test_documents_and_mails_say_the_day_in_tokyo(moment: Moment):
    order = an_order(placed_at=moment.at)

    document = document_content(order, some_settings(), DocumentKind.INVOICE)

    assert {document.ordered_on, document.transacted_from, document.transacted_to} == {moment.day}
    placed_at = mail_view(order, None, some_settings())["order"]["placed_at"]
    assert placed_at.startswith(f"{moment.day.year}年{moment.day.month}月{moment.day.day}日")
    assert placed_at.endswith(f"{moment.at.astimezone(TOKYO):%H:%M}")


def test_a_document_is_issued_on_the_day_of_its_request(moment: Moment):
    requested = Document(kind=DocumentKind.INVOICE, revision=1, requested_at=moment.at)
    issued = []
    order = an_order()
    records = SimpleNamespace(
        get=lambda number: order, list_documents=lambda number, kind: [requested], save_document=lambda *_: True
    )

    def render(document: object, revision: int, issued_on: date) -> bytes:
        issued.append(issued_on)
        return b"%PDF"

    files = SimpleNamespace(put=lambda key, body, content_type, metadata: issued.append(metadata["issued-on"]))
    finish_document("100001", DocumentKind.INVOICE, 1, records, some_settings(), files, render)

    assert issued == [moment.day, moment.day.isoformat()]
