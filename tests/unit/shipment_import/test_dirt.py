"""Every kind of dirt that uploaded files come with: read through it where that is safe, and said in words where not."""

import csv
from datetime import date

import pytest

from shipment_import import text
from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.row import Clear, RejectedRow, ShipmentRow
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.text.spreadsheet import harmless
from tests.unit.shipment_import.files import (
    ALL,
    MINIMAL,
    NATIVE,
    YUPACK,
    a_bad_number,
    a_file,
    a_number,
    a_row,
    good_row,
    opened,
    reasons,
    rows_of,
)

CLEAN = good_row(a_file(a_row(発送メモ="至急")))


FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")
ROW = a_row(発送メモ="至急")
NUMBER = ROW[1]


def with_cells(**cells):
    return a_file(a_row(発送メモ="至急", **cells))


MEANS_THE_SAME = {
    "UTF-8": a_file(ROW),
    "UTF-8 with a BOM": a_file(ROW, encoding="utf-8-sig"),
    "cp932": a_file(ROW, encoding="cp932"),
    "UTF-16 with a BOM and tabs: Excel's Unicode テキスト": a_file(ROW, encoding="utf-16", delimiter="\t"),
    "UTF-16 big endian": b"\xfe\xff" + a_file(ROW, encoding="utf-16-be"),
    "LF": a_file(ROW, end="\n"),
    "CR": a_file(ROW, end="\r"),
    "mixed line ends": a_file(end="\r") + a_file(ROW, end="\n").split(b"\n", 1)[1],
    "no line end at the end": a_file(ROW).removesuffix(b"\r\n"),
    "unquoted": a_file(ROW, quoting=MINIMAL),
    "only what is there is quoted": a_file(ROW).replace(b'""', b""),
    "trailing empty columns": a_file([*ROW, "", ""], heading=(*NATIVE, "", "")),
    "empty columns in the row alone": a_file([*ROW, "", "", ""]),
    "trailing empty lines": a_file(ROW) + b"\r\n\r\n\r\n",
    "empty lines in between": a_file() + b"\r\n\r\n" + a_file(ROW).split(b"\r\n", 1)[1],
    "lines of nothing but commas": a_file(ROW, [""] * len(NATIVE), quoting=MINIMAL),
    "rows of nothing but quotes": a_file([""] * len(NATIVE), ROW),
    "Ctrl-Z at the end": a_file(ROW) + b"\x1a",
    "blanks around the cells": a_file([f" {cell}　" for cell in ROW[:5]] + ROW[5:]),
    "a number in full width": with_cells(送り状番号=NUMBER.translate(FULL_WIDTH)),
    "a number in groups": with_cells(送り状番号=f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}"),
    "a number in groups of another hyphen": with_cells(送り状番号=f"{NUMBER[:4]}−{NUMBER[4:]}"),
    "a number in groups with blanks": with_cells(送り状番号=f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}"),
    'a number as ="…"': with_cells(送り状番号=f'="{NUMBER}"'),
    'a number as ="…", unquoted': a_file(ROW, quoting=MINIMAL).replace(NUMBER.encode(), f'="{NUMBER}"'.encode()),
    "a number made harmless for Excel": with_cells(送り状番号=f"'={NUMBER}").replace(b"'=", b"'-"),
    "the key in full width": with_cells(発送ID=ROW[0].translate(FULL_WIDTH)),
    'the key as ="…"': with_cells(発送ID=f'="{ROW[0]}"'),
    "the key with a suffix": with_cells(発送ID=f"{ROW[0]}-F"),
    "2026-11-25": with_cells(発送日="2026-11-25"),
    "20261125": with_cells(発送日="20261125"),
    "2026年11月25日": with_cells(発送日="2026年11月25日"),
    "a date in full width": with_cells(発送日="２０２６／１１／２５"),
    "a date with a time": with_cells(発送日="2026/11/25 0:00"),
    "headings in full width and with blanks": a_file(ROW, heading=("発送ＩＤ", " 送り状番号 ", *NATIVE[2:])),
    "the API's names": a_file(
        ROW, heading=("shipment_id", "tracking_numbers", "shipped_on", *NATIVE[3:5], "memo", *NATIVE[6:])
    ),
    "columns in another order": a_file(ROW[::-1], heading=NATIVE[::-1]),
    "other columns": a_file(["x", *ROW, "y"], heading=("店舗", *NATIVE, "備考")),
}


@pytest.mark.parametrize("name", MEANS_THE_SAME)
def test_harmless_dirt_changes_nothing(name, tmp_path):
    path = tmp_path / "upload.csv"
    path.write_bytes(MEANS_THE_SAME[name])

    with path.open("rb") as file:
        rows = [row for batch in opened(file).batches() for row in batch.rows()]

    assert [row._replace(line=2) for row in rows] == [CLEAN]


def test_the_clean_row():
    assert (
        ShipmentRow(
            line=2,
            shipment=ShipmentId("100001", 1),
            tracking_numbers=(a_number(1),),
            carrier=None,
            status=None,
            shipped_on=date(2026, 11, 25),
            delivered_on=None,
            requested_date=None,
            time_slot=None,
            external_shipment_code=None,
            memo="至急",
            message_to_member=None,
            handling_status=None,
            status_follows_from_date=False,
            warnings=(),
        )
        == CLEAN
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize(
    "memo", ["能登", "ソ", "表", "十", "①㈱髙﨑～－", "ﾃﾞｰﾀ", 'a"b', "a,b", "a\nb", "全角　空白", "それ|これ"]
)
def test_characters_that_break_other_readers_stay_as_they_are(memo, quoting, encoding):
    assert good_row(a_file(a_row(発送メモ=memo), encoding=encoding, quoting=quoting)).memo == memo


def test_line_breaks_in_cells_are_kept_and_count_as_lines():
    body = a_file(a_row(1, 発送メモ="一\r\n二\r三\n四"), a_row(2), a_row(3, 出荷管理番号="一\n二"), a_row(4))

    first, second, third, fourth = rows_of(body)

    assert first.memo == "一\n二\n三\n四"
    assert [row.line for row in (first, second, third, fourth)] == [2, 6, 7, 9]
    assert "改行" in reasons(third)[0]


def test_a_heading_of_two_lines_counts_as_two():
    assert good_row(a_file(a_row(), heading=("発送\nID", *NATIVE[1:]))).line == 3


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("送り状番号", "4.44414E+11", "指数表記"),
        ("送り状番号", "4.44414Ｅ＋11", "指数表記"),
        ("送り状番号", "123", "4～30文字"),
        ("送り状番号", "番号なし", "4～30文字"),
        ("送り状番号", f"{a_number()},12", "4～30文字"),
        ("発送日", "2024-02-31", "暦にない"),
        ("発送日", "20261301", "暦にない"),
        ("発送日", "3月1日", "年がありません"),
        ("発送日", "3/1", "年がありません"),
        ("発送日", "1-Mar", "年がありません"),
        ("発送日", "26/11/25", "年が2桁"),
        ("発送日", "46351", "シリアル値"),
        ("発送日", "2.02611E+07", "指数表記"),
        ("発送日", "########", "列の幅"),
        ("発送日", "1026/11/25", "2000年"),
        ("発送日", "あした", "日付として読めません"),
        ("発送ID", "", "空です"),
        ("発送ID", "100001", "発送IDではありません"),
        ("発送ID", "POC003", "発送IDではありません"),
        ("発送ID", "0100001-1", "発送IDではありません"),
        ("発送ID", "-", "空にできません"),
        ("発送状況", "発送した", "未発送、発送指示、発送済、対象外"),
        ("発送状況", "-", "空にできません"),
        ("対応状況", "配達中", "新規注文、処理中"),
        ("対応状況", "-", "空にできません"),
        ("出荷管理番号", "あ" * 256, "255文字以内"),
        ("出荷管理番号", "A\0B", "NUL"),
        ("発送メモ", "A\x07B", "制御文字"),
        ("発送メモ", "\ue000", "外字"),
        ("お客様への連絡事項", "あ" * 10_001, "10,000文字以内"),
    ],
)
def test_a_damaged_cell_is_reported_with_its_place_and_stops_no_other_row(column, cell, words):
    body = a_file(a_row(1), a_row(2, **{column: cell}), a_row(3))

    before, damaged, after = rows_of(body)

    assert isinstance(before, ShipmentRow)
    assert isinstance(after, ShipmentRow)
    assert isinstance(damaged, RejectedRow)
    (problem,) = damaged.problems
    assert (problem.line, problem.column) == (3, column)
    assert words in problem.reason
    assert len(problem.value) <= 41


def test_everything_wrong_with_a_row_is_said_at_once():
    _, damaged = rows_of(a_file(a_row(1), a_row(2, 送り状番号="1E+11", 発送日="3月1日", 発送状況="?")))

    assert [problem.column for problem in damaged.problems] == ["送り状番号", "発送日", "発送状況"]


def test_a_problem_reads_as_a_sentence():
    (damaged,) = rows_of(a_file(a_row(1, 発送日="2024-02-31")))

    assert str(damaged.problems[0]) == "2行目「発送日」: 暦にない日付です（2024-02-31）"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "空です"),
        (b"\xef\xbb\xbf", "空です"),
        (b"\r\n \r\n", "空です"),
        (b"PK\x03\x04\x14\0\x06\0" + b"\0" * 20 + b"[Content_Types].xml", "Excelブック（.xlsx）"),
        (b"PK\x03\x04\x14\0\0\0" + b"\0" * 20 + b"yamato.csv", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"<!DOCTYPE html><html>", "Webページ"),
        (a_file(a_row(), encoding="utf-16-le"), "UTF-16"),
        (a_file(), "データの行がありません"),
        (b'"' + a_file(a_row()), "引用符"),
        (a_file(a_row(), heading=("番号", "追跡", *NATIVE[2:])), "「番号」「追跡」"),
        (b"\xff" * 50, "どの形式のファイルか分かりません"),
        (b'{"orders": []}', "どの形式のファイルか分かりません"),
        (b",\r\n,\r\n", "読める行がありません"),
        (b"a" * 1_200_000, "読める行がありません"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_words(body, words):
    with pytest.raises(FileProblemError, match=words):
        opened(body)


def test_what_settles_an_excel_book_is_said():
    with pytest.raises(FileProblemError, match="CSV UTF-8（コンマ区切り）"):
        opened(b"PK\x03\x04 xl/workbook.xml")


@pytest.mark.parametrize(("quoting", "whole", "broken"), [(ALL, '"X"', '"X'), (MINIMAL, "X", '"X')])
def test_an_unclosed_quote_costs_its_own_row_alone(quoting, whole, broken):
    body = a_file(*(a_row(n, お客様への連絡事項="X" * (n == 3)) for n in range(1, 6)), quoting=quoting)

    rows = rows_of(body.replace(whole.encode(), broken.encode()))

    assert [(row.line, isinstance(row, RejectedRow)) for row in rows] == [
        (2, False),
        (3, False),
        (4, True),
        (5, False),
        (6, False),
    ]
    assert "引用符" in reasons(rows[2])[0]


def test_a_quote_within_a_quoted_cell_costs_its_own_row_alone():
    body = a_file(a_row(1), a_row(2, 発送メモ="X"), a_row(3)).replace(b'"X"', b'"say "X""')

    rows = rows_of(body)

    assert [(row.line, isinstance(row, RejectedRow)) for row in rows] == [(2, False), (3, True), (4, False)]
    assert rows[1].problems[0].value.startswith('"100002-1"')


def test_a_cell_without_end_costs_its_own_row_alone():
    body = a_file(a_row(1), quoting=MINIMAL) + b'100002-1,"' + b"x" * 140_000 + b"\r\n" + b'100003-1,"",\r\n'

    rows = rows_of(body)

    assert [(row.line, isinstance(row, RejectedRow)) for row in rows] == [(2, False), (3, True), (4, False)]


def test_a_line_without_end_is_where_reading_ends():
    rows = rows_of(a_file(a_row(1)) + b"x" * 1_200_000)

    assert [row.line for row in rows] == [2, 3]
    assert "1行が長すぎる" in reasons(rows[1])[0]


def test_a_row_without_end_is_where_reading_ends():
    rows = rows_of(a_file(a_row(1)) + b'"a\nb",' * 300_000)

    assert rows[0].line == 2
    assert "1行が長すぎる" in reasons(rows[-1])[0]


def test_a_file_that_was_cut_off_does_not_pass_for_a_whole_one():
    body = a_file(a_row(1), a_row(2))

    rows = rows_of(body[: body.rindex(b",")])

    assert isinstance(rows[0], ShipmentRow)
    assert "途中で切れています" in reasons(rows[1])[0]


LAST = ("発送ID", "発送日", "送り状番号")
KEY_LAST = ("送り状番号", "発送日", "発送ID")
DAY_LAST = ("発送ID", "送り状番号", "発送日")
ROW_LAST = ["100001-1", "2026/11/25", a_number(1)]


def unquoted(heading, *rows):
    """Without a line end behind the last row."""
    return a_file(*rows, heading=heading, quoting=MINIMAL).removesuffix(b"\r\n")


@pytest.mark.parametrize(
    ("body", "column"),
    [
        (unquoted(LAST, ROW_LAST)[:-1], "送り状番号"),
        (unquoted(LAST, ROW_LAST, ["100002-1", "2026/11/25", a_number(2)])[:-3], "送り状番号"),
        (unquoted(KEY_LAST, [a_number(1), "", "100001-12"], [a_number(2), "", "100001-13"])[:-1], "発送ID"),
        (unquoted(KEY_LAST, [a_number(1), "", "100001-1"])[:-1], "発送ID"),
        (unquoted(DAY_LAST, ["100001-1", a_number(1), "2026/11/25"])[:-1], "発送日"),
        (a_file(ROW_LAST, heading=LAST)[:-4], ""),
    ],
    ids=["a number", "a number among others", "a key that would be another's", "no key any more", "a day", "quotes"],
)
def test_a_last_cell_that_may_be_cut_holds_its_row(body, column):
    *_, last = rows_of(body)

    assert isinstance(last, RejectedRow)
    assert last.problems[0].column == column
    assert "途中で切れている" in reasons(last)[0] or "途中で切れています" in reasons(last)[0]


@pytest.mark.parametrize(
    "body",
    [
        a_file(ROW_LAST, heading=LAST).removesuffix(b"\r\n"),
        unquoted(LAST, ROW_LAST),
        unquoted(DAY_LAST, ["100001-1", a_number(1), "2026/11/25"]),
        unquoted(DAY_LAST, ["100001-1", a_number(1), "20261125"]),
        unquoted(DAY_LAST, ["100001-1", a_number(1), "2026年11月25日"]),
        unquoted(DAY_LAST, ["100001-1", a_number(1), ""]),
        unquoted(KEY_LAST, [a_number(1), "", "100001-1"], [a_number(2), "", "100002-1"]),
        unquoted((*LAST, "発送メモ"), [*ROW_LAST, "至急"]),
        unquoted((*LAST, "備考"), [*ROW_LAST, "取り込まない列"]),
    ],
    ids=["quoted", "checked", "a day", "digits", "a day in words", "blank", "as long as others", "text", "unused"],
)
def test_a_whole_last_cell_without_a_line_end_is_taken(body):
    assert all(isinstance(row, ShipmentRow) for row in rows_of(body))


def test_what_is_as_long_as_the_cells_of_the_chunk_before_is_whole(monkeypatch):
    monkeypatch.setattr(text, "CHUNK_BYTES", 64)
    rows = [["", "2026/11/25", f"{100000 + n}-1"] for n in range(1, 20)]

    assert all(isinstance(row, ShipmentRow) for row in rows_of(unquoted(KEY_LAST, *rows)))


def test_too_few_columns_are_taken_for_empty_ones_and_said():
    """Excel leaves out empty cells at the end of rows."""
    short, full = rows_of(a_file(a_row(1)[:3], a_row(2)))

    assert (short.tracking_numbers, short.memo) == ((a_number(1),), None)
    assert "見出し8列、この行3列" in short.warnings[0].reason
    assert not full.warnings


def test_too_many_columns_are_refused():
    rows = rows_of(a_file(a_row(1), [*a_row(2)[:5], "メモ", "と続き", "", "", "新規"], a_row(3)))

    assert [isinstance(row, RejectedRow) for row in rows] == [False, True, False]
    assert "見出し8列、この行10列" in reasons(rows[1])[0]


def test_unreadable_bytes_in_a_column_that_counts_refuse_the_row():
    body = a_file(a_row(1, 発送メモ="X1"), a_row(2)).replace(b"X1", b"\xe3\x83")

    damaged, good = rows_of(body)

    assert damaged.problems[0].column == "発送メモ"
    assert "文字コード" in reasons(damaged)[0]
    assert isinstance(good, ShipmentRow)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_unreadable_bytes_elsewhere_are_said_and_harm_nothing(encoding):
    """Address labels are cut at so many bytes, in the middle of a character."""
    heading = (*YUPACK, "お届け先")
    body = a_file(
        [*a_row(1, YUPACK), "東京都X1"], [*a_row(2, YUPACK), "東京都"], heading=heading, encoding=encoding
    ).replace(b"X1", b"\x8e")

    cut, good = rows_of(body)

    assert cut.tracking_numbers == (a_number(1),)
    assert (cut.warnings[0].column, cut.warnings[0].line) == ("お届け先", 2)
    assert not good.warnings


def test_a_lost_character_is_said():
    row = good_row(a_file(a_row(発送メモ="髙\ufffd様")))

    assert (row.memo, row.warnings[0].column) == ("髙\ufffd様", "発送メモ")


def test_one_bad_byte_does_not_make_utf8_into_cp932():
    body = a_file(a_row(1, 発送メモ="午前X1"), a_row(2, 発送メモ="午後")).replace(b"X1", b"\xff")

    damaged, good = rows_of(body)

    assert isinstance(damaged, RejectedRow)
    assert good.memo == "午後"


def test_the_encoding_is_settled_by_the_first_character_that_is_not_ascii():
    heading = ("shipment_id", "tracking_numbers", "shipped_on", "memo")
    rows = [[f"{100000 + n}-1", a_number(n), "2026/11/25", ""] for n in range(1, 6_001)]
    rows[-1][-1] = "能登"

    upload = opened(a_file(*rows, heading=heading, encoding="cp932"))
    found = [row for batch in upload.batches() for row in batch.rows()]

    assert (len(found), found[-1].memo) == (6_000, "能登")
    assert upload.encoding == "Shift_JIS（CP932）"


def test_nul_bytes_that_a_crash_left_are_refused():
    rows = rows_of(a_file(a_row(1)) + b"\0" * 20)

    assert isinstance(rows[0], ShipmentRow)
    assert isinstance(rows[1], RejectedRow)


def test_a_blank_keeps_and_a_hyphen_clears():
    blank = good_row(a_file(a_row(送り状番号="", 発送日="")))
    cleared = good_row(
        a_file(a_row(送り状番号="-", 発送日="-", 出荷管理番号="－", 発送メモ="-", お客様への連絡事項="−"))
    )

    assert (blank.tracking_numbers, blank.shipped_on, blank.memo) == (None, None, None)
    assert {
        cleared.tracking_numbers,
        cleared.shipped_on,
        cleared.external_shipment_code,
        cleared.memo,
        cleared.message_to_member,
    } == {Clear.CLEAR}


@pytest.mark.parametrize("memo", ["=1+1", "-至急", "+81-3", "@SUM", "＝１"])
def test_what_was_made_harmless_for_spreadsheets_is_the_same_again(memo):
    assert good_row(a_file(a_row(発送メモ=harmless(memo)))).memo == memo
    assert harmless(memo) == f"'{memo}"


@pytest.mark.parametrize("cell", ["発送済", "発送済み", "shipped", "ＳＨＩＰＰＥＤ", " 発送済 "])
def test_a_status_is_a_label_or_a_key(cell):
    assert good_row(a_file(a_row(発送状況=cell))).status is ShippingStatus.SHIPPED


@pytest.mark.parametrize("cell", ["処理中", "processing"])
def test_a_handling_status_is_a_label_or_a_key(cell):
    assert good_row(a_file(a_row(対応状況=cell))).handling_status == "processing"


@pytest.mark.parametrize("separator", [",", "、", ";", "/", "\n", " "])
def test_one_cell_may_hold_the_numbers_of_several_parcels(separator):
    row = good_row(a_file(a_row(送り状番号=separator.join([a_number(1), a_number(2), a_number(1)]))))

    assert row.tracking_numbers == (a_number(1), a_number(2))


def test_a_date_a_year_away_is_questioned():
    first, second = rows_of(a_file(a_row(1, 発送日="2025/11/24"), a_row(2)))

    assert "年を確認" in first.warnings[0].reason
    assert not second.warnings


def test_a_carriers_number_with_an_impossible_digit_is_refused_and_an_unlikely_one_questioned():
    numbers = [a_bad_number(9), a_bad_number(3), "1234567891", "1234567890", "FALSE", "none", "1234,5678,9012"]
    impossible, unlikely, lost_zero, short, *words, groups = rows_of(
        a_file(*(a_row(n, YUPACK, お問い合わせ番号=number) for n, number in enumerate(numbers, 1)), heading=YUPACK)
    )

    assert "検査数字" in reasons(impossible)[0]
    assert "検査数字" in unlikely.warnings[0].reason
    assert "先頭の0" in lost_zero.warnings[0].reason
    assert "桁" in reasons(short)[0]
    assert [reasons(word) for word in words] == [["送り状番号ではありません。番号を入れてください"]] * 2
    assert "途中で区切られている" in reasons(groups)[0]


def test_a_label_that_was_never_issued_does_not_pass_for_a_shipment():
    several = f"{a_number(1)},{a_number(2)}"
    rows = [a_row(n, YUPACK, お問い合わせ番号=cell) for n, cell in enumerate([several, "", "-"], start=1)]

    good, blank, cleared = rows_of(a_file(*rows, heading=YUPACK))

    assert isinstance(good, ShipmentRow)
    assert "送り状番号が空" in reasons(blank)[0]
    assert "送り状番号が空" in reasons(cleared)[0]
