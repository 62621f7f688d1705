"""The function: messages in, files out, and what becomes of those that fail."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.template import load_template
from shukka.domain.exports.job import ExportKind, ExportState
from tests.builders import an_order
from tests.unit.exporter.conftest import BUCKET, Desk

EVENT = json.loads((Path(__file__).parents[3] / "events" / "exporter.requested.json").read_text("utf-8"))


class LambdaContext(NamedTuple):
    milliseconds: int = 300_000
    function_name: str = "exporter"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:exporter"
    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def message(export_id: str, delivery: int = 1) -> dict[str, Any]:
    (record,) = EVENT["Records"]
    attributes = {**record["attributes"], "ApproximateReceiveCount": str(delivery)}
    return {"Records": [{**record, "body": json.dumps({"export_id": export_id}), "attributes": attributes}]}


@pytest.fixture
def app(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "ORDERS_TABLE": desk.tables.orders,
        "SETTINGS_TABLE": desk.tables.settings,
        "IMPORTS_TABLE": desk.tables.imports,
        "FILES_BUCKET": BUCKET,
        "EXPORT_QUEUE_URL": desk.queue_url,
        "POWERTOOLS_SERVICE_NAME": "exporter",
    }.items():
        monkeypatch.setenv(name, value)

    from exporter import app  # noqa: PLC0415 - reads the environment that was just set
    from shukka import aws  # noqa: PLC0415

    for made_once in (aws.client, app._environment, app._stores):
        made_once.cache_clear()
    return app


def test_a_message_becomes_a_file(desk: Desk, app: Any):
    desk.has(an_order())
    job = desk.ask(ExportKind.ORDERS)
    (asked,) = desk.queued()

    answer = app.handler(message(asked["export_id"]), LambdaContext())

    done = desk.exports.find(job.id)
    assert answer == {"batchItemFailures": []}
    assert done is not None
    assert done.state is ExportState.DONE
    assert len(desk.rows(done)) == 2
    assert desk.queued() == []


def test_a_job_that_runs_out_of_time_asks_to_be_gone_on_with(desk: Desk, app: Any):
    desk.has(an_order())
    job = desk.ask(ExportKind.ORDERS)
    desk.queued()

    app.handler(message(job.id), LambdaContext(milliseconds=20_000))

    paused = desk.exports.find(job.id)
    assert paused is not None
    assert (paused.state, paused.lease_until) == (ExportState.RUNNING, None)
    assert desk.queued() == [{"export_id": job.id}]


def test_a_failure_is_retried_and_the_last_one_ends_the_job(
    desk: Desk, app: Any, monkeypatch: pytest.MonkeyPatch, caplog
):
    desk.has(an_order())
    job = desk.ask(ExportKind.ORDERS)
    monkeypatch.setattr("exporter.app._stores", lambda: (desk.exports, None, desk.files, desk.settings_store))
    failed = {"batchItemFailures": [{"itemIdentifier": EVENT["Records"][0]["messageId"]}]}

    assert app.handler(message(job.id, delivery=1), LambdaContext()) == failed
    waiting = desk.exports.find(job.id)
    desk.exports.save(waiting.model_copy(update={"lease_until": None}))
    assert app.handler(message(job.id, delivery=app.LAST_DELIVERY), LambdaContext()) == failed

    ended = desk.exports.find(job.id)
    assert waiting.state is ExportState.RUNNING
    assert ended.state is ExportState.FAILED
    assert ended.problem
    assert "髙島" not in caplog.text


def test_a_job_that_another_worker_has_is_not_given_up(desk: Desk, app: Any):
    job = desk.ask(ExportKind.ORDERS)
    lease = datetime.now(UTC) + timedelta(minutes=5)
    desk.exports.save(job.model_copy(update={"state": ExportState.RUNNING, "lease_until": lease}))

    answer = app.handler(message(job.id, delivery=app.LAST_DELIVERY), LambdaContext())

    assert answer["batchItemFailures"]
    assert desk.exports.find(job.id).state is ExportState.RUNNING


def test_a_message_about_no_job_is_done_with(app: Any):
    assert app.handler(EVENT, LambdaContext()) == {"batchItemFailures": []}


def test_the_last_delivery_is_the_queues(app: Any):
    queue = load_template()["Resources"]["ExportQueue"]["Properties"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == app.LAST_DELIVERY
