"""What holds for every route, whichever is added next."""

import json
from pathlib import Path

import boto3
import pytest

from tests.builders import a_line, an_order_request
from tests.unit.order_api.conftest import LambdaContext

OPENAPI = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text("utf-8"))

TAKES_DRY_RUN = {
    "patch /orders/{number}",
    "put /orders/{number}/lines",
    "put /orders/{number}/shipments",
    "post /orders/statuses",
    "patch /shipments/{shipment_id}",
    "post /shipments/ship",
    "post /orders",
    "post /orders/{number}/returns",
    "post /orders/{number}/returns/{n}/void",
}
CHANGES_NO_ORDER = {
    "post /exports",
    "put /stock/{sku}",
    "post /stock/import",
    "put /mail-templates/{key}",
    "delete /mail-templates/{key}",
    "post /mail-templates/{key}/preview",
    # A trial is a mode of the upload.
    "post /imports",
    # A question with a body: a sku may hold any character.
    "post /storefront/stock",
    *(f"put {path}" for path in OPENAPI["paths"] if path.startswith("/settings/")),
}
HAS_A_PREVIEW = {
    "post /mails",
    "post /mails/preview",
    "post /orders/{number}/mails",
    "post /orders/{number}/mails/preview",
}


def routes(app):
    return [*app._static_routes, *app._dynamic_routes]


@pytest.fixture
def app(api):
    from order_api.app import app  # noqa: PLC0415

    return app


def test_every_write_takes_dry_run_or_says_why_not():
    writes = {
        f"{method} {path}": [parameter["name"] for parameter in operation.get("parameters", [])]
        for path, operations in OPENAPI["paths"].items()
        for method, operation in operations.items()
        if method != "get"
    }

    assert {name for name, parameters in writes.items() if "dry_run" in parameters} == TAKES_DRY_RUN
    assert writes.keys() - TAKES_DRY_RUN == CHANGES_NO_ORDER | HAS_A_PREVIEW


@pytest.mark.parametrize(
    ("method", "path", "body", "found"),
    [
        ("PATCH", "/orders/100001", {"shipping_fee": 900}, lambda body: body["difference"] == 110),
        ("PUT", "/orders/100001/lines", None, lambda body: body["stock_moves"] == {"SOY-180": -1}),
        ("PUT", "/orders/100001/shipments", None, lambda body: len(body["changes"]) > 0),
        (
            "POST",
            "/orders/statuses",
            {"numbers": ["100001", "999999"], "handling_status": "cancelled"},
            lambda body: [row["result"] for row in body["results"]] == ["changed", "not_found"],
        ),
        (
            "PATCH",
            "/shipments/100001-1",
            {"status": "shipped", "tracking_numbers": ["444413758703"]},
            lambda body: [mail["template"] for mail in body["mails"]] == ["shipped_member"],
        ),
        (
            "POST",
            "/shipments/ship",
            {"shipments": [{"shipment_id": "100001-1"}, {"shipment_id": "999999-1"}]},
            lambda body: [row["result"] for row in body["results"]] == ["applied", "rejected"],
        ),
    ],
)
def test_a_dry_run_answers_and_writes_nothing(api, method, path, body, found):
    line = a_line(quantity=10).model_dump(mode="json", exclude={"line_id"})
    etag = api.place(an_order_request(lines=[line])).etag
    order = api.call("GET", "/orders/100001").body
    lines = [
        {name: value for name, value in line.items() if name not in {"line_amount", "returned"}}
        for line in order["lines"]
    ]
    if path.endswith("/lines"):
        lines[0]["quantity"] += 1
        body = {"lines": lines}
    elif path.endswith("/shipments"):
        body = {"shipments": [{"shipment_id": "100001-1", "lines": {"1": 1}}, {"lines": {"1": 9}}]}
    before = everything_stored()

    answer = api.call(method, path, body, headers={"if-match": etag}, query={"dry_run": "true"})

    assert answer.status == 200, answer.body
    assert found(answer.body)
    assert everything_stored() == before
    assert api.call(method, path, body, headers={"if-match": etag}).status == 200
    assert everything_stored() != before


def everything_stored():
    dynamodb = boto3.client("dynamodb")
    return {
        table: sorted(json.dumps(item, sort_keys=True) for item in dynamodb.scan(TableName=table)["Items"])
        for table in dynamodb.list_tables()["TableNames"]
    }


def example_path(route):
    return route.path.replace("<number>", "100001").replace("<shipment_id>", "100001-1").replace("<kind>", "invoice")


def test_every_route_refuses_parameters_it_does_not_have(api, app):
    from order_api.auth import Allow  # noqa: PLC0415

    assert [route.path for route in routes(app) if not any(isinstance(gate, Allow) for gate in route.middlewares)] == []
    api.place(an_order_request())
    for route in routes(app):
        answer = api.call(route.method, example_path(route), query={"dry_rum": "true"})
        assert answer.status == 422, (route.method, route.path)
        assert [error["field"] for error in answer.body["errors"]] == ["dry_rum"], (route.method, route.path)
    assert api.call("GET", "/orders/100001").body["version"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders", an_order_request()),
        ("PATCH", "/orders/100001", {"staff_memo": "-"}),
        ("POST", "/orders/statuses", {"numbers": ["100001"], "handling_status": "on_hold"}),
        ("PUT", "/stock/SOY-180", {"level": 1}),
        ("POST", "/exports", {"kind": "orders"}),
    ],
)
def test_a_misspelt_dry_run_changes_nothing(api, method, path, body):
    api.place(an_order_request())
    before = everything_stored()
    headers = {"idempotency-key": "other", "if-match": '"1"'}

    answer = api.call(method, path, body, headers=headers, query={"dryrun": "true"})

    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, ["dryrun"])
    assert everything_stored() == before


def test_only_what_is_a_list_can_be_given_twice(api):
    assert api.call("GET", "/shipments", query={"status": ["not_shipped", "instructed"]}).status == 200
    twice = api.call("GET", "/orders", query={"limit": ["1", "2"]})
    assert (twice.status, twice.body["errors"][0]["field"]) == (422, "limit")


def test_head_is_get_without_the_body(api, app):
    from order_api.app import handler  # noqa: PLC0415

    api.place(an_order_request())
    gets = [route for route in routes(app) if route.method == "GET"]
    assert len(gets) > 20
    for route in gets:
        got, head = (
            handler(
                {
                    "version": "2.0",
                    "rawPath": example_path(route),
                    "rawQueryString": "",
                    "headers": {},
                    "requestContext": {
                        "http": {"method": method, "path": example_path(route)},
                        "stage": "$default",
                        "requestId": "gateway-request-1",
                        "authorizer": {"jwt": {"claims": {"cognito:groups": "[staff]"}}},
                    },
                },
                LambdaContext(),
            )
            for method in ("GET", "HEAD")
        )
        assert head["body"] == ""
        assert (head["statusCode"], head["headers"]) == (got["statusCode"], got["headers"]), route.path


def test_head_of_what_can_only_be_posted_is_refused(api):
    answer = api.call("HEAD", "/orders/statuses")

    # Of this path, GET reads an order by the number "statuses".
    assert answer.status == 404
    refused = api.call("HEAD", "/shipments/100001-1/nothing")
    assert refused.status == 404
    assert api.call("HEAD", "/orders/100001/lines").headers["allow"] == "PUT"
