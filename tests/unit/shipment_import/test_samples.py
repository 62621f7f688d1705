"""The sample files of a shop, as its carriers' software and its own warehouse wrote them."""

from datetime import date
from pathlib import Path

import pytest

from shukka.domain.imports.row import RejectedRow, ShipmentRow
from shukka.domain.shipping.shipment import ShippingStatus
from tests.unit.shipment_import.files import opened, reasons

SAMPLES = Path(__file__).parents[2] / "fixtures" / "shop"
DAY = date(2026, 11, 24)


def read(name):
    with (SAMPLES / name).open("rb") as body:
        upload = opened(body, today=DAY)
        rows = [row for batch in upload.batches() for row in batch.rows()]
    return upload, rows


@pytest.mark.parametrize(
    ("name", "format_name", "encoding", "carrier", "orders"),
    [
        ("yamato_b2cloud_no_heading.csv", "ヤマトB2クラウド", "cp932", "yamato", [1, 6, 11, 16, 21]),
        ("yamato_b2cloud_heading.csv", "ヤマトB2クラウド", "cp932", "yamato", [2, 7, 12, 17, 22, 2]),
        ("sagawa_ehiden3.csv", "佐川e飛伝III", "utf-8", "sagawa", [3, 8, 13, 18, 23]),
        ("yupack_print_r.csv", "ゆうパックプリントR", "cp932", "japan_post", [4, 9, 14, 19, 24]),
    ],
)
def test_a_carriers_file_is_recognised_and_every_row_of_it_is_good(name, format_name, encoding, carrier, orders):
    upload, rows = read(name)

    assert upload.format_name == format_name
    assert upload.encoding == {"cp932": "Shift_JIS（CP932）", "utf-8": "UTF-8"}[encoding]
    assert [str(row.shipment) for row in rows] == [f"{100000 + order}-1" for order in orders]
    assert {row.carrier for row in rows} == {carrier}
    assert all(len(row.tracking_numbers) == 1 and not row.warnings for row in rows)
    assert [row.line for row in rows] == list(range(2 - ("no_heading" in name), len(rows) + 2 - ("no_heading" in name)))


def test_a_ship_date_ahead_means_instructed_and_any_other_shipped():
    _, today = read("sagawa_ehiden3.csv")
    _, tomorrow = read("yupack_print_r.csv")

    assert {(row.status, row.shipped_on) for row in today} == {(ShippingStatus.SHIPPED, DAY)}
    assert {(row.status, row.shipped_on) for row in tomorrow} == {(ShippingStatus.INSTRUCTED, date(2026, 11, 25))}
    assert all(row.status_follows_from_date for row in [*today, *tomorrow])


def test_two_parcels_of_one_shipment_are_two_rows():
    _, rows = read("yamato_b2cloud_heading.csv")

    assert [row.tracking_numbers for row in rows if row.shipment.order_number == "100002"] == [
        ("391510563382",),
        ("393061570834",),
    ]


def test_the_shops_own_file_in_bcarts_layout():
    upload, rows = read("shop_bcart_layout.csv")

    assert upload.format_name == "Bカート出荷実績"
    assert [row.line for row in rows] == [2, 4, 5, 6, 7, 8, 9]
    first, _, _, _, damaged, _, order_level = rows
    assert isinstance(first, ShipmentRow)
    assert first.message_to_member == "ご確認ください。\n改行を含む連絡です。"
    assert (first.status, first.external_shipment_code) == (ShippingStatus.INSTRUCTED, "WMS-0000")
    assert isinstance(damaged, RejectedRow)
    assert (damaged.problems[0].column, damaged.problems[0].value) == ("送り状番号", "4.44414E+11")
    assert "指数表記" in reasons(damaged)[0]
    assert isinstance(order_level, ShipmentRow)
    assert (order_level.handling_status, order_level.memo) == ("processing", "午前に再確認")
    assert (order_level.tracking_numbers, order_level.shipped_on, order_level.status) == (None, None, None)
