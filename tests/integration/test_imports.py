"""An upload over HTTP on the deployed stack: from the form to the report."""

import csv
import io
import urllib.request
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from urllib3 import PoolManager
from urllib3.response import BaseHTTPResponse

from local.patience import HANG_SECONDS, wait_for
from tests.integration.desk import Desk, expect
from tests.unit.shipment_import.files import a_file, a_number, a_row


def ask(desk: Desk, **request: Any) -> dict[str, Any]:
    answer = expect(desk.staff.call("POST", "/imports", {"filename": "ヤマト 11月.csv", **request}), 201)
    asked: dict[str, Any] = answer.body
    return asked


def post(form: dict[str, Any], body: bytes) -> BaseHTTPResponse:
    """As a browser does it."""
    fields = {**form["fields"], "file": ("ヤマト 11月.csv", body, "text/csv")}
    with PoolManager() as http:
        return http.request("POST", form["url"], fields=fields)


def rows_of(link: dict[str, str]) -> list[dict[str, str]]:
    with urllib.request.urlopen(link["url"], timeout=HANG_SECONDS) as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def is_over(desk: Desk, import_id: str) -> bool:
    return desk.get(f"/imports/{import_id}")["state"] in {"done", "failed"}


@pytest.mark.parametrize(
    ("mode", "words", "state"),
    [
        ("dry_run", ["反映予定", "エラー"], "done"),
        ("strict", ["未反映", "エラー"], "failed"),
        ("apply", ["反映", "エラー"], "done"),
    ],
)
def test_a_file_is_uploaded_from_the_form_to_its_report(desk, mode, words, state):
    number = desk.place()
    shipped = {"発送ID": f"{number}-1", "送り状番号": a_number(int(number)), "発送状況": "発送済"}
    body = a_file(a_row(**shipped), a_row(**shipped, 発送日="2024-02-31"), encoding="cp932")

    asked = ask(desk, mode=mode)
    assert desk.get(f"/imports/{asked['id']}")["state"] == "waiting"
    assert post(asked["upload"], body).status == 204
    wait_for(lambda: is_over(desk, asked["id"]))

    done = desk.get(f"/imports/{asked['id']}")
    assert (done["state"], done["mode"], done["format"]) == (state, mode, "標準形式")
    assert "暦にない日付です" in done["first_problems"][0]
    assert [row["結果"] for row in rows_of(done["result"])] == words
    with urllib.request.urlopen(done["original"]["url"], timeout=HANG_SECONDS) as original:
        assert original.read() == body
    changed = desk.order(number)["shipments"][0]["status"] == "shipped"
    assert changed == (mode == "apply")
    assert asked["id"] in [row["id"] for row in desk.get("/imports?limit=10")["imports"]]


def test_the_form_takes_only_the_requested_options(desk):
    form = ask(desk, mode="dry_run")["upload"]
    changed = {**form, "fields": {**form["fields"], "x-amz-meta-mode": "apply"}}

    assert post(changed, a_file(a_row())).status == 403


def test_the_shop_gets_a_summary_and_members_get_mails_only_if_requested(desk):
    number = desk.place()
    asked = ask(desk, notify=False)
    shipped = {"発送ID": f"{number}-1", "送り状番号": a_number(int(number)), "発送状況": "発送済"}
    post(asked["upload"], a_file(a_row(**shipped)))
    s3 = desk.stack.client("s3")
    archive = f"mails/{asked['id']}/import.shop.eml"
    wait_for(lambda: s3.list_objects_v2(Bucket=desk.stack.bucket, Prefix=archive).get("Contents"))

    order = desk.order(number)
    assert order["shipments"][0]["status"] == "shipped"
    assert [mail["template"] for mail in order["mails"]] == ["placed_member", "placed_shop"]
    mail = message_from_bytes(s3.get_object(Bucket=desk.stack.bucket, Key=archive)["Body"].read(), policy=default)
    text = mail.get_body(("plain",)).get_content()
    assert f"{desk.stack.api_url}/imports/{asked['id']}" in text.splitlines()
