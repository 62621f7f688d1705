"""What is read can be written back under the same names: accepted, and nothing changes."""

import pytest

from shukka.domain.settings import Settings
from shukka.usecases.order.amend import MemberAmendment, OrderAmendment
from shukka.usecases.order.replace_lines import LineEdit
from shukka.usecases.shipping.allocate import ShipmentPlan
from shukka.usecases.shipping.amend import DestinationAmendment, ShipmentAmendment
from shukka.usecases.stock.set_level import SetStockLevel
from tests.builders import a_line, an_order_request

HOW = {"reason", "notify", "return_stock", "move_stock", "confirm_numbers"}
"""Parts of a change that say how it is made, not what it leaves."""


def as_written(read, model):
    """What the model takes, as it was read. A name that cannot be read is a KeyError."""
    return {name: read[name] for name in model.model_fields if name not in HOW}


@pytest.fixture
def order(api):
    """An order with something in every field; one of its two shipments has left."""
    lines = [a_line().model_dump(mode="json", exclude={"line_id"}) | {"quantity": quantity} for quantity in (10, 5, 0)]
    destination = {"company": "港店", "name": "店長", "phone": "03-0000-0000", "address1": "港区1-1"}
    request = an_order_request(lines=lines, destination=destination, discount=100, points_used=50)
    etag = api.place(request).etag

    def change(method, path, body):
        nonlocal etag
        answer = api.call(method, path, body, headers={"if-match": etag})
        assert answer.status == 200, answer.body
        etag = answer.etag

    statuses = api.call("GET", "/settings/statuses")
    retired = [*statuses.body, {"key": "picked", "label": "ピック済"}]
    saved = api.call("PUT", "/settings/statuses", retired, headers={"if-match": statuses.etag})
    change("PATCH", "/orders/100001", {"paid_on": "2026-11-20", "paid_amount": 1_000, "staff_memo": "急ぎ"})
    change("PATCH", "/orders/100001", {"handling_status": "picked", "message_to_member": "ありがとうございます"})
    api.call("PUT", "/settings/statuses", statuses.body, headers={"if-match": saved.etag})
    plans = [{"shipment_id": "100001-1", "lines": {"1": 4, "2": 5}}, {"lines": {"1": 6}}]
    change("PUT", "/orders/100001/shipments", {"shipments": plans})
    shipped = {
        "status": "shipped",
        "tracking_numbers": ["444413758703"],
        "external_shipment_code": "X-1",
        "memo": "天地無用",
    }
    change("PATCH", "/shipments/100001-1", shipped)
    change("PATCH", "/shipments/100001-2", {"status": "instructed", "requested_date": "2026-12-24"})
    return api.call("GET", "/orders/100001")


def write(api, method, path, body, etag):
    answer = api.call(method, path, body, headers={"if-match": etag})
    assert answer.status == 200, answer.body
    assert api.call("GET", "/orders/100001").etag == etag
    return answer


def test_an_order(api, order):
    body = as_written(order.body, OrderAmendment)
    body["member"] = as_written(body["member"], MemberAmendment)

    write(api, "PATCH", "/orders/100001", body, order.etag)

    assert api.call("GET", "/orders/100001").body == order.body


@pytest.mark.parametrize("n", [0, 1])
def test_a_shipment(api, order, n):
    read = order.body["shipments"][n]
    body = as_written(read, ShipmentAmendment)
    body["destination"] = as_written(body["destination"], DestinationAmendment)

    written = write(api, "PATCH", f"/shipments/{read['shipment_id']}", body, order.etag)

    assert written.body == read


def test_an_allocation(api, order):
    plans = [as_written(shipment, ShipmentPlan) for shipment in order.body["shipments"]]

    write(api, "PUT", "/orders/100001/shipments", {"shipments": plans}, order.etag)

    assert api.call("GET", "/orders/100001").body == order.body


@pytest.mark.parametrize("status", ["not_shipped", "shipped"])
def test_the_allocation_of_an_only_shipment(api, status):
    lines = [a_line().model_dump(mode="json", exclude={"line_id"}) | {"quantity": quantity} for quantity in (10, 0)]
    placed = api.place(an_order_request(lines=lines))
    etag = api.call("PATCH", "/shipments/100001-1", {"status": status}, headers={"if-match": placed.etag}).etag
    before = api.call("GET", "/orders/100001")
    plans = [as_written(shipment, ShipmentPlan) for shipment in before.body["shipments"]]

    write(api, "PUT", "/orders/100001/shipments", {"shipments": plans}, etag)

    assert api.call("GET", "/orders/100001").body == before.body


def test_lines(api, order):
    lines = [as_written(line, LineEdit) for line in order.body["lines"]]

    write(api, "PUT", "/orders/100001/lines", {"lines": lines}, order.etag)

    assert api.call("GET", "/orders/100001").body == order.body


@pytest.mark.parametrize("section", Settings.model_fields)
def test_a_section_of_the_settings(api, section):
    read = api.call("GET", f"/settings/{section}")

    written = api.call("PUT", f"/settings/{section}", read.body, headers={"if-match": read.etag})

    assert (written.status, written.body) == (200, read.body)
    assert api.call("GET", f"/settings/{section}").body == read.body


@pytest.mark.parametrize("level", [12, None])
def test_a_stock_level(api, level):
    api.call("PUT", "/stock/SOY-180", {"level": level}, headers={"if-none-match": "*"})
    read = api.call("GET", "/stock/SOY-180")

    written = api.call("PUT", "/stock/SOY-180", as_written(read.body, SetStockLevel), headers={"if-match": read.etag})

    assert (written.status, written.body) == (200, read.body)
