"""Files out of the deployed stack, and what carriers make of them back in."""

import csv
import io
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from local.patience import HANG_SECONDS, wait_for
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.text.values import business_date
from tests.integration.desk import Desk, expect
from tests.unit.exporter.carriers import forms, numbers, shipped_file


def export(desk: Desk, **request: Any) -> tuple[dict[str, Any], bytes]:
    """The job when it is done, and its file."""
    asked = expect(desk.staff.call("POST", "/exports", request), 202).body
    path = f"/exports/{asked['id']}"
    wait_for(lambda: desk.get(path)["state"] in {"done", "failed"})
    job = desk.get(path)
    assert job["state"] == "done", job
    with urllib.request.urlopen(job["download_url"], timeout=HANG_SECONDS) as file:
        assert job["id"] in {listed["id"] for listed in desk.get("/exports")["exports"]}
        return job, file.read()


def drop(desk: Desk, name: str, body: bytes) -> list[dict[str, str]]:
    """The file into the bucket; its report."""
    s3, bucket = desk.stack.client("s3"), desk.stack.bucket
    s3.put_object(Bucket=bucket, Key=f"imports/exports/{name}.csv", Body=body)
    result = f"results/exports/{name}.result.csv"
    wait_for(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=result).get("KeyCount"))
    report = s3.get_object(Bucket=bucket, Key=result)["Body"].read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(report, newline="")))


def a_member() -> dict[str, Any]:
    """A member as the storefront sends it; an export of one member's orders sees no other test's."""
    return {
        "member_id": "M-EXPORT",
        "company": "輸出商店",
        "name": "𠮷田 一郎",
        "phone": "03-0000-1001",
        "postal_code": "106-0032",
        "prefecture": "東京都",
        "address1": "港区六本木",
        "address2": "1-2-3",
    }


def test_orders_as_a_file_that_old_software_reads(desk: Desk):
    number = desk.place(member={**a_member(), "member_id": "M-CP932"})

    job, file = export(desk, kind="orders", encoding="cp932", filters={"member": "M-CP932"})

    (row,) = csv.DictReader(io.StringIO(file.decode("cp932"), newline=""))
    assert (row["受注番号"], row["会社名"], row["担当者"]) == (number, "輸出商店", "〓田 一郎")
    assert row["合計金額"] == str(desk.order(number)["totals"]["total"])
    assert (job["rows"], job["problem_count"]) == (1, 1)
    assert (job["problems"][0]["order_number"], job["problems"][0]["column"]) == (number, "担当者")
    assert job["filename"].startswith("受注_")


def test_lines_as_a_file(desk: Desk):
    number = desk.place(member={**a_member(), "member_id": "M-LINES"})

    _, file = export(desk, kind="order_lines", filters={"member": "M-LINES"}, columns=["受注番号", "商品名", "金額"])

    assert file.decode("utf-8-sig") == f'"受注番号","商品名","金額"\r\n"{number}","丸大豆しょうゆ 1.8L","4140"\r\n'


def test_row_28_an_export_dropped_back_unchanged_changes_nothing(desk: Desk):
    number = desk.place(member={**a_member(), "member_id": "M-NATIVE"})
    desk.amend(number, message_to_member="=1+1\nお待たせしました")
    desk.amend_shipment(f"{number}-1", memo="-", external_shipment_code="0012", time_slot="14〜16時")
    wait_for(lambda: {mail["state"] for mail in desk.order(number)["mails"]} == {"sent"})
    before = desk.order(number)

    _, file = export(desk, kind="shipments", filters={"member": "M-NATIVE"})
    report = drop(desk, f"native-{number}", file)

    assert [(row["発送ID"], row["結果"]) for row in report] == [(f"{number}-1", "変更なし")]
    assert desk.order(number) == before


def test_row_28_the_template_is_downloaded_filled_and_dropped(desk: Desk):
    number = desk.place()
    with urllib.request.urlopen(f"{desk.stack.api_url}/docs/imports/template.csv", timeout=HANG_SECONDS) as answer:
        (heading,) = csv.reader(io.StringIO(answer.read().decode("utf-8-sig"), newline=""))
    tracking = next(numbers())
    filled = {"発送ID": f"{number}-1", "送り状番号": tracking, "配送業者": "ヤマト運輸", "発送状況": "発送済"}

    file = io.StringIO(newline="")
    rows = csv.DictWriter(file, heading)
    rows.writeheader()
    rows.writerow(filled)
    report = drop(desk, f"template-{number}", file.getvalue().encode("utf-8-sig"))

    assert [(row["発送ID"], row["結果"]) for row in report] == [(f"{number}-1", "反映")]
    (shipment,) = desk.order(number)["shipments"]
    assert (shipment["status"], shipment["tracking_numbers"]) == ("shipped", [tracking])


@pytest.mark.parametrize(("format_", "variant"), forms())
def test_row_30_labels_return_with_their_numbers_and_nobody_typed_anything(
    desk: Desk, format_: LabelFormat, variant: int
):
    placed = [desk.place(member=a_member()) for _ in range(3)]
    ids = [f"{number}-1" for number in placed]
    for shipment_id in ids:
        desk.amend_shipment(shipment_id, carrier=format_.layout.carrier)

    job, labels = export(desk, kind="carrier_labels", labels={"format": format_.value, "shipments": ids})
    today = business_date(datetime.now(UTC))
    file = shipped_file(format_, labels, numbers(), today, variant=variant)
    report = drop(desk, f"{format_.value}-{placed[0]}", file)

    assert (job["rows"], job["left_out"]) == (3, 0)
    assert {row["結果"] for row in report} == {"反映"}
    given = numbers()
    for number in placed:
        (shipment,) = desk.order(number)["shipments"]
        assert shipment["status"] == "shipped"
        assert shipment["tracking_numbers"] == [next(given)]


@pytest.mark.parametrize(
    ("format_", "key", "width"), [("yamato_b2cloud", 0, 95), ("sagawa_ehiden3", 9, 74), ("yupack_print_r", 0, 117)]
)
def test_labels_of_what_waits_leave_out_what_cannot_be_printed(desk: Desk, format_: str, key: int, width: int):
    member = {**a_member(), "member_id": f"M-WAIT-{format_}"}
    good = desk.place(member=member)
    bad = desk.place(member={**member, "postal_code": None})
    carrier = LabelFormat(format_).layout.carrier
    for number in (good, bad):
        desk.amend_shipment(f"{number}-1", carrier=carrier)

    request = {"kind": "carrier_labels", "labels": {"format": format_}, "filters": {"member": member["member_id"]}}
    job, labels = export(desk, **request)

    rows = list(csv.reader(io.StringIO(labels.decode("cp932"), newline="")))
    assert [(row[key], len(row)) for row in rows if row[key].startswith("1")] == [(f"{good}-1", width)]
    assert (job["rows"], job["left_out"]) == (1, 1)
    report = drop(
        desk, f"waits-{good}", shipped_file(LabelFormat(format_), labels, numbers(), business_date(datetime.now(UTC)))
    )
    assert [row["結果"] for row in report] == ["反映"]
    assert (f"{bad}-1", "郵便番号") in {(problem["shipment_id"], problem["column"]) for problem in job["problems"]}
