"""Blocks of rows: as csv.reader would read them, wherever a chunk happens to end, and from any checkpoint on."""

import csv
import io
from unittest.mock import patch

import pytest

from shipment_import import text
from shipment_import.reader import read_blocks
from shipment_import.text import TextSource
from shukka.domain.imports.row import RejectedRow
from tests.unit.shipment_import.files import ALL, MINIMAL, a_file, a_row, csv_bytes, opened, rows_of

SHAPES = {
    "all quoted": {"quoting": ALL},
    "unquoted": {"quoting": MINIMAL},
    "LF": {"quoting": ALL, "end": "\n"},
    "unquoted LF": {"quoting": MINIMAL, "end": "\n"},
    "CR": {"quoting": ALL, "end": "\r"},
    "tabs": {"quoting": ALL, "delimiter": "\t"},
    "unquoted tabs": {"quoting": MINIMAL, "delimiter": "\t"},
}
CELLS = {
    "plain": lambda n: [f"a{n}", "b", "c"],
    "blanks": lambda n: [f"a{n}", "", ""],
    "a blank first cell": lambda n: ["", f"b{n}", ""],
    "line breaks in some": lambda n: [f"a{n}", "b\r\nb" if n % 7 == 0 else "", "\n" if n % 11 == 0 else "c"],
    "quotes in some": lambda n: [f"a{n}", '"b"' if n % 5 == 0 else "b", '""'],
    "separators in cells": lambda n: [",", "\t", f"{n},"],
}


def blocks(body, *, width=3, delimiter=",", after_line=0, chunk=text.CHUNK_BYTES):
    with patch.object(text, "CHUNK_BYTES", chunk):
        chunks = TextSource(io.BytesIO(body)).chunks()
        yield from read_blocks(chunks, width, delimiter, after_line)


@pytest.mark.parametrize("chunk", [8, 64, 1 << 16])
@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_and_their_lines_are_those_of_csv_reader(shape, cells, chunk):
    options = SHAPES[shape]
    body = csv_bytes([CELLS[cells](n) for n in range(60)], **options)
    delimiter = options.get("delimiter", ",")
    reader = csv.reader(io.StringIO(body.decode(), newline=""), delimiter=delimiter, strict=True)
    expected, line = [], 1
    for row in reader:
        expected.append((line, row))
        line = reader.line_num + 1

    found = [
        (start, list(row))
        for block in blocks(body, delimiter=delimiter, chunk=chunk)
        for start, row in zip(block.lines, block, strict=True)
    ]

    assert found == expected


@pytest.mark.parametrize("chunk", [8, 64, 1 << 16])
@pytest.mark.parametrize("cells", ["plain", "line breaks in some"])
def test_reading_goes_on_behind_any_block(cells, chunk):
    body = csv_bytes([CELLS[cells](n) for n in range(60)])
    whole = list(blocks(body, chunk=chunk))
    rows = [(line, list(row)) for block in whole for line, row in zip(block.lines, block, strict=True)]

    for block in whole:
        rest = [
            (line, list(row))
            for later in blocks(body, after_line=block.last_line, chunk=chunk)
            for line, row in zip(later.lines, later, strict=True)
        ]

        assert rest == [(line, row) for line, row in rows if line > block.last_line]


def test_an_upload_goes_on_behind_a_batch_with_the_same_lines():
    body = a_file(*(a_row(n, 発送メモ="一\n二" if n % 3 else "") for n in range(1, 3_000)))
    whole = [(batch.last_line, list(batch.rows())) for batch in opened(body).batches()]

    rest = [row for batch in opened(body).batches(after_line=whole[0][0]) for row in batch.rows()]

    assert len(whole) > 1
    assert rest == [row for _, rows in whole[1:] for row in rows]


def test_nothing_is_left_behind_the_last_batch():
    body = a_file(a_row(1), a_row(2))
    *_, last = opened(body).batches()

    assert list(opened(body).batches(after_line=last.last_line)) == []


def test_cells_come_with_their_rows_as_they_are_in_the_file():
    rows = [a_row(1), a_row(2)[:4], [*a_row(3), "", ""], a_row(4, 送り状番号="1E+11")]

    entries = [entry for batch in opened(a_file(*rows)).batches() for entry in batch]

    assert [list(cells) for _, cells in entries] == rows
    assert [isinstance(row, RejectedRow) for row, _ in entries] == [False, False, False, True]


def test_counting_alone_does_not_make_a_chunk_regular():
    """As many quotes as three cells have, in the wrong places: two cells, and a quote too many."""
    damaged, good = blocks(b'"a"",""b"\r\n"c","d","e"\r\n'), [(2, ["c", "d", "e"])]

    (block,) = damaged
    found = [(line, list(row)) for line, row in zip(block.lines, block, strict=True)]

    assert found == [(1, ['a","b']), *good]
    assert block.remarks[0].reason


@pytest.mark.parametrize("quoting", [ALL, MINIMAL])
def test_rows_that_are_uneven_are_not_shifted_into_each_other(quoting):
    """Too few cells in one row and too many in the next make the right number of cells."""
    (block,) = blocks(csv_bytes([["a", "b"], ["c", "d", "e", ""], ["f", "g", "h"]], quoting=quoting))

    assert [list(row) for row in block] == [["a", "b"], ["c", "d", "e", ""], ["f", "g", "h"]]
    assert [list(column) for column in block.columns] == [["a", "c", "f"], ["b", "d", "g"], ["", "e", "h"]]


def test_a_tall_row_is_one_row_whatever_is_around_it():
    note = "x\n" * 1_500
    body = csv_bytes([["a", "b"], ["c", note, "d"], ["e", "f"], ["g", note, "h"]])

    (block,) = blocks(body)

    assert [list(row) for row in block] == [["a", "b"], ["c", note, "d"], ["e", "f"], ["g", note, "h"]]
    assert (list(block.lines), block.last_line) == ([1, 2, 1503, 1504], 3004)


def test_a_tall_row_behind_a_quote_without_end_is_one_row():
    note = "x\n" * 1_500
    body = b'"a\r\n' + csv_bytes([["b", "c"]] * 900 + [["d", note, "e"]])

    rows = [row for block in blocks(body) for row in block]

    assert len(rows) == 902
    assert list(rows[-1]) == ["d", note, "e"]


def test_a_body_may_come_in_any_portions():
    class Slow(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, 7) if size > 0 else size)

    body = a_file(a_row(1, 発送メモ="能登"), a_row(2, 発送メモ="髙島"), encoding="cp932")

    assert [row for batch in opened(Slow(body)).batches() for row in batch.rows()] == rows_of(body)


def test_what_goes_wrong_with_the_body_is_not_taken_for_the_end_of_the_file():
    class Lost(io.BytesIO):
        def read(self, size=-1, /):
            data = super().read(size)
            if not data:
                raise ConnectionError
            return data

    body = a_file(*(a_row(n) for n in range(1, 3_000)))

    with pytest.raises(ConnectionError):
        [row for batch in opened(Lost(body)).batches() for row in batch.rows()]
