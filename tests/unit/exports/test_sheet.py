"""Orders to rows."""

import csv
import io
import json
from datetime import date

import pytest

from shukka.domain.errors import RuleError
from shukka.domain.exports.columns import columns_of
from shukka.domain.exports.job import ExportKind, LabelRequest, RequestExport
from shukka.domain.exports.sheet import sheet_of, unknown
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.order.order import CANCELLED, COMPLETED, Order, Payment
from shukka.domain.order.totals import Adjustments
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.text.csv_text import Encoding
from tests.builders import a_line, a_member, a_shipment, an_order, some_settings

TODAY = date(2026, 11, 26)
TABLES = [kind for kind in ExportKind if kind is not ExportKind.CARRIER_LABELS]
NUMBERS = ("391510563382", "393061570834")


def table(kind: ExportKind, *orders: Order, encoding: Encoding = Encoding.UTF_8, **request: object):
    """The file's rows by heading, and its problems."""
    sheet = sheet_of(RequestExport(kind=kind, encoding=encoding, **request), some_settings(), TODAY)
    rows = [row for order in orders for row in sheet.rows(order)]
    text = (sheet.beginning() + b"".join(row.text for row in rows)).decode(encoding).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True)), [p for row in rows for p in row.problems]


def labels(*orders: Order, **request: object):
    """発送ID of the labels, and what was said of each shipment."""
    requested = LabelRequest(format=LabelFormat.YAMATO_B2CLOUD, **request)
    sheet = sheet_of(RequestExport(kind=ExportKind.CARRIER_LABELS, labels=requested), some_settings(), TODAY)
    rows = [row for order in orders for row in sheet.rows(order)]
    text = (sheet.beginning() + b"".join(row.text for row in rows)).decode("cp932")
    found = [row[0] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    return found, [(problem.shipment_id, problem.reason) for row in rows for problem in row.problems]


def ship_dates(*orders: Order, **request: object) -> list[str]:
    requested = LabelRequest(format=LabelFormat.YAMATO_B2CLOUD, **request)
    sheet = sheet_of(RequestExport(kind=ExportKind.CARRIER_LABELS, labels=requested), some_settings(), TODAY)
    rows = [row.text.decode("cp932") for order in orders for row in sheet.rows(order)]
    return [row[4] for row in csv.reader(rows)]


# --- tables ---


@pytest.mark.parametrize("kind", TABLES)
def test_headings_are_unique(kind):
    headings = [column.heading for column in columns_of(kind, None)]

    assert len(set(headings)) == len(headings)


def test_an_order_is_one_row_with_the_totals_that_are_printed_everywhere():
    order = an_order(
        lines=(a_line(1), a_line(2, tax_category="standard", unit_price=105, units_per_set=1, quantity=3)),
        adjustments=Adjustments(shipping_fee=800, discount=100),
        payment=Payment(method="bank_transfer", paid_on=TODAY, paid_amount=5_000),
        shipments=(a_shipment(status=ShippingStatus.SHIPPED, tracking_numbers=NUMBERS, shipped_on=TODAY),),
        staff_memo="二階へ\n搬入",
    )

    ((row,), problems) = table(ExportKind.ORDERS, order)

    totals = order.header.totals
    assert problems == []
    assert (row["受注番号"], row["受注日時"], row["対応状況"]) == ("100001", "2026-11-26 12:00:00", "新規注文")
    assert (row["発送状況"], row["送り状番号"], row["発送日"]) == ("発送済", "/".join(NUMBERS), "2026-11-26")
    assert (row["会社名"], row["担当者"], row["都道府県"]) == ("株式会社髙島商店", "﨑山 一郎", "東京都")
    assert (row["決済方法"], row["決済確認日"], row["入金額"]) == ("銀行振込", "2026-11-26", "5000")
    by_rate = {rate.rate: rate for rate in totals.rates}
    assert [int(row[name]) for name in ("10%対象額（税抜）", "10%消費税", "8%対象額（税抜）", "8%消費税")] == [
        by_rate[10].net,
        by_rate[10].tax,
        by_rate[8].net,
        by_rate[8].tax,
    ]
    assert [int(row[name]) for name in ("税抜合計", "消費税", "合計金額")] == [totals.net, totals.tax, totals.total]
    assert row["管理用メモ"] == "二階へ\n搬入"


@pytest.mark.parametrize("kind", [ExportKind.ORDERS, ExportKind.ORDER_LINES])
def test_what_others_call_the_order_stands_in_its_rows(kind):
    order = an_order(customer_order_number="0012345", external_id="web-1", metadata={"channel": "LINE", "店": "=本店"})

    ((row,), _) = table(kind, order)
    ((plain,), _) = table(kind, an_order())

    assert (row["客先注文番号"], row["外部ID"]) == ("0012345", "web-1")
    assert json.loads(row["追加情報"]) == {"channel": "LINE", "店": "=本店"}
    assert (plain["客先注文番号"], plain["外部ID"], plain["追加情報"]) == ("", "", "")


def test_each_line_is_a_row_with_its_order():
    order = an_order(lines=(a_line(1), a_line(2, name="値引き", sku=None, unit_price=-500, units_per_set=1)))

    rows, _ = table(ExportKind.ORDER_LINES, order)

    assert [(row["受注番号"], row["発送ID"], row["商品名"], row["受注数"], row["金額"]) for row in rows] == [
        ("100001", "100001-1", "丸大豆しょうゆ 1.8L", "1", "4140"),
        # Money is in no shipment.
        ("100001", "", "値引き", "1", "-500"),
    ]


def test_a_line_that_is_divided_is_a_row_for_each_shipment_so_that_quantities_add_up():
    lines = (a_line(1, quantity=5), a_line(2, quantity=0))
    shipments = (a_shipment(1, allocations={1: 3}), a_shipment(2, allocations={1: 2}))

    rows, _ = table(ExportKind.ORDER_LINES, an_order(lines=lines, shipments=shipments))

    assert [(row["明細ID"], row["発送ID"], row["受注数"]) for row in rows] == [
        ("1", "100001-1", "3"),
        ("1", "100001-2", "2"),
        ("2", "", "0"),
    ]


def test_a_shipment_is_a_row_in_the_shops_own_format():
    shipment = a_shipment(
        carrier="sagawa",
        status=ShippingStatus.SHIPPED,
        tracking_numbers=NUMBERS,
        shipped_on=TODAY,
        requested_date=date(2026, 11, 28),
        time_slot="午前中",
        external_shipment_code="WMS-1",
        memo="=重い",
    )

    rows, _ = table(ExportKind.SHIPMENTS, an_order(shipments=(shipment,), message_to_member="お待たせしました"))

    assert rows == [
        {
            "発送ID": "100001-1",
            "送り状番号": "391510563382/393061570834",
            "配送業者": "佐川急便",
            "発送状況": "発送済",
            "発送日": "2026-11-26",
            "納品日": "",
            "配送希望日": "2026-11-28",
            "配送時間帯": "午前中",
            "出荷管理番号": "WMS-1",
            "発送メモ": "'=重い",
            "お客様への連絡事項": "お待たせしました",
            "対応状況": "新規注文",
        }
    ]


def test_columns_can_be_chosen():
    rows, _ = table(ExportKind.SHIPMENTS, an_order(), columns=("発送ID", "配送先 会社名", "受注番号"))

    assert rows == [{"発送ID": "100001-1", "配送先 会社名": "株式会社髙島商店", "受注番号": "100001"}]


@pytest.mark.parametrize(("columns", "reason"), [(("受注番号", "値段"), "値段"), (("受注番号", "受注番号"), "2回")])
def test_columns_that_make_no_sense_are_refused(columns, reason):
    with pytest.raises(RuleError, match=reason) as refused:
        columns_of(ExportKind.ORDERS, columns)

    assert refused.value.field == "columns"


def test_codes_can_be_kept_from_spreadsheets():
    shipment = a_shipment(tracking_numbers=("391510563382",))

    rows, _ = table(ExportKind.ORDERS, an_order(shipments=(shipment,)), for_excel=True)

    assert (rows[0]["送り状番号"], rows[0]["電話番号"]) == ('="391510563382"', '="03-0000-1001"')


def test_it_is_said_where_cp932_lacks_a_character():
    order = an_order(member=a_member(name="𠮷田 一郎", company="祝🎉商店"))

    rows, problems = table(ExportKind.ORDERS, order, encoding=Encoding.CP932)

    assert (rows[0]["担当者"], rows[0]["会社名"]) == ("〓田 一郎", "祝〓商店")
    assert [(problem.order_number, problem.column) for problem in problems] == [
        ("100001", "会社名"),
        ("100001", "担当者"),
    ]
    assert "🎉" in problems[0].reason


# --- labels ---


def test_shipments_that_wait_get_labels():
    orders = [
        an_order("100001", shipments=(a_shipment(),)),
        an_order("100002", shipments=(a_shipment(status=ShippingStatus.INSTRUCTED),)),
        an_order("100003", shipments=(a_shipment(status=ShippingStatus.SHIPPED),)),
        an_order("100004", shipments=(a_shipment(status=ShippingStatus.NOT_APPLICABLE),)),
        an_order("100005", handling_status=CANCELLED),
        an_order("100006", handling_status=COMPLETED),
        an_order("100007", shipments=(a_shipment(carrier="sagawa"),)),
    ]

    assert labels(*orders) == (["100001-1", "100002-1"], [])


def test_staff_who_name_shipments_hear_of_each():
    orders = [
        an_order("100001", shipments=(a_shipment(carrier=None),)),
        an_order("100003", shipments=(a_shipment(status=ShippingStatus.SHIPPED),)),
        an_order("100005", handling_status=CANCELLED),
        an_order("100006", handling_status=COMPLETED),
        an_order("100007", shipments=(a_shipment(carrier="sagawa"),)),
    ]

    found, said = labels(*orders, shipments=[f"{order.number}-1" for order in orders])

    assert found == ["100001-1"]
    assert said == [
        ("100003-1", "発送済のため、送り状は不要です"),
        ("100005-1", "受注がキャンセルされています"),
        ("100006-1", "受注が完了しています"),
        ("100007-1", "配送業者が佐川急便です"),
    ]
    assert [row.problems[0].reason for row in unknown(["100009-2"])] == ["発送ID 100009-2 は見つかりません"]


def test_an_incomplete_shipment_is_left_out_with_a_problem():
    found, said = labels(an_order(member=a_member(postal_code=None)), an_order("100002"))

    assert found == ["100002-1"]
    assert said == [("100001-1", "郵便番号がありません")]


def test_a_parcel_leaves_today_or_on_the_day_it_is_instructed_for_or_when_staff_say():
    instructed = a_shipment(status=ShippingStatus.INSTRUCTED, shipped_on=date(2026, 12, 1))
    orders = [an_order("100001"), an_order("100002", shipments=(instructed,))]

    assert ship_dates(*orders) == ["2026/11/26", "2026/12/01"]
    assert ship_dates(*orders, ship_on="2026-11-28") == ["2026/11/28", "2026/11/28"]


def test_a_heading_stands_where_the_software_or_staff_want_it():
    assert labels(an_order())[0] == ["100001-1"]
    assert labels(an_order(), heading=True)[0] == ["お客様管理番号", "100001-1"]
