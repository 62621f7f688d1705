"""The API's description: generated from the code, committed for those who read, never out of date."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"

CLEARABLE = {
    "OrderAmendment": {
        *("paid_on", "paid_amount", "requested_date", "time_slot", "message_to_member", "staff_memo"),
        *("customer_order_number", "external_id"),
    },
    "MemberAmendment": {
        *("member_id", "department", "email", "phone", "postal_code", "prefecture", "address1", "address2", "address3"),
    },
    "ShipmentAmendment": {
        *("carrier", "shipped_on", "delivered_on", "requested_date", "time_slot"),
        *("external_shipment_code", "memo", "destination"),
    },
    "DestinationAmendment": {
        *("department", "phone", "postal_code", "prefecture", "address1", "address2", "address3"),
    },
}
"""What null clears in a PATCH. Everything else is kept or has a value."""

SOMETIMES = {"Problem.errors", "Problem.current"}
"""Properties that an answer leaves out where there is nothing to say."""

NEEDS_MORE_THAN_AN_ORDER = {
    *("getExport", "getImport", "getDocument", "getMemberDocument"),
    *("recordReturn", "voidReturn"),
}


class Operation(NamedTuple):
    method: str
    path: str
    spec: dict[str, Any]

    @property
    def id(self) -> str:
        return self.spec["operationId"]

    @property
    def body(self) -> dict[str, Any] | None:
        return self.spec.get("requestBody", {}).get("content", {}).get("application/json")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    from order_api.app import app  # noqa: PLC0415 - as functions import it: with the environment of a test
    from order_api.openapi import document  # noqa: PLC0415

    return json.loads(document(app))


@pytest.fixture(scope="module")
def operations(described) -> list[Operation]:
    return [
        Operation(method, path, spec)
        for path, methods in described["paths"].items()
        for method, spec in methods.items()
    ]


def reachable(described: dict[str, Any], *parts: Any) -> dict[str, Any]:
    """The named schemas that these parts of the description lead to."""
    found: dict[str, Any] = {}
    waiting = list(parts)
    while waiting:
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(waiting.pop())):
            if name not in found:
                found[name] = described["components"]["schemas"][name]
                waiting.append(found[name])
    return found


def properties_of(schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            yield f"{name}.{field}", part


def test_the_committed_openapi_document_is_current(api):
    described = api.call("GET", "/openapi.json", claims={}).body

    assert json.loads(COMMITTED.read_text("utf-8")) == described, "run `make openapi` and commit docs/openapi.json"


def test_it_is_valid(described):
    assert [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()] == []


def test_every_operation_tells_its_documented(described, operations):
    assert described["openapi"] == "3.1.0"
    without = [operation.id for operation in operations if min(operation.spec["responses"]) >= "400"]
    assert without == []
    unguarded = [operation.id for operation in operations if not operation.spec.get("security")]
    assert unguarded == ["getHealth"]
    place = described["paths"]["/orders"]["post"]
    assert set(place["responses"]) == {"200", "201", "400", "401", "403", "413", "415", "422", "429", "500", "503"}


def test_a_patch_publishes_no_default_requires_nothing_and_takes_null_only_where_it_clears(described, operations):
    bodies = [operation.body for operation in operations if operation.method == "patch"]
    amendments = {
        name: schema for name, schema in reachable(described, *bodies).items() if schema.get("type") == "object"
    }

    assert amendments.keys() == CLEARABLE.keys(), "say in CLEARABLE what null clears"
    for name, schema in amendments.items():
        assert "required" not in schema, name
        nullable = {field for field, part in schema["properties"].items() if {"type": "null"} in part.get("anyOf", ())}
        assert nullable == CLEARABLE[name]


def test_no_schema_has_a_default_that_a_generator_could_send_or_take_for_a_promise(described):
    assert [name for name, part in properties_of(described["components"]["schemas"]) if "default" in part] == []


def test_every_property_of_an_answer_is_always_there(described, operations):
    answered = reachable(described, *(operation.spec["responses"] for operation in operations))

    optional = {
        f"{name}.{field}"
        for name, schema in answered.items()
        for field in schema.get("properties", {}).keys() - set(schema.get("required", ()))
    }
    assert optional == SOMETIMES


def test_a_request_and_its_answer_have_a_schema_each_where_they_differ(described):
    schemas = described["components"]["schemas"]

    assert schemas["CarrierInput"]["required"] == ["key", "name"]
    assert set(schemas["Carrier"]["required"]) == set(schemas["Carrier"]["properties"])
    assert [name for name, schema in schemas.items() if schema["title"] != name] == []


def test_operations_have_readable_names_of_their_own(operations):
    names = [operation.id for operation in operations]

    assert [name for name in names if not re.fullmatch("[a-z]+(?:[A-Z][a-z]+)+", name)] == []
    assert len(set(names)) == len(names)
    # Clients are generated with them: a name that changes breaks their callers.
    assert {"placeOrder", "amendOrder", "replaceLines", "allocateShipments", "listOrders", "getOrder"} <= set(names)


def test_every_property_and_parameter_says_what_it_is(described, operations):
    silent = [name for name, part in properties_of(described["components"]["schemas"]) if not part.get("description")]
    silent += [
        f"{operation.id}: {parameter['name']}"
        for operation in operations
        for parameter in operation.spec.get("parameters", ())
        if not parameter.get("description")
    ]

    assert silent == [], "describe them with Field(description=…), or by name in order_api/glossary.py"


def test_the_glossary_explains_nothing_that_is_not_there(described, operations):
    from order_api.glossary import GLOSSARY  # noqa: PLC0415 - on the functions' path only

    used = {name for operation in operations for name in [p["name"] for p in operation.spec.get("parameters", ())]}
    for name, _ in properties_of(described["components"]["schemas"]):
        model, field = name.split(".")
        used |= {field, f"{model.removesuffix('Input')}.{field}"}
    assert GLOSSARY.keys() - used == set()


def test_filters_have_the_types_that_they_take(described):
    parameters = {
        parameter["name"]: parameter["schema"] for parameter in described["paths"]["/orders"]["get"]["parameters"]
    }

    assert parameters["placed_from"] == {"type": "string", "format": "date"}
    assert parameters["stock_short"] == {"type": "boolean"}


def test_every_body_has_an_example_that_its_schema_takes(described, operations):
    bodies = {operation.id: operation.body for operation in operations if operation.body}

    for name, body in bodies.items():
        assert "example" in body, f"write an example for {name} in order_api/examples.py"
        Draft202012Validator({**body["schema"], "components": described["components"]}).validate(body["example"])


def test_every_example_is_accepted_and_answers_carry_the_headers_that_are_described(api, operations):
    """Each change is about an order of its own, placed as the example of `placeOrder` says."""
    examples = {operation.id: operation.body["example"] for operation in operations if operation.body}
    for sku in ("SOY-180", "VIN-090"):
        api.call("PUT", f"/stock/{sku}", examples["setStock"], headers={"if-none-match": "*"})

    for operation in operations:
        if operation.id in NEEDS_MORE_THAN_AN_ORDER:
            continue
        key = "read" if operation.method == "get" else operation.id
        number = api.place(examples["placeOrder"], key=key).body["number"]
        places = {"number": number, "shipment_id": f"{number}-1", "sku": "SOY-180", "member_id": "M-1001"}
        path = operation.path.format(**places, key="payment_request")
        body = json.loads(json.dumps(examples.get(operation.id)).replace("100001", number))
        headers = {"idempotency-key": f"of-{operation.id}"}
        if "412" in operation.spec["responses"]:
            read = f"/orders/{number}" if path.startswith("/orders") else path
            headers["if-match"] = api.call("GET", read).etag

        answer = api.call(operation.method.upper(), path, body, headers=headers)

        assert answer.status < 300, (operation.id, answer)
        described = operation.spec["responses"][str(answer.status)]
        assert ("etag" in answer.headers) is ("ETag" in described.get("headers", {})), operation.id


def test_the_gateway_s_own_answers_are_described_as_they_are(described):
    responses = described["paths"]["/orders"]["post"]["responses"]

    for status in ("401", "429"):
        assert responses[status]["content"] == {
            "application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
        }
    assert responses["503"]["headers"]["Retry-After"]["schema"] == {"type": "integer"}
    document = described["paths"]["/members/{member_id}/orders/{number}/documents/{kind}"]["get"]
    assert "Location" in document["responses"]["302"]["headers"]


@pytest.mark.parametrize("base", ["https://api.example.jp", "http://127.0.0.1:4566/_aws/execute-api/abc"])
@pytest.mark.parametrize("page", ["/openapi.json", "/docs"])
def test_the_server_is_where_the_description_is_read_from(described, base, page):
    (server,) = described["servers"]

    assert urljoin(base + page, server["url"]).rstrip("/") == base


def test_the_page_needs_nothing_from_elsewhere(api):
    from order_api.app import app  # noqa: PLC0415
    from order_api.openapi import page  # noqa: PLC0415

    html = page(app)

    assert "/shipments/{shipment_id}" in html
    assert '<script src="http' not in html
    assert "<link rel='stylesheet'" not in html
