"""The API's description: generated from the code, committed for those who read, never out of date."""

import json
from pathlib import Path

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_committed_description_is_the_api_s(api):
    described = api.call("GET", "/openapi.json", claims={}).body

    assert json.loads(COMMITTED.read_text("utf-8")) == described, "run `make openapi` and commit docs/openapi.json"


def test_every_operation_tells_its_answers(api):
    described = api.call("GET", "/openapi.json", claims={}).body

    assert described["openapi"] == "3.1.0"
    operations = {
        f"{method} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    without = [name for name, operation in operations.items() if min(operation["responses"]) >= "400"]
    assert without == []
    unguarded = [name for name, operation in operations.items() if not operation.get("security")]
    assert unguarded == ["get /health"]
    place = operations["post /orders"]
    assert set(place["responses"]) == {"201", "400", "401", "403", "415", "422", "500", "503"}


def test_the_page_needs_nothing_from_elsewhere(api):
    from order_api.app import app  # noqa: PLC0415
    from order_api.openapi import page  # noqa: PLC0415

    html = page(app)

    assert "/shipments/{shipment_id}" in html
    assert '<script src="http' not in html
    assert "<link rel='stylesheet'" not in html
