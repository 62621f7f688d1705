"""A file of each layout as it comes: cp932, CRLF, quoted, with line breaks, 5C bytes and odd dates inside."""

from datetime import date
from pathlib import Path

import pytest

from shukka.domain.imports.row import Reference, ReferringRow, ShipmentRow
from tests.unit.shipment_import.files import a_number, opened

FILES = Path(__file__).parents[2] / "fixtures" / "carriers"
DAY = date(2026, 11, 24)
OURS = [a_number(1), a_number(2)]
POST = ["193715301010", "198478840383"]


def read(name):
    with (FILES / name).open("rb") as body:
        upload = opened(body, today=DAY)
        return upload, [row for batch in upload.batches() for row in batch.rows()]


@pytest.mark.parametrize(
    ("name", "format_key", "carrier", "numbers", "lines"),
    [
        ("fukuyama_istar2.csv", "fukuyama_istar2", "fukuyama", ["1234567890", "1234567891"], [2, 4]),
        ("seino_kangaroo_magic2.csv", "seino_kangaroo_magic2", "seino", ["1234567890", "0234567891"], [2, 4]),
        ("seino_okurijo.csv", "seino_kangaroo_magic2", "seino", ["0234567890", "1234567891"], [2, 3]),
        ("sagawa_ehiden3_free.csv", "sagawa_ehiden3", "sagawa", OURS, [2, 3]),
        ("sagawa_toiawase.csv", "sagawa_ehiden3", "sagawa", OURS, [4, 5]),
        ("yamato_b2cloud_semicolon.csv", "yamato_b2cloud", "yamato", OURS, [3, 4]),
        ("yamato_b2cloud_cut_columns.csv", "yamato_b2cloud", "yamato", OURS, [1, 2]),
        ("yupack_print_r_history.csv", "yupack_print_r", "japan_post", POST, [1, 2]),
    ],
)
def test_a_file_is_read_as_it_is(name, format_key, carrier, numbers, lines):
    upload, rows = read(name)

    assert upload.format_key == format_key
    assert all(isinstance(row, ShipmentRow) for row in rows), rows
    assert [str(row.shipment) for row in rows] == ["100001-1", "100002-1"]
    assert [row.tracking_numbers for row in rows] == [(number,) for number in numbers]
    assert {(row.carrier, row.shipped_on, row.status) for row in rows} == {(carrier, DAY, "shipped")}
    assert [row.line for row in rows] == lines
    assert not any(row.warnings for row in rows)


@pytest.mark.parametrize(
    ("name", "format_key", "carrier", "numbers", "references"),
    [
        ("next_engine.csv", "next_engine", "yamato", OURS, [Reference("100001"), Reference("100002")]),
        (
            "clickpost.csv",
            "clickpost",
            "japan_post",
            POST,
            [Reference(recipient="髙島　一郎 様"), Reference(recipient="能登ソース表十㈱")],
        ),
    ],
)
def test_a_file_without_shipment_ids_says_whose_parcels_they_are(name, format_key, carrier, numbers, references):
    upload, rows = read(name)

    assert upload.format_key == format_key
    assert all(isinstance(row, ReferringRow) for row in rows), rows
    assert [row.reference for row in rows] == references
    assert [(row.row.tracking_numbers, row.row.carrier) for row in rows] == [((number,), carrier) for number in numbers]
    assert not any(row.row.warnings for row in rows)
