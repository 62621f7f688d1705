"""What a shipping desk can do, one test for each row of the field's table of behaviours, on the local stack."""

import csv
import email
import email.policy
import io
import urllib.request
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from local.patience import HANG_SECONDS, wait_for
from shukka.domain.text.values import business_date
from tests.builders import a_line
from tests.integration.desk import Desk, expect

NUMBERS = ("444413758703", "390459983082")
HEADING = "Bカート発送ID,送り状番号,発送日,出荷管理番号,発送状況,発送メモ,お客様への連絡事項,対応状況"


@pytest.fixture
def today():
    return business_date(datetime.now(UTC))


def drop(desk: Desk, text: str, encoding: str = "cp932") -> list[dict[str, str]]:
    """Drops a file into the bucket; the rows of its report."""
    s3, name = desk.stack.client("s3"), uuid4().hex
    s3.put_object(Bucket=desk.stack.bucket, Key=f"imports/rows/{name}.csv", Body=text.encode(encoding))
    report = f"results/rows/{name}.result.csv"
    wait_for(lambda: s3.list_objects_v2(Bucket=desk.stack.bucket, Prefix=report)["KeyCount"])
    body = s3.get_object(Bucket=desk.stack.bucket, Key=report)["Body"].read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body, newline="")))


def drop_rows(desk: Desk, *rows: str) -> list[dict[str, str]]:
    return drop(desk, "\r\n".join((HEADING, *rows)) + "\r\n")


def shipment(desk: Desk, shipment_id: str):
    return desk.get(f"/shipments/{shipment_id}")


def parcels(shown) -> list[str]:
    return shown["tracking_numbers"]


def test_row_26_the_requested_day_and_slot_are_shown_and_searchable_before_shipping(desk: Desk):
    number = desk.place(requested_date="2031-05-05", time_slot="午前中")

    waiting = desk.get("/shipments?requested_from=2031-05-05&requested_to=2031-05-05")["shipments"]

    found = [(one["shipment_id"], one["requested_date"], one["time_slot"]) for one in waiting]
    assert (f"{number}-1", "2031-05-05", "午前中") in found


def test_row_27_a_csv_updates_number_status_and_date_in_bulk(desk: Desk, today):
    orders = [desk.place() for _ in range(3)]

    rows = [f"{number}-1,{NUMBERS[0]},{today:%Y/%m/%d},,発送済,,," for number in orders]
    assert [row["結果"] for row in drop_rows(desk, *rows)] == ["反映"] * 3

    for number in orders:
        shown = shipment(desk, f"{number}-1")
        assert (parcels(shown), shown["status"], shown["shipped_on"]) == ([NUMBERS[0]], "shipped", f"{today}")


def test_row_28_one_s_own_export_is_dropped_back_unchanged(desk: Desk, today):
    member_id = f"M-{uuid4().hex[:8]}"
    number = desk.place(member={"member_id": member_id, "company": "壬"})
    drop_rows(desk, f"{number}-1,{NUMBERS[0]},{today:%Y/%m/%d},W-1,発送済,割れ物,,")
    before = desk.order(number)["version"]
    body = {"kind": "shipments", "filters": {"member": member_id}}
    asked = expect(desk.staff.call("POST", "/exports", body, idempotency_key=uuid4().hex), 202).body
    wait_for(lambda: desk.get(f"/exports/{asked['id']}")["state"] == "done")
    with urllib.request.urlopen(desk.get(f"/exports/{asked['id']}")["download_url"], timeout=HANG_SECONDS) as file:
        exported = file.read().decode("utf-8-sig")

    assert [row["結果"] for row in drop(desk, exported, "utf-8-sig")] == ["変更なし"]
    assert desk.order(number)["version"] == before


def test_row_29_bad_rows_are_reported_with_line_column_and_reason_and_the_others_applied(desk: Desk, today):
    number = desk.place()

    report = drop_rows(
        desk,
        f"{number}-1,4.44414E+11,{today:%Y/%m/%d},,発送済,,,",
        f"999999-1,{NUMBERS[0]},,,発送済,,,",
        f"{number}-1,{NUMBERS[0]},2026/2/31,,発送済,,,",
        f"{number}-1,{NUMBERS[1]},{today:%Y/%m/%d},,発送済,,,",
    )

    assert [row["結果"] for row in report] == ["エラー", "エラー", "エラー", "反映"]
    assert "2行目「送り状番号」" in report[0]["理由"]
    assert "999999-1 は見つかりません" in report[1]["理由"]
    assert "4行目「発送日」" in report[2]["理由"]
    assert parcels(shipment(desk, f"{number}-1")) == [NUMBERS[1]]


@pytest.mark.parametrize(
    ("carrier", "heading", "row", "encoding"),
    [
        ("yamato", None, '"{id}","0","0","{number}","{day:%Y/%m/%d}"' + ',""' * 90, "cp932"),
        ("sagawa", "お問い合せ送り状No.,お客様管理番号,出荷日", "{number},{id},{day:%Y/%m/%d}", "utf-8-sig"),
        ("japan_post", "お客様側管理番号,お問い合わせ番号,発送予定日", "{id},{number},{day:%Y%m%d}", "cp932"),
    ],
)
def test_row_30_a_carrier_s_own_file_is_accepted_as_it_is(desk: Desk, today, carrier, heading, row, encoding):
    number = desk.place()
    line = row.format(id=f"{number}-1", number=NUMBERS[0], day=today)

    report = drop(desk, "\r\n".join(filter(None, (heading, line))) + "\r\n", encoding)

    assert [row["結果"] for row in report] == ["反映"]
    shown = shipment(desk, f"{number}-1")
    assert (shown["carrier"], shown["status"], parcels(shown)) == (carrier, "shipped", [NUMBERS[0]])


def test_row_31_a_blank_cell_destroys_nothing(desk: Desk, today):
    number = desk.place()
    drop_rows(desk, f"{number}-1,{NUMBERS[0]},{today:%Y/%m/%d},W-9,発送済,割れ物,午前着です,処理中")
    before = desk.order(number)

    assert [row["結果"] for row in drop_rows(desk, f"{number}-1,,,,,,,")] == ["変更なし"]
    after = desk.order(number)
    assert {name: after[name] for name in ("shipments", "message_to_member", "handling_status")} == {
        name: before[name] for name in ("shipments", "message_to_member", "handling_status")
    }


def test_row_32_the_number_is_a_link_for_staff_in_the_mail_and_for_the_member(desk: Desk):
    member_id = f"M-{uuid4().hex[:8]}"
    number = desk.place(member={"member_id": member_id, "company": "癸", "email": "a@example.jp"})
    desk.amend_shipment(f"{number}-1", carrier="sagawa", tracking_numbers=["512547514334"], status="shipped")
    wait_for(lambda: "shipped_member" in desk.mails(number))

    link = shipment(desk, f"{number}-1")["tracking"][0]["url"]
    assert link == "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=512547514334"
    history = expect(desk.storefront.call("GET", f"/members/{member_id}/orders"), 200).body
    assert history["orders"][0]["shipments"][0]["tracking"][0]["url"] == link
    key = f"mails/{number}/shipped.{number}-1.eml"
    mime = desk.stack.client("s3").get_object(Bucket=desk.stack.bucket, Key=key)["Body"].read()
    text = email.message_from_bytes(mime, policy=email.policy.default).get_body(("plain",)).get_content()
    assert link in text
    assert "佐川急便" in text


def test_row_33_an_order_is_split_each_part_with_number_state_and_date(desk: Desk):
    lines = [a_line().model_dump(mode="json", exclude={"line_id"}) | {"quantity": 10}]
    number = desk.place(lines=lines)
    plan = {"shipments": [{"shipment_id": f"{number}-1", "lines": {"1": 4}}, {"lines": {"1": 6}}]}
    expect(desk.staff.call("PUT", f"/orders/{number}/shipments", plan, if_match='"1"'), 200)

    desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBERS[0]], shipped_on="2026-11-20")
    desk.amend_shipment(f"{number}-2", status="instructed", tracking_numbers=[NUMBERS[1]])

    first, second = desk.order(number)["shipments"]
    assert (first["lines"], first["status"], first["shipped_on"], parcels(first)) == (
        {"1": 4},
        "shipped",
        "2026-11-20",
        [NUMBERS[0]],
    )
    assert (second["lines"], second["status"], parcels(second)) == ({"1": 6}, "instructed", [NUMBERS[1]])
    assert desk.order(number)["shipping_status"] == "partly_shipped"


def test_row_34_a_shipment_holds_several_parcel_numbers(desk: Desk, today):
    number = desk.place()

    report = drop_rows(desk, *(f"{number}-1,{parcel},{today:%Y/%m/%d},,発送済,,," for parcel in NUMBERS))

    assert [row["結果"] for row in report] == ["反映", "反映"]
    assert parcels(shipment(desk, f"{number}-1")) == list(NUMBERS)


def test_row_35_shipping_status_and_handling_status_are_apart(desk: Desk):
    number = desk.place()

    desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBERS[0]])
    assert desk.order(number)["handling_status"] == "new"
    desk.amend(number, handling_status="on_hold")
    assert desk.order(number)["shipping_status"] == "shipped"


def test_row_36_instructions_mark_what_is_not_to_leave_before_its_day(desk: Desk, today):
    number = desk.place()
    later = today + timedelta(days=3)

    drop(desk, f"お客様側管理番号,お問い合わせ番号,発送予定日\r\n{number}-1,{NUMBERS[0]},{later:%Y%m%d}\r\n")

    shown = shipment(desk, f"{number}-1")
    assert (shown["status"], shown["shipped_on"]) == ("instructed", f"{later}")
    waiting = desk.get("/shipments?status=instructed&limit=100")["shipments"]
    assert f"{number}-1" in [one["shipment_id"] for one in waiting]
    assert "shipped_member" not in [mail["template"] for mail in desk.order(number)["mails"]]


def test_row_37_shipped_means_today_unless_a_date_is_given_and_no_other_status_does(desk: Desk, today):
    first, second = desk.place(), desk.place()

    for status in ("instructed", "not_applicable", "not_shipped"):
        assert desk.amend_shipment(f"{first}-1", status=status)["shipped_on"] is None
    assert desk.amend_shipment(f"{first}-1", status="shipped")["shipped_on"] == f"{today}"
    given = desk.amend_shipment(f"{second}-1", status="shipped", shipped_on="2026-11-20")
    assert given["shipped_on"] == "2026-11-20"


def test_row_38_the_ship_date_is_typed_and_corrected_later(desk: Desk):
    number = desk.place()
    desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBERS[0]])

    corrected = desk.amend_shipment(f"{number}-1", shipped_on="2026-11-01")

    assert corrected["shipped_on"] == "2026-11-01"
    changes = [
        (change["before"], change["after"])
        for entry in desk.get(f"/orders/{number}/timeline")["entries"]
        for change in entry.get("changes", [])
        if change["field"] == "shipments.1.shipped_on"
    ]
    assert changes[0][1] == "2026-11-01"


def test_two_orders_with_one_tracking_number_are_both_marked(desk: Desk, today):
    one, other = desk.place(), desk.place()

    rows = drop_rows(desk, *(f"{number}-1,390459983093,{today:%Y/%m/%d},,発送済,,," for number in (one, other)))

    assert len(rows) == 2
    wait_for(lambda: all(desk.order(number)["shared_tracking_numbers"] for number in (one, other)))
    desk.amend_shipment(f"{other}-1", tracking_numbers=["390459983104"])
    wait_for(lambda: not any(desk.order(number)["shared_tracking_numbers"] for number in (one, other)))
