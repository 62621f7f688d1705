"""The queue's side of sending mail, with the real stores on a mock of AWS."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from local.tables import create_tables
from mail_sender import app
from shukka import aws
from shukka.domain.imports.job import ImportCounts, ImportJob, ImportState
from shukka.domain.mail.template import SavedTemplate, Template
from shukka.domain.order.outbox import Mail, MailState, Recipient
from shukka.domain.settings import ShopProfile
from shukka.store.imports import ImportMails, ImportStore
from shukka.store.mail_templates import MailTemplateStore
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.shipments import ShipmentBatches
from shukka.usecases.mail.request import SendMail, request_mail
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.ports import MailNotSentError, Placing
from tests.builders import NOW, a_context, an_order_request, some_settings

EVENTS = Path(__file__).parents[3] / "events"
REGION = "ap-northeast-1"


class LambdaContext(NamedTuple):
    milliseconds_left: int = 60_000
    function_name: str = "mail-sender"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:mail-sender"
    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left


class World:
    """Order 100001 with its two receipts waiting in the outbox."""

    def __init__(self, orders: OrderStore, settings: SettingsStore) -> None:
        self.orders = orders
        self.settings = settings

    def receive(self, event: dict[str, Any], **context: Any) -> list[str]:
        """The ids of the messages that will be retried."""
        answer = app.handler(event, LambdaContext(**context))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def mail(self, key: str = "placed#member") -> Mail:
        mail = self.orders.find_mail("100001", key)
        assert mail
        return mail

    @property
    def sent(self) -> list[Any]:
        return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "FILES_BUCKET": "files",
        "SES_CONFIGURATION_SET": "shukka",
        "API_URL": "https://api.example.jp",
    }.items():
        monkeypatch.setenv(name, value)
    # What POWERTOOLS_SERVICE_NAME sets where the function starts.
    monkeypatch.setattr(app.metrics.provider, "service", "mail-sender")
    with mock_aws():
        for made_once in (aws.client, app._senders):
            made_once.cache_clear()
        tables = create_tables(aws.client("dynamodb"), prefix="")
        monkeypatch.setenv("ORDERS_TABLE", tables.orders)
        monkeypatch.setenv("SETTINGS_TABLE", tables.settings)
        monkeypatch.setenv("IMPORTS_TABLE", tables.imports)
        aws.client("s3").create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        boto3.client("sesv2").create_email_identity(EmailIdentity="shop@example.jp")
        orders = OrderStore(aws.client("dynamodb"), tables.orders, tables.settings)
        settings = SettingsStore(aws.client("dynamodb"), tables.settings, lambda: 0.0)
        settings.save("shop", some_settings().shop.model_dump(mode="json"), based_on=0)
        request = PlaceOrder.model_validate_json(json.dumps(an_order_request()))
        place_order(request, Placing("shop-1", "key-1", "hash"), a_context(), orders, some_settings())
        yield World(orders, settings)


def an_event(name: str = "receipts") -> dict[str, Any]:
    return json.loads((EVENTS / f"mail_sender.{name}.json").read_text())


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """What CloudWatch counts, by name."""
    counted: dict[str, float] = {}
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        (group,) = line["_aws"]["CloudWatchMetrics"]
        assert (group["Namespace"], group["Dimensions"]) == ("Shukka", [["service"]])
        assert line["service"] == "mail-sender"
        for metric in group["Metrics"]:
            counted[metric["Name"]] = counted.get(metric["Name"], 0) + sum(line[metric["Name"]])
    return counted


def test_both_receipts_are_sent_archived_recorded_and_counted(world, capsys):
    assert world.receive(an_event()) == []

    for key, to in (("placed#member", "buyer1@example.jp"), ("placed#shop", "shop@example.jp")):
        mail = world.mail(key)
        assert (mail.state, mail.to) == (MailState.SENT, to)
        archived = aws.client("s3").get_object(Bucket="files", Key=mail.mime_key)
        assert archived["ContentType"] == "message/rfc822"
        assert f"To: {to}".encode() in archived["Body"].read()
    assert [set(message.destinations) for message in world.sent] == [{"buyer1@example.jp"}, {"shop@example.jp"}]
    assert metrics_of(capsys) == {"MailSent": 2}


def test_the_same_messages_again_send_nothing(world, capsys):
    world.receive(an_event())
    capsys.readouterr()

    assert world.receive(an_event()) == []
    assert len(world.sent) == 2
    assert metrics_of(capsys) == {}


def test_a_mail_goes_with_the_shop_s_template_as_it_is_by_then(world):
    templates = MailTemplateStore(aws.client("dynamodb"), "settings")
    for version, subject in ((1, "第一案"), (2, "承りました")):
        words = Template(subject, "受注番号 {{ order.number }}", None)
        templates.save(
            SavedTemplate(
                key="placed_member", label="受付", version=version, saved_at=NOW, saved_by="staff:a", template=words
            )
        )

    world.receive(an_event())

    assert (world.mail().subject, world.mail().template_version) == ("承りました", 2)
    assert world.mail("placed#shop").template_version == 0
    archived = aws.client("s3").get_object(Bucket="files", Key=world.mail().mime_key)["Body"].read()
    (part,) = message_from_bytes(archived).get_payload()
    assert part.get_payload(decode=True).decode() == "受注番号 100001"


def test_mails_of_one_template_are_archived_apart(world):
    desk = ShipmentBatches(aws.client("dynamodb"), "orders", world.orders)
    templates = MailTemplateStore(aws.client("dynamodb"), "settings")
    for n in (1, 2):
        request = SendMail(template="message", subject=f"{n}通目", opening=f"{n}通目です")
        request_mail("100001", request, f"click-{n}", a_context(), desk, templates, some_settings())
    event = an_event()
    for n, record in enumerate(event["Records"], start=1):
        record["body"] = json.dumps({"pk": "ORDER#100001", "sk": f"MAIL#message#click-{n}"})

    assert world.receive(event) == []

    mails = [world.mail(f"message#click-{n}") for n in (1, 2)]
    assert [mail.subject for mail in mails] == ["1通目", "2通目"]
    assert len({mail.mime_key for mail in mails}) == 2


def test_a_refused_mail_is_counted_as_failed_and_not_retried(world, capsys):
    world.settings.save("shop", ShopProfile(name="出荷酒店").model_dump(mode="json"), based_on=1)

    assert world.receive(an_event()) == []
    assert world.mail().state is MailState.FAILED
    assert metrics_of(capsys) == {"MailFailed": 2}


def test_a_claim_that_nobody_finished_is_counted_as_unknown(world, capsys):
    pending = world.mail()
    lease = datetime.now(UTC) - timedelta(seconds=1)
    claimed = pending.model_copy(update={"state": MailState.SENDING, "lease_until": lease})
    assert world.orders.save_mail("100001", claimed, expected=pending)

    assert world.receive(an_event()) == []
    assert world.mail().state is MailState.UNKNOWN
    assert metrics_of(capsys) == {"MailUnknown": 1, "MailSent": 1}


def test_a_retried_mail_does_not_hold_up_the_other(world):
    pending = world.mail()
    lease = datetime.now(UTC) + timedelta(minutes=1)
    claimed = pending.model_copy(update={"state": MailState.SENDING, "lease_until": lease})
    assert world.orders.save_mail("100001", claimed, expected=pending)

    assert world.receive(an_event()) == [an_event()["Records"][0]["messageId"]]
    assert world.mail("placed#shop").state is MailState.SENT


def test_mails_are_retried_while_the_archive_is_unavailable(world):
    aws.client("s3").delete_bucket(Bucket="files")

    assert len(world.receive(an_event())) == 2
    assert world.mail().state is MailState.PENDING
    assert world.sent == []


def test_a_mail_is_not_begun_that_might_be_cut_off(world):
    assert len(world.receive(an_event(), milliseconds_left=19_999)) == 2
    assert world.mail().state is MailState.PENDING


def test_malformed_and_dangling_messages_are_retried_until_the_dead_letter_queue(world):
    event = an_event("malformed")
    stranger = copy.deepcopy(an_event()["Records"][0])
    stranger |= {"messageId": "stranger", "body": json.dumps({"pk": "ORDER#7", "sk": "MAIL#placed#member"})}
    event["Records"].append(stranger)

    assert world.receive(event) == [record["messageId"] for record in event["Records"]]


def test_logs_say_what_happened_without_saying_to_whom(world, caplog):
    world.receive(an_event())
    world.receive(an_event("malformed"))

    assert [log.message for log in caplog.records] == ["mail_settled"] * 2 + ["mail_will_be_retried"] * 2
    settled = caplog.records[0]
    assert (settled.order_number, settled.mail, settled.state) == ("100001", "placed#member", MailState.SENT)
    everything = str([vars(log) for log in caplog.records])
    for personal in ("buyer1", "髙島", "﨑山", "出荷酒店", "03-0000-1001", "六本木"):
        assert personal not in everything


def test_errors_are_logged_without_what_they_say(world, caplog, monkeypatch):
    def broken(number: str, key: str) -> None:
        raise ValueError("buyer1@example.jp is not an address")

    monkeypatch.setattr(app, "_senders", lambda: {"ORDER": broken})

    assert len(world.receive(an_event())) == 2
    assert {log.error for log in caplog.records} == {"ValueError"}
    assert all(log.where.startswith("mail_sender/app.py:") for log in caplog.records)
    assert "buyer1" not in str([vars(log) for log in caplog.records])


def test_why_ses_does_not_take_mails_for_now_is_logged(world, caplog, monkeypatch):
    def paused(number: str, key: str) -> None:
        raise MailNotSentError("SendingPausedException")

    monkeypatch.setattr(app, "_senders", lambda: {"ORDER": paused})

    assert len(world.receive(an_event())) == 2
    assert {log.code for log in caplog.records} == {"SendingPausedException"}


def test_the_shop_gets_one_summary_of_an_import(world, caplog):
    imports = ImportStore(aws.client("dynamodb"), "imports", "orders")
    running = ImportJob(id="20261126030000-0123456789ab", source_key="imports/ヤマト.csv", received_at=NOW)
    assert imports.save(running, expected=None)
    done = running.model_copy(update={"state": ImportState.DONE, "counts": ImportCounts(applied=3, rejected=1)})
    summary = Mail(key="import#shop", template="import_shop", recipient=Recipient.SHOP, created_at=NOW)
    assert imports.finish(done, expected=running, summary=summary)

    assert world.receive(an_event("import")) == []
    assert world.receive(an_event("import")) == []

    (message,) = world.sent
    assert set(message.destinations) == {"shop@example.jp"}
    record = ImportMails(aws.client("dynamodb"), "orders", imports).find_mail(done.id, "import#shop")
    assert (record.state, record.subject) == (
        MailState.SENT,
        "【出荷酒店】出荷実績を取り込みました（ヤマト.csv、エラー1行）",
    )
    assert record.mime_key == "mails/20261126030000-0123456789ab/import.shop.eml"
    (settled,) = [line for line in caplog.records if line.getMessage() == "mail_settled"]
    assert (settled.import_id, settled.state) == (done.id, MailState.SENT)


def test_a_mail_about_something_unknown_is_retried(world):
    event = an_event("import")
    event["Records"][0]["body"] = '{"pk": "VISIT#1", "sk": "MAIL#x"}'

    assert world.receive(event) == [event["Records"][0]["messageId"]]
