"""The answer to an upload: every cell as it was, what became of each row, and ready to be dropped again."""

import csv
import io
import re

import pytest

from shipment_import.report import PLANNED, Report, problem_report
from shukka.domain.imports.row import RejectedRow
from shukka.domain.text.spreadsheet import original
from shukka.usecases.shipping.apply_rows import Outcome
from tests.unit.shipment_import.files import (
    MINIMAL,
    NATIVE,
    a_b2cloud_row,
    a_file,
    a_number,
    a_row,
    csv_bytes,
    opened,
    rows_of,
)


def report_on(body, **options):
    """The report on a file of which every good row was applied."""
    upload, file = opened(body), io.BytesIO()
    report = Report(file, upload.heading, continued=False, **options)
    for batch in upload.batches():
        for row, cells in batch:
            problems = row.problems if isinstance(row, RejectedRow) else row.warnings
            outcome = Outcome.REJECTED if isinstance(row, RejectedRow) else Outcome.APPLIED
            report.add(cells, outcome, [str(problem) for problem in problems])
    report.finish()
    return file.getvalue()


def table(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_it_has_the_files_own_columns_and_the_result_of_each_row(encoding):
    rows = [a_row(1, 発送メモ="一\n二"), a_row(2, 発送日="3月1日"), a_row(3)]

    body = report_on(a_file(*rows, encoding=encoding, quoting=MINIMAL))

    assert body.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in body
    heading, *found = table(body)
    assert heading == [*NATIVE, "結果", "理由"]
    assert [list(map(original, row[:-2])) for row in found] == rows
    assert [row[-2] for row in found] == ["反映", "エラー", "反映"]
    assert "年がありません" in found[1][-1]


def test_it_can_be_dropped_again_and_means_the_same():
    memos = ["=1+1", "'=1+1", "-至急", "@x", '="0123"', "+81", "一\n二", "-", "'", "'a"]
    first = a_file(*(a_row(n, 発送メモ=memo) for n, memo in enumerate(memos, start=1)))

    second = report_on(first)
    third = report_on(second)

    assert rows_of(third) == rows_of(second)
    assert [row._replace(line=0) for row in rows_of(second)] == [row._replace(line=0) for row in rows_of(first)]
    assert third == second


def saved_by_a_spreadsheet(body):
    """The file after it was opened and saved: cells that look like numbers are numbers now."""

    def cell(text):
        as_text = re.fullmatch('="(.*)"', text)
        if as_text:
            return as_text[1]
        if not re.fullmatch("[0-9]+", text):
            return text
        return f"{int(text):.5E}" if int(text) >= 10**11 else str(int(text))

    return csv_bytes([[cell(text) for text in row] for row in table(body)], "utf-8-sig", quoting=MINIMAL)


def test_numbers_survive_being_opened_and_saved_in_a_spreadsheet():
    rows = [a_row(n, 出荷管理番号=f"00{n}", 発送メモ="0120345678") for n in range(1, 4)]
    body = a_file(*rows)

    assert "E+" in saved_by_a_spreadsheet(body).decode()
    assert rows_of(saved_by_a_spreadsheet(report_on(body))) == rows_of(body)


def test_what_a_spreadsheet_would_calculate_is_harmless_in_it():
    (_, row) = table(
        report_on(a_file(a_row(1, 発送メモ='=HYPERLINK("http://evil.example")', お客様への連絡事項="－1")))
    )

    assert row[5:7] == ['\'=HYPERLINK("http://evil.example")', "'－1"]


def test_a_file_without_heading_gets_one_by_which_it_is_recognised_again():
    body = csv_bytes([a_b2cloud_row(1), a_b2cloud_row(2)], "cp932")

    second = report_on(body)

    assert table(second)[0][:5] == ["お客様管理番号", "2列目", "3列目", "伝票番号", "出荷予定日"]
    assert opened(second).format_key == "yamato_b2cloud"
    assert [row.shipment for row in rows_of(second)] == [row.shipment for row in rows_of(body)]


def test_results_stand_in_their_columns_whatever_the_length_of_the_row():
    short, long = a_row(1)[:3], [*a_row(2), "多い"]

    heading, first, second = table(report_on(a_file(short, long)))

    assert list(map(original, first[: len(NATIVE)])) == [*short, "", "", "", "", ""]
    assert (first[heading.index("結果")], second[heading.index("結果")]) == ("反映", "エラー")
    assert second[-1] == "多い"


def test_it_goes_on_where_an_earlier_run_stopped():
    whole, parts = io.BytesIO(), io.BytesIO()
    for file, continued in ((whole, False), (parts, False)):
        report = Report(file, NATIVE, continued=continued)
        report.add(a_row(1), Outcome.APPLIED, [])
        if file is parts:
            report.finish()
            report = Report(file, NATIVE, continued=True)
        report.add(a_row(2), Outcome.UNCHANGED, ["同じ"])
        report.finish()

    assert parts.getvalue() == whole.getvalue()


def test_bytes_that_could_not_be_read_show_as_such():
    body = report_on(a_file([*a_row(1), "X1"], heading=(*NATIVE, "住所")).replace(b"X1", b"\x8e"))

    assert table(body)[1][len(NATIVE)] == "\ufffd"


def test_a_dry_run_report_says_what_would_happen():
    assert table(report_on(a_file(a_row(1)), words=PLANNED))[1][-2] == "反映予定"


def test_a_file_that_could_not_be_taken_is_answered_too():
    assert table(problem_report("PDFファイルです")) == [["結果", "理由"], ["エラー", "PDFファイルです"]]


def test_numbers_and_dates_are_as_they_were():
    (_, row) = table(report_on(a_file(a_row(1, 送り状番号=f'="{a_number(1)}"', 発送日="2026-11-25"))))

    assert row[1:3] == [f'="{a_number(1)}"', "2026-11-25"]
