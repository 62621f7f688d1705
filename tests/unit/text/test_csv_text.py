"""Rows of a file for spreadsheet programs and old business software."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.text.cp932 import holds
from shukka.domain.text.csv_text import CsvText, Encoding, Lost
from shukka.domain.text.spreadsheet import original

cells = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10), min_size=1)


def read(text: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(encoding), newline=""), strict=True))


def test_every_cell_is_quoted_and_every_row_ends_with_crlf():
    assert CsvText(Encoding.UTF_8).row(["a", 'b"c', "d\ne", ""]) == (b'"a","b""c","d\ne",""\r\n', ())


def test_utf_8_begins_with_a_bom_and_cp932_with_nothing():
    assert CsvText(Encoding.UTF_8).beginning == b"\xef\xbb\xbf"
    assert CsvText(Encoding.CP932).beginning == b""


@given(cells)
def test_utf_8_gives_back_every_cell(row):
    text, lost = CsvText(Encoding.UTF_8).row(row)

    assert lost == ()
    assert [[original(cell) for cell in found] for found in read(text, "utf-8")] == [row]


@given(cells)
def test_cp932_never_fails_and_says_which_cells_it_changed(row):
    text, lost = CsvText(Encoding.CP932).row(row)

    (found,) = read(text, "cp932")
    assert len(found) == len(row)
    lossy = {place.cell for place in lost}
    assert all(original(found[n]) == row[n] for n in range(len(row)) if holds(row[n]) and n not in lossy)


def test_characters_that_cp932_lacks_are_replaced_and_reported():
    text, lost = CsvText(Encoding.CP932).row(["髙島", "𠮷田🎉", "12〜14"])

    assert read(text, "cp932") == [["髙島", "〓田〓", "12～14"]]
    assert lost == [Lost(1, "𠮷🎉")]


def test_exact_cells_that_cannot_be_encoded_are_left_blank():
    text, lost = CsvText(Encoding.CP932, exact=True).row(["髙島", "𠮷田", "12〜14"])

    assert read(text, "cp932") == [["髙島", "", ""]]
    assert lost == [Lost(1, "𠮷"), Lost(2, "〜")]


def test_no_cell_calculates():
    text, _ = CsvText(Encoding.CP932).row(["=1+1", "@SUM(A1)", "-2-1", "-800"])

    assert read(text, "cp932") == [["'=1+1", "'@SUM(A1)", "'-2-1", "-800"]]
