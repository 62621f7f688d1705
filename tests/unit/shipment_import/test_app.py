"""The queue's side of imports: which messages are done, which are retried, and which follow."""

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws

from local.tables import create_tables
from shipment_import import app
from shipment_import.job import LEASE
from shukka import aws
from shukka.domain.imports.job import ImportJob, ImportState
from shukka.store.imports import ImportStore
from tests.builders import an_order, some_settings
from tests.bulk import load_orders
from tests.unit.shipment_import.files import NATIVE, a_file, a_number, a_row

EVENTS = Path(__file__).parents[3] / "events"
REGION = "ap-northeast-1"
DROPPED = "imports/2026/ヤマト 11月.csv"
MAX_RECEIVES = 6


class LambdaContext(NamedTuple):
    milliseconds_left: int = 300_000
    function_name: str = "shipment-import"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:shipment-import"
    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left


class World:
    """The bucket, the import queue, and order 100001."""

    def __init__(self, queue_url: str) -> None:
        self.queue_url = queue_url
        self._imports = ImportStore(aws.client("dynamodb"), "imports", "orders")

    def drop(self, key: str, body: bytes) -> str:
        """The object's version."""
        return aws.client("s3").put_object(Bucket="files", Key=key, Body=body)["VersionId"]

    def receive(self, event: dict[str, Any], **context: Any) -> list[str]:
        """The ids of the messages that will be retried."""
        answer = app.handler(event, LambdaContext(**context))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def queued(self) -> list[str]:
        messages = (
            aws.client("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        )
        return [message["Body"] for message in messages]

    def jobs(self) -> list[ImportJob]:
        return list(self._imports.page(None, 10).jobs)

    def report(self, job: ImportJob) -> str:
        found = aws.client("s3").get_object(Bucket="files", Key=job.result_key, VersionId=job.result_version)
        return found["Body"].read().decode("utf-8-sig")

    def summaries(self) -> int:
        """How many mails to the shop are in the outbox."""
        items = aws.client("dynamodb").scan(TableName="orders")["Items"]
        return sum(item["sk"]["S"] == "MAIL#import#shop" for item in items)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "FILES_BUCKET": "files",
    }.items():
        monkeypatch.setenv(name, value)
    # What POWERTOOLS_SERVICE_NAME sets where the function starts.
    monkeypatch.setattr(app.metrics.provider, "service", "shipment-import")
    with mock_aws():
        for made_once in (aws.client, app._environment, app._stores):
            made_once.cache_clear()
        tables = create_tables(aws.client("dynamodb"), prefix="")
        for name in ("orders", "settings", "imports"):
            monkeypatch.setenv(f"{name.upper()}_TABLE", getattr(tables, name))
        queue_url = boto3.client("sqs").create_queue(QueueName="imports")["QueueUrl"]
        monkeypatch.setenv("IMPORT_QUEUE_URL", queue_url)
        monkeypatch.setenv("IMPORT_MAX_RECEIVES", str(MAX_RECEIVES))
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
        load_orders(aws.client("dynamodb"), tables.orders, [an_order()])
        yield World(queue_url)


def an_event(name: str, version: str | None = None, receives: int = 1) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"shipment_import.{name}.json").read_text())
    for record in event["Records"]:
        record["attributes"]["ApproximateReceiveCount"] = str(receives)
    if version:
        (record,) = event["Records"]
        body = json.loads(record["body"])
        body["Records"][0]["s3"]["object"]["versionId"] = version
        record["body"] = json.dumps(body)
    return event


def event_version(event: dict[str, Any]) -> str:
    version: str = json.loads(event["Records"][0]["body"])["Records"][0]["s3"]["object"]["versionId"]
    return version


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """What CloudWatch counts, by name."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    counted = {
        metric["Name"]: sum(line[metric["Name"]])
        for line in lines
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert {line["service"] for line in lines} <= {"shipment-import"}
    return counted


def test_a_dropped_file_is_imported_and_counted(world, capsys):
    version = world.drop(DROPPED, a_file(a_row(1, 発送状況="発送済")))

    assert world.receive(an_event("dropped", version)) == []

    (job,) = world.jobs()
    assert (job.source_key, job.version, job.state) == (DROPPED, version, ImportState.DONE)
    assert job.result_key == "results/2026/ヤマト 11月.result.csv"
    assert world.queued() == []
    assert metrics_of(capsys) == {"ImportDone": 1}


def test_the_version_that_was_announced_is_read(world):
    version = world.drop(DROPPED, a_file(a_row(1, 発送状況="発送済")))
    world.drop(DROPPED, a_file(a_row(1, 送り状番号=a_number(9)), a_row(1)))

    world.receive(an_event("dropped", version))

    (job,) = world.jobs()
    assert job.counts.rows == 1


def test_where_time_runs_out_a_message_says_to_go_on(world):
    event = an_event("dropped", world.drop(DROPPED, a_file(a_row(1, 発送状況="発送済"))))

    assert world.receive(event, milliseconds_left=40_000) == []
    (job,) = world.jobs()
    assert (job.state, job.counts.rows) == (ImportState.RUNNING, 1)

    (body,) = world.queued()
    assert body == event["Records"][0]["body"]
    assert world.receive(event) == []
    (job,) = world.jobs()
    assert (job.state, job.counts.rows) == (ImportState.DONE, 1)


def test_an_upload_of_another_worker_is_retried(world):
    version = world.drop(DROPPED, a_file(a_row(1)))
    event = an_event("dropped", version)
    (file,) = app._uploaded_files(json.loads(event["Records"][0]["body"]))
    app.Importer(*app._stores(), clock=lambda: app.datetime.now(app.UTC), remaining=None)._claim(file)

    assert world.receive(event) == [event["Records"][0]["messageId"]]


def test_a_retry_waits_until_the_other_workers_lease_has_ended(world, monkeypatch):
    event = an_event("dropped", world.drop(DROPPED, a_file(a_row(1))))
    monkeypatch.setattr(app.Importer, "run", lambda *_: 1 / 0)
    asked: list[dict[str, Any]] = []
    hear = "provide-client-params.sqs.ChangeMessageVisibility"
    aws.client("sqs").meta.events.register(hear, lambda params, **_: asked.append(params))

    assert world.receive(event) == [event["Records"][0]["messageId"]]

    (request,) = asked
    assert request["ReceiptHandle"] == event["Records"][0]["receiptHandle"]
    assert LEASE.total_seconds() < request["VisibilityTimeout"] < 2 * LEASE.total_seconds()


@pytest.mark.parametrize("name", ["folder", "test_notification"])
def test_what_is_no_upload_is_done_with(world, name):
    assert world.receive(an_event(name)) == []
    assert world.jobs() == []


def test_malformed_messages_are_retried_until_the_dead_letter_queue(world):
    event = an_event("malformed")

    assert world.receive(event) == [record["messageId"] for record in event["Records"]]


# --- every import ends with a report and a mail ---


@pytest.fixture
def shop(world, monkeypatch):
    """The shop has an address, so that it gets the summary."""
    monkeypatch.setattr(app.SettingsStore, "current", lambda _: some_settings())
    return world


NOISE = b"\n".join(bytes(byte | 0x80 for byte in random.Random(n).randbytes(50)) for n in range(4_000))


@pytest.mark.parametrize("body", ["発送番号,宛先\r\n1,東京\r\n".encode("euc_jp"), NOISE], ids=["EUC-JP", "noise"])
def test_a_file_of_undecodable_bytes_ends_with_a_reason(shop, body):
    assert shop.receive(an_event("dropped", shop.drop(DROPPED, body))) == []

    (job,) = shop.jobs()
    assert job.state is ImportState.FAILED
    assert job.problem in shop.report(job)
    assert shop.summaries() == 1


def test_an_undecodable_heading_of_a_known_format_harms_no_row_and_no_reason(shop):
    heading = (*NATIVE, "X1")
    body = a_file([*a_row(1), ""], [*a_row(2, 発送日="2026/02/30"), "X2"], heading=heading)
    version = shop.drop(DROPPED, body.replace(b"X1", b"\xff").replace(b"X2", b"\xfe"))

    assert shop.receive(an_event("dropped", version)) == []

    (job,) = shop.jobs()
    assert (job.state, job.counts.applied, job.counts.rejected) == (ImportState.DONE, 1, 1)


def poison(monkeypatch, method="_described"):
    monkeypatch.setattr(app.Importer, method, lambda *_, **__: 1 / 0)


def test_a_fault_on_the_last_try_ends_the_import_as_failed_once(shop, monkeypatch, capsys, caplog):
    version = shop.drop(DROPPED, a_file(a_row(1, 発送メモ="株式会社髙島商店")))
    poison(monkeypatch)

    assert shop.receive(an_event("dropped", version, receives=MAX_RECEIVES - 1)) == []

    (job,) = shop.jobs()
    assert job.state is ImportState.FAILED
    assert "もう一度取り込んでください" in job.problem
    assert job.problem in shop.report(job)
    assert metrics_of(capsys) == {"ImportFailed": 1, "ImportGivenUp": 1}
    (line,) = [record for record in caplog.records if record.getMessage() == "import_given_up"]
    assert (line.error, line.where.split(":")[0]) == ("ZeroDivisionError", "shipment_import/job.py")

    assert shop.receive(an_event("dropped", version, receives=MAX_RECEIVES)) == []
    assert shop.jobs() == [job]
    assert shop.summaries() == 1


@pytest.mark.parametrize("receives", [1, MAX_RECEIVES - 2])
def test_a_fault_before_the_last_attempt_is_retried(shop, monkeypatch, receives):
    event = an_event("dropped", shop.drop(DROPPED, a_file(a_row(1))), receives)
    poison(monkeypatch)

    assert shop.receive(event) == [event["Records"][0]["messageId"]]
    assert shop.jobs()[0].state is ImportState.RUNNING


def test_the_last_try_is_a_try(shop):
    version = shop.drop(DROPPED, a_file(a_row(1, 発送状況="発送済")))

    shop.receive(an_event("dropped", version, receives=MAX_RECEIVES - 1))

    assert shop.jobs()[0].state is ImportState.DONE


def test_an_import_whose_workers_were_all_killed_ends_with_the_last_delivery(shop, monkeypatch):
    """A killed worker says nothing, so the delivery behind the last try only ends the import."""
    event = an_event("dropped", shop.drop(DROPPED, a_file(a_row(1, 発送状況="発送済"))), receives=MAX_RECEIVES)
    monkeypatch.setattr(app.Importer, "_work_on", pytest.fail)

    assert shop.receive(event) == []

    assert shop.jobs()[0].state is ImportState.FAILED
    assert shop.summaries() == 1


def test_the_last_delivery_of_an_import_that_somebody_is_at_is_queued_anew(shop):
    event = an_event("dropped", shop.drop(DROPPED, a_file(a_row(1))), receives=MAX_RECEIVES)
    (file,) = app._uploaded_files(json.loads(event["Records"][0]["body"]))
    app._importer(None)._claim(file)

    assert shop.receive(event) == []

    assert shop.jobs()[0].state is ImportState.RUNNING
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=shop.queue_url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


def test_an_import_that_was_given_up_half_way_says_what_was_done(shop, monkeypatch):
    event = an_event("dropped", shop.drop(DROPPED, a_file(a_row(1, 発送状況="発送済"), heading=NATIVE)))
    shop.receive(event, milliseconds_left=40_000)
    poison(monkeypatch)

    shop.receive(an_event("dropped", event_version(event), receives=MAX_RECEIVES - 1))

    (job,) = shop.jobs()
    assert (job.state, job.counts.applied) == (ImportState.FAILED, 1)
    assert "処理済み" in job.problem
    first, last = csv.DictReader(io.StringIO(shop.report(job), newline=""))
    assert (first["発送ID"], first["結果"]) == ("100001-1", "反映")
    assert (last["発送ID"], last["結果"], last["理由"]) == ("", "エラー", job.problem)


def test_a_file_of_an_id_that_nobody_asked_for_is_an_upload_like_others(world):
    version = world.drop("imports/api/20261126025900-0123456789ab/yamato.csv", a_file(a_row(1)))

    world.receive(an_event("requested", version))

    (job,) = world.jobs()
    assert job.id.startswith("20261126030000-")


def test_logs_say_how_it_went_and_nothing_of_the_file(world, caplog):
    secret = "株式会社髙島商店"
    version = world.drop(DROPPED, a_file(a_row(1, 発送メモ=secret), a_row(1, 発送日=secret)))

    world.receive(an_event("dropped", version))

    (line,) = [record for record in caplog.records if record.getMessage() == "import_progress"]
    assert line.counts["rejected"] == 1
    assert secret not in "".join(str(vars(record)) for record in caplog.records)
