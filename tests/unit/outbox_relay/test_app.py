"""From the stream onto the queues: what goes where, and what is tried again."""

import copy
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from outbox_relay import app

EVENTS = Path(__file__).parents[3] / "events"
MAILS, DOCUMENTS, STOCK = (f"https://sqs.example/{name}" for name in ("mail", "document", "stock"))


class LambdaContext(NamedTuple):
    function_name: str = "outbox-relay"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:outbox-relay"
    aws_request_id: str = "lambda-request-1"


class FakeSqs:
    """Takes up to ten entries, refuses bodies that hold one of `refused`, and is out of order for `down` queues."""

    def __init__(self) -> None:
        self.bodies: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.refused: set[str] = set()
        self.down: dict[str, Exception] = {}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        assert 1 <= len(Entries) <= 10
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        if QueueUrl in self.down:
            raise self.down[QueueUrl]
        failed = []
        for entry in Entries:
            body = json.loads(entry["MessageBody"])
            if self.refused & {body["sk"], body["pk"]}:
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                self.bodies[QueueUrl].append(body)
        return {"Failed": failed} if failed else {}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> FakeSqs:
    monkeypatch.setenv("MAIL_QUEUE_URL", MAILS)
    monkeypatch.setenv("DOCUMENT_QUEUE_URL", DOCUMENTS)
    monkeypatch.setenv("STOCK_QUEUE_URL", STOCK)
    app._queues.cache_clear()
    sqs = FakeSqs()
    monkeypatch.setattr(app, "client", {"sqs": sqs}.__getitem__)
    return sqs


def an_event(name: str = "placed") -> dict[str, Any]:
    return json.loads((EVENTS / f"outbox_relay.{name}.json").read_text())


def inserts(*keys: tuple[str, str]) -> dict[str, Any]:
    """A stream event of new items, their sequence numbers 1, 2, …"""
    records = []
    for n, (pk, sk) in enumerate(keys, start=1):
        record = copy.deepcopy(an_event()["Records"][2])
        record["dynamodb"] |= {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": str(n)}
        records.append(record)
    return {"Records": records}


def mails(count: int) -> dict[str, Any]:
    return inserts(*((f"ORDER#{100_000 + n}", "MAIL#placed#member") for n in range(1, count + 1)))


def relay(event: dict[str, Any]) -> list[str]:
    """Where Lambda starts again, if anywhere."""
    answer = app.handler(event, LambdaContext())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_new_outbox_items_go_to_the_queue_of_their_kind_and_nothing_else_does(sqs):
    assert relay(an_event()) == []
    assert sqs.bodies == {
        MAILS: [
            {"pk": "ORDER#100001", "sk": "MAIL#placed#member"},
            {"pk": "ORDER#100001", "sk": "MAIL#placed#shop"},
        ],
        DOCUMENTS: [{"pk": "ORDER#100001", "sk": "DOCUMENT#invoice#0001"}],
    }


@pytest.mark.parametrize(
    "sk", ["ROOT", "LINES#0000", "SHIPMENT#0001", "HISTORY#00000001#0000", "STOCKS", "mail#x", "-"]
)
def test_what_has_no_queue_is_passed_over(sqs, sk):
    assert relay(inserts(("ORDER#1", sk))) == []
    assert sqs.bodies == {}


def test_stock_moves_go_to_the_stock_keeper(sqs):
    assert relay(inserts(("ORDER#100001", "STOCK#00000001"))) == []
    assert sqs.bodies == {STOCK: [{"pk": "ORDER#100001", "sk": "STOCK#00000001"}]}


def test_many_items_go_in_batches_of_ten_in_their_order(sqs):
    assert relay(mails(25)) == []
    assert [body["pk"] for body in sqs.bodies[MAILS]] == [f"ORDER#{100_000 + n}" for n in range(1, 26)]


def test_lambda_starts_again_at_the_lowest_record_that_sqs_did_not_take(sqs):
    sqs.refused = {"ORDER#100014", "ORDER#100007", "ORDER#100023"}

    assert relay(mails(25)) == ["7"]
    assert len(sqs.bodies[MAILS]) == 22


def test_the_lowest_record_is_found_across_queues(sqs):
    sqs.refused = {"DOCUMENT#invoice#0001", "MAIL#b"}

    failed = relay(inserts(("ORDER#1", "MAIL#a"), ("ORDER#1", "DOCUMENT#invoice#0001"), ("ORDER#1", "MAIL#b")))

    assert failed == ["2"]


def test_sequence_numbers_are_not_compared_as_text(sqs):
    sqs.refused = {"ORDER#100009", "ORDER#100010"}

    assert relay(mails(10)) == ["9"]


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "QueueDoesNotExist", "Message": "x"}}, "SendMessageBatch"),
        EndpointConnectionError(endpoint_url=MAILS),
    ],
)
def test_a_queue_that_is_down_holds_up_its_items_and_not_those_of_the_other(sqs, failure):
    sqs.down = {MAILS: failure}

    assert relay(an_event()) == [an_event()["Records"][2]["dynamodb"]["SequenceNumber"]]
    assert list(sqs.bodies) == [DOCUMENTS]


def test_after_a_partial_failure_the_rest_arrives_with_the_second_try(sqs):
    event = mails(12)
    sqs.refused = {"ORDER#100011"}
    (start,) = relay(event)
    sqs.refused = set()

    assert relay({"Records": event["Records"][int(start) - 1 :]}) == []
    assert {body["pk"] for body in sqs.bodies[MAILS]} == {f"ORDER#{100_000 + n}" for n in range(1, 13)}


def test_a_malformed_record_is_counted_and_does_not_hold_up_the_others(sqs, capsys, caplog):
    assert relay(an_event("malformed")) == []

    assert [body["pk"] for body in sqs.bodies[MAILS]] == ["ORDER#100001", "ORDER#100002"]
    (metric,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shukka"
    assert metric["StreamRecordMalformed"] == [1.0]
    (log,) = caplog.records
    assert (log.message, log.levelname) == ("stream_record_malformed", "ERROR")
    assert log.event_id == an_event("malformed")["Records"][1]["eventID"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("dynamodb"),
        lambda record: record.pop("eventName"),
        lambda record: record["dynamodb"].pop("SequenceNumber"),
        lambda record: record["dynamodb"].update(Keys=None),
        lambda record: record["dynamodb"]["Keys"].update(sk={"N": "1"}),
        lambda record: record["dynamodb"]["Keys"].update(sk="MAIL#x"),
    ],
)
def test_any_damage_to_a_record_is_survived(sqs, damage):
    event = mails(3)
    damage(event["Records"][1])

    assert relay(event) == []
    assert len(sqs.bodies[MAILS]) == 2


def test_logs_hold_nothing_but_keys(sqs, caplog):
    event = mails(1)
    event["Records"][0]["dynamodb"]["NewImage"]["record"] = {"S": "buyer1@example.jp"}
    sqs.refused = {"ORDER#100001"}

    assert relay(event) == ["1"]
    assert [log.message for log in caplog.records] == ["message_refused"]
    assert "buyer1" not in str([vars(log) for log in caplog.records])
