"""What the page says of the CSV is what the importer does."""

import re
from html.parser import HTMLParser

import pytest

from order_api.import_guide import EXPLAINED, guide_page, template_csv
from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.formats import BUILT_IN
from shukka.domain.imports.mapping import NOT_CLEARABLE
from shukka.domain.imports.native import NATIVE_HEADINGS
from shukka.domain.imports.row import RejectedRow, ShipmentRow
from tests.unit.shipment_import.files import csv_bytes, good_row, opened, rows_of

HEADING = [headings[0] for headings in NATIVE_HEADINGS.values()]
FILLED = [EXPLAINED[name].example for name in NATIVE_HEADINGS]


def test_the_template_filled_with_the_page_s_examples_is_taken_whole():
    file = template_csv().encode() + csv_bytes([FILLED])

    row = good_row(file)

    assert opened(file).format_key == "native"
    assert (str(row.shipment), row.tracking_numbers, row.carrier) == ("100123-1", ("391500000010",), "yamato")
    assert not row.warnings
    assert None not in row


def test_the_template_as_it_is_says_that_it_has_no_rows():
    with pytest.raises(FileProblemError, match="データの行がありません"):
        opened(template_csv().encode())


@pytest.mark.parametrize("name", NATIVE_HEADINGS)
def test_each_column_can_be_cleared_or_not_as_the_page_says(name):
    cells = [*FILLED]
    cells[list(NATIVE_HEADINGS).index(name)] = "-"

    (row,) = rows_of(csv_bytes([HEADING, cells]))

    assert isinstance(row, RejectedRow if name in NOT_CLEARABLE else ShipmentRow)


@pytest.mark.parametrize("name", NATIVE_HEADINGS)
def test_each_other_heading_that_the_page_tells_of_is_read(name):
    place = list(NATIVE_HEADINGS).index(name)
    others = next(row for row in tables(guide_page())[0] if row[0] == HEADING[place])[1].split("、")

    for other in filter(None, others):
        heading = [*HEADING]
        heading[place] = other
        assert good_row(csv_bytes([heading, FILLED])) == good_row(csv_bytes([HEADING, FILLED]))


def test_the_page_tells_of_every_format_and_loads_nothing():
    page = guide_page()

    assert [row[0] for row in tables(page)[1]] == [known.name for known in BUILT_IN if known.key != "native"]
    assert all(all(row[1:3]) for row in tables(page)[1])
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["imports/template.csv"]
    assert "<script" not in page


class _Tables(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables = []
        self.in_cell = False

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag == "td":
            self.tables[-1][-1].append("")
        self.in_cell = tag == "td" or (self.in_cell and tag not in {"th", "tr"})

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag != "td"

    def handle_data(self, data):
        if self.in_cell:
            self.tables[-1][-1][-1] += data


def tables(page):
    """The cells of each table's rows, without headings."""
    parser = _Tables()
    parser.feed(page)
    return [[row for row in table if row] for table in parser.tables]
