"""Files that name no 発送ID, on AWS's own engine: what they change, and what a row costs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.request_counter import count_requests
from shukka.domain.imports.job import ImportCounts
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.text.normalize import plain_code
from shukka.store.orders import OrderStore
from shukka.store.shipments import ShipmentBatches
from tests.builders import a_member, a_shipment, an_order, some_settings
from tests.unit.shipment_import.files import a_file, a_number
from tests.uploads import FIRST_NUMBER, FolderFiles, World

ROWS = 300


@pytest.fixture
def world(dynamodb, tables, tmp_path) -> World:
    return World(dynamodb, tables, FolderFiles(tmp_path), some_settings())


@contextmanager
def requests_a_row(dynamodb) -> Iterator[list[float]]:
    found: list[float] = []
    with count_requests(dynamodb) as requests:
        yield found
    found.append(requests.total() / ROWS)


def numbers():
    return range(FIRST_NUMBER, FIRST_NUMBER + ROWS)


def shipped(world) -> set[str]:
    orders = [world.order(str(number)) for number in (FIRST_NUMBER, FIRST_NUMBER + ROWS - 1)]
    return {status for order in orders for status in {order.shipments[0].status}}


def test_a_row_that_names_its_order_costs_two_hundredths_of_a_request_more(world, dynamodb):
    world.place(count=ROWS)
    heading = ("受注番号", "送り状番号", "発送状況")
    body = a_file(*([str(n), a_number(n), "発送済"] for n in numbers()), heading=heading, encoding="cp932")

    with requests_a_row(dynamodb) as cost:
        job = world.run(world.drop(body))

    assert job.counts == ImportCounts(applied=ROWS)
    assert shipped(world) == {ShippingStatus.SHIPPED}
    # A row by its 発送ID costs 0.06; the rest of 0.04 is what any file costs, over so few rows.
    assert cost[0] <= 0.06 + 0.02 + 0.04, cost


def test_a_row_that_names_a_code_costs_one_request_more(world, dynamodb):
    world.place(*(an_order(str(n), shipments=(a_shipment(external_shipment_code=f"WMS-{n}"),)) for n in numbers()))
    heading = ("出荷管理番号", "送り状番号", "発送状況")
    body = a_file(*([f"ＷＭＳ－{n}", a_number(n), "発送済"] for n in numbers()), heading=heading, encoding="cp932")

    with requests_a_row(dynamodb) as cost:
        job = world.run(world.drop(body))

    assert job.counts == ImportCounts(applied=ROWS)
    assert shipped(world) == {ShippingStatus.SHIPPED}
    assert 1 <= cost[0] <= 1.2


@pytest.mark.parametrize(
    "heading", [("受注番号", "送り状番号", "発送状況"), ("出荷管理番号", "送り状番号", "発送状況")]
)
def test_the_same_file_twice_changes_nothing_and_sends_nothing(world, heading):
    world.place(an_order("100001", shipments=(a_shipment(external_shipment_code="100001"),)))
    body = a_file(["100001", a_number(1), "発送済"], heading=heading)
    world.run(world.drop(body))
    before, mails = world.order(), world.mails_of("ORDER#100001")

    again = world.run(world.drop(body, key="imports/again.csv"))

    assert again.counts == ImportCounts(unchanged=1)
    assert (world.order(), world.mails_of("ORDER#100001")) == (before, mails)


def test_a_code_is_found_however_long_it_is_and_stops_nobody(dynamodb, tables):
    long = "ﷺ" * 255
    plain = plain_code(long)
    store = OrderStore(dynamodb, tables.orders, tables.settings)
    world = World(dynamodb, tables, None)
    world.place(an_order("100001", shipments=(a_shipment(external_shipment_code=long),)), an_order("100002"))
    batches = ShipmentBatches(dynamodb, tables.orders, store)

    assert batches.find_by_code({"WMS-1", plain}, 10) == {"WMS-1": [], plain: [ShipmentId("100001", 1)]}


def test_clickposts_rows_go_to_the_only_recipient_of_that_name(world):
    for number, name in (("100001", "髙島 一郎"), ("100002", "吉田 花子"), ("100003", "吉田 花子")):
        world.place(an_order(number, member=a_member(name=name), shipments=(a_shipment(carrier=None),)))
    heading = ("申込日時", "お問い合わせ番号", "お届け先氏名")
    rows = [["2026/11/24 10:00", a_number(n), name] for n, name in enumerate(["髙島一郎", "吉田花子", "他店 客"], 1)]
    body = a_file(*rows, heading=heading, encoding="cp932")

    job = world.run(world.drop(body, key="imports/clickpost.csv"))
    again = world.run(world.drop(body, key="imports/again.csv"))

    assert job.counts == ImportCounts(applied=1, rejected=2, warned=1)
    assert again.counts == ImportCounts(unchanged=1, rejected=2, warned=1)
    (shipment,) = world.order("100001").shipments
    assert (shipment.tracking_numbers, shipment.carrier) == ((a_number(1),), "japan_post")
    assert shipment.status is ShippingStatus.NOT_SHIPPED
    assert "100002-1、100003-1" in job.first_problems[0]
    assert not world.order("100002").shipments[0].tracking_numbers
