"""From the table's stream: which shipments got which numbers."""

from typing import Any, NamedTuple

import pytest

from number_watcher import app
from tests.builders import a_shipment, an_order
from tests.bulk import order_items
from tests.fakes import FakeNumberOwners


class LambdaContext(NamedTuple):
    function_name: str = "number-watcher"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:number-watcher"
    aws_request_id: str = "lambda-request-1"


@pytest.fixture
def owners(monkeypatch: pytest.MonkeyPatch) -> FakeNumberOwners:
    owners = FakeNumberOwners()
    monkeypatch.setattr(app, "_owners", lambda: owners)
    return owners


def a_record(number: str, before: tuple[str, ...] | None, after: tuple[str, ...]) -> dict[str, Any]:
    """A shipment's change, as the stream tells it."""

    def image(numbers: tuple[str, ...]) -> dict[str, Any]:
        return order_items(an_order(number, shipments=(a_shipment(tracking_numbers=numbers),)))[-1]

    change = {"Keys": {name: image(after)[name] for name in ("pk", "sk")}, "NewImage": image(after)}
    if before is not None:
        change["OldImage"] = image(before)
    return {"eventID": f"event-{number}", "eventName": "MODIFY", "dynamodb": change}


def test_numbers_are_learnt_from_shipments_that_changed(owners):
    records = [
        a_record("100001", None, ()),
        a_record("100001", (), ("10000312",)),
        a_record("100002", ("10000323",), ("10000312", "10000323")),
    ]

    answer = app.handler({"Records": records}, LambdaContext())

    assert answer == {"batchItemFailures": []}
    assert owners.marks == {"100001": {"10000312"}, "100002": {"10000312"}}
    assert set(owners.owners) == {"10000312"}


def test_a_record_that_cannot_be_read_is_reported_without_what_it_holds(owners, caplog):
    bad = a_record("100002", (), ("10000312",))
    bad["dynamodb"]["NewImage"]["shipment"]["S"] = '{"memo": "能登様'
    strange = [None, {}, {"dynamodb": {"Keys": {"pk": {"S": "ORDER#1"}, "sk": {"S": "ROOT"}}}}]

    app.handler({"Records": [*strange, bad, a_record("100001", (), ("10000312",))]}, LambdaContext())

    assert set(owners.owners) == {"10000312"}
    assert [record.message for record in caplog.records] == ["stream_record_malformed"] * 4
    assert "能登" not in repr([vars(record) for record in caplog.records])
