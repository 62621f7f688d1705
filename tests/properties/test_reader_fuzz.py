"""Whatever the bytes, the reader raises nothing but its refusal of the file, and accounts for every line."""

import csv
import io
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shipment_import import text
from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.row import ReferringRow, RejectedRow, ShipmentRow
from tests.unit.shipment_import.files import NATIVE, a_file, a_number, csv_bytes, opened

EXAMPLES = 400

PIECES = [
    b'"', b'""', b'","', b",", b"\r\n", b"\n", b"\r", b"\t", b"-", b"=", b"'", b"|", b"\0", b"\x1a", b"\x81", b"\x8e\\",
    b"100001-1", b"100002-2-F", a_number(1).encode(), b"4.4E+11", b"2026/11/25", "3月1日".encode(), "発送済".encode(),
    "能登".encode("cp932"), "髙".encode(), b"\xff", b"\xef\xbf\xbd", b"\xe2\x80\xa8", b"\x85", b'"a","b"\r\n',
]  # fmt: skip
OTHER_HEADINGS = [
    b"sep=;\r\nshipment_id;tracking_numbers;memo\r\n",
    "出荷一覧\n発送ID|送り状番号\n".encode(),
    "受注番号,送り状番号,出荷管理番号\n".encode("cp932"),
    "申込日時,お問い合わせ番号,お届け先氏名\n".encode(),
    "お客様管理番号,伝票番号,出荷予定日,検索キー1\n".encode("cp932"),
]
HEADINGS = [a_file(), a_file(encoding="cp932"), b"shipment_id,tracking_numbers,memo\r\n", b"shipment_id\tmemo\n"]


def bodies(headings):
    return st.builds(
        lambda heading, pieces: heading + b"".join(pieces),
        st.sampled_from(headings),
        st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=60),
    )


BODIES = bodies(HEADINGS)
CHUNKS = st.sampled_from([16, 64, 1 << 16])


@settings(max_examples=EXAMPLES, deadline=None)
@given(body=st.binary(max_size=400) | BODIES | bodies(OTHER_HEADINGS), chunk=CHUNKS)
def test_nothing_but_a_refusal_of_the_file_is_raised(body, chunk):
    with patch.object(text, "CHUNK_BYTES", chunk):
        for batch in batches_of(body):
            for row, cells in batch:
                assert isinstance(row, ShipmentRow | ReferringRow | RejectedRow)
                assert not isinstance(row, RejectedRow) or all(problem.reason for problem in row.problems)
                assert not isinstance(row, ReferringRow) or any(row.reference)
                assert all(isinstance(cell, str) for cell in cells)


@settings(max_examples=EXAMPLES, deadline=None)
@given(body=BODIES, chunk=CHUNKS)
@example(body=a_file() + b'"a"",""b"\r\n', chunk=16)
@example(body=a_file() + b'"100001-1","\r\n"a","b"\r\n', chunk=16)
def test_every_line_is_in_a_row_that_is_read_or_reported_or_is_blank(body, chunk):
    with patch.object(text, "CHUNK_BYTES", chunk):
        try:
            upload = opened(body)
        except FileProblemError:
            return
        found = [(row.line, list(cells)) for batch in upload.batches() for row, cells in batch]
    codec = "cp932" if "CP932" in upload.encoding else "utf-8"
    delimiter = "\t" if b"\t" in body.split(b"\n")[0] else ","
    decoded = body.decode(codec, "surrogateescape")
    expected = rows_by_hand(decoded, delimiter, len(upload.heading))

    assert [line for line, _ in found] == [line for line, _ in expected]
    assert all(cells == wanted for (_, cells), (_, wanted) in zip(found, expected, strict=True) if wanted is not None)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data(), chunk=CHUNKS)
def test_resuming_behind_any_batch_loses_and_repeats_nothing(data, chunk):
    body = data.draw(BODIES | bodies(OTHER_HEADINGS))
    with patch.object(text, "CHUNK_BYTES", chunk):
        batches = [(batch.last_line, list(batch)) for batch in batches_of(body)]
        stop = data.draw(st.integers(0, len(batches)))
        done = batches[stop - 1][0] if stop else 0
        rest = [entry for batch in batches_of(body, after_line=done) for entry in batch]

    assert rest == [entry for _, entries in batches[stop:] for entry in entries]


CELL = st.text(st.sampled_from("a1-'|=@ \u3000\"\r\n,能髙\ue000\x07"), max_size=4)
KEYS = st.sampled_from(["100001-1", "100002-2", "100003-3-F", "１００００４－１", "-", "", "x"]) | CELL
NUMBERS = st.sampled_from([a_number(1), a_number(2), f"{a_number(3)} {a_number(4)}", "", "-", "12", "4E+11"]) | CELL
DATES = st.sampled_from(["2026/11/25", "20261127", "", "-", "3月1日", "2020/1/1"]) | CELL
STATUSES = st.sampled_from(["", "発送済", "shipped", "-", "?"])
HANDLINGS = st.sampled_from(["", "処理中", "on_hold", "-", "?"])
ROWS = st.lists(st.tuples(KEYS, NUMBERS, DATES, CELL, STATUSES, CELL, CELL, HANDLINGS), min_size=1, max_size=6)


@settings(max_examples=EXAMPLES, deadline=None)
@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_a_row_is_read_the_same_alone_and_among_others(rows, quoting):
    """Alone, most columns are proved to be clean at once; among others, most are read cell by cell."""
    body = csv_bytes([NATIVE, *rows], quoting=quoting)
    alone = [result for row in rows for result in results(csv_bytes([NATIVE, row], quoting=quoting))]

    assert [without_line(result) for result in results(body)] == [without_line(result) for result in alone]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@settings(max_examples=EXAMPLES, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12), chunk=CHUNKS)
def test_every_table_that_can_be_written_is_read_as_it_was(rows, quoting, chunk):
    heading = ("shipment_id", "tracking_numbers", "memo")
    filled = [["100001-1", *row[1:]] for row in rows]

    with patch.object(text, "CHUNK_BYTES", chunk):
        found = [
            list(cells)
            for batch in opened(csv_bytes([heading, *filled], quoting=quoting)).batches()
            for _, cells in batch
        ]

    assert found == filled


def batches_of(body, after_line=0):
    """None where the file as a whole is refused."""
    try:
        return opened(body).batches(after_line)
    except FileProblemError:
        return iter(())


def results(body):
    return [row for batch in batches_of(body) for row in batch.rows()]


def without_line(result):
    if isinstance(result, RejectedRow):
        return [problem._replace(line=0) for problem in result.problems]
    return result._replace(line=0, warnings=[warning._replace(line=0) for warning in result.warnings])


def rows_by_hand(decoded, delimiter, width):
    """(line, cells) of every row behind the heading that is not blank, character by character; None for damaged ones.

    A row that is no valid CSV costs its first line; reading goes on behind that.
    """
    lines = list(io.StringIO(decoded, newline=""))
    rows, at = [], 0
    while at < len(lines):
        cells, height = row_by_hand("".join(lines[at:]), delimiter)
        blank = not any(cells) if cells and len(cells) == width else not "".join(cells or ["x"]).strip(" \t\u3000\x1a")
        if not blank:
            rows.append((at + 1, cells))
        at += height
    return rows[1:]


def row_by_hand(rest, delimiter):
    cells, cell, at, quoted = [], "", 0, False
    while at < len(rest):
        char = rest[at]
        if quoted:
            if char != '"':
                cell += char
            elif rest[at + 1 : at + 2] == '"':
                cell += '"'
                at += 1
            elif rest[at + 1 : at + 2] not in {delimiter, "\r", "\n", ""}:
                return None, 1
            else:
                quoted = False
        elif char == '"' and not cell and (at == 0 or rest[at - 1] == delimiter):
            quoted = True
        elif char == delimiter:
            cells.append(cell)
            cell = ""
        elif char in "\r\n":
            end = at + (2 if rest[at : at + 2] == "\r\n" else 1)
            return [*cells, cell], len(list(io.StringIO(rest[:end], newline="")))
        else:
            cell += char
        at += 1
    return (None, 1) if quoted else ([*cells, cell], len(list(io.StringIO(rest, newline=""))))
