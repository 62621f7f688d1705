"""What exports read and write, on AWS's own engine."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from local.request_counter import count_requests
from shukka.domain.exports.job import ExportJob, ExportKind, ExportState, LabelRequest, RequestExport
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.lists.filtering import is_wanted
from shukka.domain.lists.listing import OrderFilter
from shukka.domain.lists.search import parse_search
from shukka.domain.lists.unshipped import ShipmentFilter
from shukka.store.export_source import ExportSource
from shukka.store.exports import ExportStore
from shukka.store.order_list import OrderList
from tests.builders import NOW, a_line, a_shipment, an_order
from tests.bulk import load_orders
from tests.store.test_order_list import expected, filters, varied, varied_orders  # noqa: F401 - `varied` is a fixture

LABELS = LabelRequest(format=LabelFormat.YAMATO_B2CLOUD)


def a_job(n: int = 1) -> ExportJob:
    return ExportJob(
        id=f"2026112603000{n}-0123456789ab",
        request=RequestExport(kind=ExportKind.ORDERS),
        requested_by="staff:hanako",
        requested_at=NOW,
    )


# --- the list, read to its end ---


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=filters())
def test_any_filter_gives_every_order_once_and_newest_first(varied, monkeypatch, wanted):  # noqa: F811 - the fixture
    monkeypatch.setattr("shukka.store.order_list._READ_FOR_A_FILE", 7)
    orders, order_list = varied

    listed = [listed.order.number for listed in order_list.newest_first(wanted, None) if listed.order]

    assert listed == expected(orders, wanted)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=filters())
def test_it_goes_on_from_any_position(varied, monkeypatch, wanted):  # noqa: F811 - the fixture
    monkeypatch.setattr("shukka.store.order_list._READ_FOR_A_FILE", 5)
    orders, order_list = varied
    found: list[str] = []
    position: str | None = None
    going_on = True
    while going_on:
        going_on = False
        # Three steps at a time, whether they show an order or only a place.
        for n, listed in enumerate(order_list.newest_first(wanted, position)):
            going_on, position = True, listed.position
            found += [listed.order.number] if listed.order else []
            if n == 2:
                break

    assert found == expected(orders, wanted)


@settings(max_examples=200, deadline=None)
@given(wanted=filters())
def test_a_filter_means_the_same_over_orders_at_hand(wanted):
    orders = varied_orders(40)

    assert sorted(order.number for order in orders if is_wanted(order, wanted)) == sorted(expected(orders, wanted))


# --- packed reads ---


@pytest.mark.parametrize(
    ("kind", "batches"), [(ExportKind.ORDERS, 3), (ExportKind.SHIPMENTS, 5), (ExportKind.ORDER_LINES, 9)]
)
def test_reads_are_packed(dynamodb, tables, kind, batches):
    load_orders(dynamodb, tables.orders, (an_order(str(100_001 + n)) for n in range(225)))
    source = ExportSource(dynamodb, tables.orders)

    with count_requests(dynamodb) as requests:
        read = [order for page in source.orders(kind, OrderFilter(), None) for order in page.orders]

    assert len(read) == 225
    assert all(bool(order.lines) is (kind is ExportKind.ORDER_LINES) for order in read)
    assert all(bool(order.shipments) is (kind is not ExportKind.ORDERS) for order in read)
    assert requests == {"BatchGetItem": batches, "Query": 4}


def test_an_order_that_got_more_since_the_list_was_read_is_read_whole(dynamodb, tables, monkeypatch):
    lines = tuple(a_line(n, name="あ" * 250) for n in range(1, 1_001))
    shipments = (a_shipment(1, allocations={}), a_shipment(2, allocations={}))
    load_orders(dynamodb, tables.orders, [an_order("100001", lines=lines, shipments=shipments)])
    source = ExportSource(dynamodb, tables.orders)
    listed = [summary for _, summary in OrderList(dynamodb, tables.orders).newest_first(OrderFilter(), None) if summary]
    stale = [summary.model_copy(update={"shipments": {1: summary.shipments[1]}}) for summary in listed]
    monkeypatch.setattr(source, "_chunks", lambda *_: iter([("position", stale)]))

    (page,) = source.orders(ExportKind.ORDER_LINES, OrderFilter(), None)

    assert [line.line_id for line in page.orders[0].lines] == list(range(1, 1_001))
    assert [shipment.n for shipment in page.orders[0].shipments] == [1, 2]


def test_shipments_that_wait_come_by_their_day_with_all_that_a_label_needs(dynamodb, tables):
    days = [date(2026, 11, 27) + timedelta(days=n % 5) for n in range(120)]
    orders = [an_order(str(100_001 + n), shipments=(a_shipment(requested_date=day),)) for n, day in enumerate(days)]
    load_orders(dynamodb, tables.orders, [*orders, an_order("100900", shipments=(a_shipment(carrier="sagawa"),))])
    source, waiting = ExportSource(dynamodb, tables.orders), ShipmentFilter(carrier="yamato")

    pages = list(source.shipments_to_label(LABELS, OrderFilter(), waiting, None))

    read = [order for page in pages for order in page.orders]
    assert [order.shipments[0].requested_date for order in read] == sorted(days)
    assert all(order.lines for order in read)
    later = [
        page for first in pages for page in source.shipments_to_label(LABELS, OrderFilter(), waiting, first.position)
    ]
    assert sum(len(page.orders) for page in later) == 70 + 20


def test_waiting_shipments_are_filtered_as_orders_are(dynamodb, tables):
    orders = [an_order("100001"), an_order("100002", handling_status="on_hold"), an_order("100003")]
    load_orders(dynamodb, tables.orders, orders)
    source = ExportSource(dynamodb, tables.orders)
    wanted = OrderFilter(search=parse_search("100003 丸大豆"))

    (page,) = source.shipments_to_label(LABELS, wanted, ShipmentFilter(carrier="yamato"), None)

    assert [order.number for order in page.orders] == ["100003"]


# --- jobs ---


def test_a_job_is_saved_by_one_worker_only(dynamodb, tables):
    exports, job = ExportStore(dynamodb, tables.imports), a_job()
    exports.add(job)

    first = exports.save(job.model_copy(update={"state": ExportState.RUNNING}))

    assert first is not None
    assert exports.find(job.id) == first
    assert exports.save(job.model_copy(update={"state": ExportState.DONE})) is None
    assert exports.save(first.model_copy(update={"state": ExportState.DONE})) is not None


def test_the_same_request_twice_is_one_job(dynamodb, tables):
    exports, job = ExportStore(dynamodb, tables.imports), a_job()
    exports.add(job)
    running = exports.save(job.model_copy(update={"state": ExportState.RUNNING}))

    exports.add(job)

    assert exports.find(job.id) == running


def test_jobs_are_listed_newest_first(dynamodb, tables):
    exports = ExportStore(dynamodb, tables.imports)
    for n in (2, 1, 3):
        exports.add(a_job(n))

    first = exports.page(None, 2)
    rest = exports.page(first.next, 2)

    assert [job.id[13] for job in (*first.jobs, *rest.jobs)] == ["3", "2", "1"]
    assert rest.next is None
