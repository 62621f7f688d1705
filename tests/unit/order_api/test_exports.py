"""Exports over HTTP: asked for at once, worked on in the background."""

import json

import boto3
import pytest

from shukka.domain.exports.job import ExportProgress, ExportState
from tests.unit.order_api.conftest import STOREFRONT, Api

LABELS = {"kind": "carrier_labels", "labels": {"format": "yamato_b2cloud"}}


def queued() -> list[str]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="export")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["export_id"] for message in messages]


def test_an_export_waits_for_the_exporter(api: Api):
    asked = api.call("POST", "/exports", {"kind": "orders", "filters": {"status": "!completed"}, "encoding": "cp932"})

    assert asked.status == 202
    assert asked.body["state"] == "waiting"
    assert asked.body["request"]["filters"]["status"] == "!completed"
    assert queued() == [asked.body["id"]]
    assert api.call("GET", f"/exports/{asked.body['id']}").body == asked.body


def test_exports_are_listed_newest_first_page_by_page(api: Api):
    ids = [api.call("POST", "/exports", {"kind": kind}).body["id"] for kind in ("orders", "order_lines", "shipments")]

    first = api.call("GET", "/exports", query={"limit": "2"})
    rest = api.call("GET", "/exports", query={"limit": "2", "cursor": first.body["next_cursor"]})

    shown = [job["id"] for page in (first, rest) for job in page.body["exports"]]
    assert sorted(shown) == sorted(ids)
    assert shown == sorted(shown, reverse=True)
    assert rest.body["next_cursor"] is None


def test_a_finished_export_has_a_link_that_works_for_some_minutes(api: Api):
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    job_id = api.call("POST", "/exports", {"kind": "orders"}).body["id"]
    job = wiring.exports().find(job_id)
    done = {"state": ExportState.DONE, "file_key": f"exports/{job_id}.csv", "progress": ExportProgress(rows=2)}
    wiring.exports().save(job.model_copy(update=done))

    answer = api.call("GET", f"/exports/{job_id}")

    assert (answer.body["state"], answer.body["rows"]) == ("done", 2)
    assert f"exports/{job_id}.csv?" in answer.body["download_url"]
    assert "X-Amz-Expires=300" in answer.body["download_url"]
    assert answer.headers["cache-control"] == "no-store"


def test_an_export_without_rows_says_so(api: Api):
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    job_id = api.call("POST", "/exports", {"kind": "orders"}).body["id"]
    job = wiring.exports().find(job_id)
    wiring.exports().save(job.model_copy(update={"state": ExportState.DONE}))

    answer = api.call("GET", f"/exports/{job_id}")

    assert (answer.body["download_url"], answer.body["problem"]) == (None, "条件に合うデータがありませんでした")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "everything"}, "kind"),
        ({"kind": "orders", "encoding": "shift_jis"}, "encoding"),
        ({"kind": "orders", "columns": ["受注番号", "値段"]}, "columns"),
        ({"kind": "orders", "columns": []}, "columns"),
        ({"kind": "orders", "filters": {"status": "gone"}}, "filters.status"),
        ({"kind": "orders", "filters": {"stauts": "new"}}, "filters.stauts"),
        ({"kind": "orders", "filters": {"status": ["new"]}}, "filters.status"),
        ({"kind": "orders", "filters": {"stock_short": 1}}, "filters.stock_short"),
        ({"kind": "orders", "for_excel": 1}, "for_excel"),
        ({"kind": "orders", "filters": {"placed_from": "2026-12-01", "placed_to": "2026-11-01"}}, "filters.placed_to"),
        ({"kind": "orders", "labels": LABELS["labels"]}, "labels"),
        ({"kind": "carrier_labels"}, "labels"),
        ({**LABELS, "labels": {"format": "seino"}}, "labels.format"),
        ({**LABELS, "labels": {"format": "yamato_b2cloud", "shipments": ["100001"]}}, "labels.shipments.0"),
        ({**LABELS, "encoding": "utf-8"}, "encoding"),
        ({**LABELS, "columns": ["お客様管理番号"]}, "columns"),
        ({**LABELS, "for_excel": True}, "for_excel"),
        (
            {
                "kind": "carrier_labels",
                "labels": {"format": "yamato_b2cloud", "shipments": ["100001-1"]},
                "filters": {"status": "new"},
            },
            "filters",
        ),
    ],
)
def test_an_impossible_request_is_refused_at_once(api: Api, sent, field):
    refused = api.call("POST", "/exports", sent)

    assert refused.status == 422
    assert [error["field"] for error in refused.body["errors"]] == [field]
    assert queued() == []


def test_labels_need_a_sender(api: Api):
    shop = api.call("GET", "/settings/shop")
    api.call("PUT", "/settings/shop", {**shop.body, "phone": ""}, headers={"if-match": shop.etag})

    refused = api.call("POST", "/exports", LABELS)

    assert refused.status == 422
    assert "電話番号" in refused.body["detail"]


def test_unknown_exports_are_404_and_a_strange_cursor_400(api: Api):
    assert api.call("GET", "/exports/20261126030000-000000000000").status == 404
    assert api.call("GET", "/exports", query={"cursor": "bm90IG91cnM"}).status == 400


@pytest.mark.parametrize(("method", "path"), [("POST", "/exports"), ("GET", "/exports"), ("GET", "/exports/x")])
def test_exports_are_for_staff(api: Api, method, path):
    body = {"kind": "orders"} if method == "POST" else None

    assert api.call(method, path, body, claims=STOREFRONT).status == 403
