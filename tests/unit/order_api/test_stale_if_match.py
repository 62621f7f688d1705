"""A change that is based on an old version is refused, at every route that takes If-Match."""

from typing import Any

import pytest

from tests.builders import a_line, an_order_request
from tests.unit.order_api.conftest import Answer, Api
from tests.unit.order_api.test_every_route import OPENAPI, everything_stored

ROUTES = {
    f"{method} {path}"
    for path, operations in OPENAPI["paths"].items()
    for method, operation in operations.items()
    for parameter in operation.get("parameters", [])
    if parameter["in"] == "header" and parameter["name"].lower() == "if-match"
}

LINE = a_line(quantity=10).model_dump(mode="json", exclude={"line_id"})
WORDS = {"subject": "件名", "text": "本文"}
RETURN = {"lines": [{"line_id": 1, "quantity": 1, "restock": True}]}
# For each route: its path, what it is sent, and where its version is read.
CASES: dict[str, tuple[str, Any, str]] = {
    "patch /orders/{number}": ("/orders/100001", {"shipping_fee": 0}, "/orders/100001"),
    "put /orders/{number}/lines": (
        "/orders/100001/lines",
        {"lines": [{**LINE, "line_id": 1, "quantity": 11}]},
        "/orders/100001",
    ),
    "put /orders/{number}/shipments": (
        "/orders/100001/shipments",
        {"shipments": [{"shipment_id": "100001-2", "lines": {"2": 1}}, {"lines": {"2": 1}}]},
        "/orders/100001",
    ),
    "post /orders/{number}/returns": ("/orders/100001/returns", RETURN, "/orders/100001"),
    "post /orders/{number}/returns/{n}/void": ("/orders/100001/returns/1/void", {}, "/orders/100001"),
    "patch /shipments/{shipment_id}": ("/shipments/100001-2", {"memo": "至急"}, "/orders/100001"),
    "put /stock/{sku}": ("/stock/SOY-180", {"level": 9}, "/stock/SOY-180"),
    "put /mail-templates/{key}": (
        "/mail-templates/message",
        {**WORDS, "subject": "別の件名"},
        "/mail-templates/message",
    ),
    "delete /mail-templates/{key}": ("/mail-templates/message", None, "/mail-templates/message"),
    **{
        f"put /settings/{section}": (f"/settings/{section}", change, f"/settings/{section}")
        for section, change in {
            "carriers": [{"key": "yamato", "name": "クロネコ"}],
            "imports": {"mappings": [{"name": "自社", "columns": {"shipment_id": "番号", "memo": "備考"}}]},
            "labels": {},
            "mails": {"placed_to_shop": False},
            "payment_methods": [{"key": "bank_transfer", "label": "振込"}],
            "shipping": {"ship_on_date": True},
            "shop": {"name": "改名商店"},
            "statuses": [{"key": key, "label": key} for key in ("new", "completed", "cancelled")],
            "storefront": {"stock": "level"},
            "tax": {"rounding": "ceil"},
        }.items()
    },
}


def test_every_route_with_if_match_has_a_case():
    assert CASES.keys() == ROUTES


def send(api: Api, method: str, path: str, body: Any, etag: str) -> Answer:
    return api.call(method.upper(), path, body, headers={"if-match": etag})


def done(answer: Answer) -> str:
    """The ETag of an answer that is not a refusal."""
    assert answer.status in {200, 201}, answer.body
    return answer.etag


@pytest.fixture
def desk(api: Api) -> Api:
    """An order with a shipment that left, one that waits and a return; a level; a template of the shop's own."""
    money = {"name": "手数料", "unit_price": 1, "quantity": 2}
    etag = done(api.place(an_order_request(lines=[LINE, money])))
    etag = done(send(api, "patch", "/orders/100001", {"staff_memo": "一"}, etag))
    split = {"shipments": [{"shipment_id": "100001-1", "lines": {"1": 10}}, {"lines": {"2": 2}}]}
    etag = done(send(api, "put", "/orders/100001/shipments", split, etag))
    parcel = {"status": "shipped", "tracking_numbers": ["444413758703"]}
    done(send(api, "patch", "/shipments/100001-1", parcel, etag))
    etag = done(send(api, "post", "/orders/100001/returns", RETURN, api.call("GET", "/orders/100001").etag))
    done(api.call("PUT", "/stock/SOY-180", {"level": 1}, headers={"if-none-match": "*"}))
    done(send(api, "put", "/mail-templates/message", WORDS, '"0"'))
    return api


@pytest.mark.parametrize("route", sorted(CASES))
def test_a_stale_tag_is_412_and_changes_nothing(desk: Api, route: str):
    method = route.partition(" ")[0]
    path, body, read_at = CASES[route]
    current = desk.call("GET", read_at).etag
    before = everything_stored()
    version = int(current.strip('"'))

    for stale in (version - 1, version + 1):
        refused = send(desk, method, path, body, f'"{stale}"')
        assert (refused.status, refused.body["type"]) == (412, "urn:shukka:problem:version-conflict"), refused.body
    assert everything_stored() == before

    done(send(desk, method, path, body, current))
    assert everything_stored() != before
