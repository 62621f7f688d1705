"""Which file is this: every layout, by its heading or its content; and ambiguity in words that settle it."""

from datetime import date

import pytest

from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.formats import BUILT_IN, NATIVE
from shukka.domain.imports.mapping import ImportField, ImportMapping, ImportSettings, StatusRule
from shukka.domain.imports.row import Reference, ReferringRow, RejectedRow
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS
from shukka.domain.shipping.shipment import ShippingStatus
from tests.unit.shipment_import.files import (
    YUPACK,
    a_b2cloud_row,
    a_file,
    a_number,
    a_row,
    csv_bytes,
    good_row,
    opened,
    reasons,
    rows_of,
)

B2 = ("お客様管理番号", "伝票番号", "出荷予定日")
EHIDEN = ("お客様管理番号", "お問い合せ送り状No.", "出荷日")


def own(name="倉庫の出荷実績", **fields):
    columns = {"shipment_id": "注文キー", "tracking_numbers": "追跡番号", "shipped_on": "出庫日"}
    return ImportMapping(name=name, **{"columns": columns, **fields})


def own_file(heading=("注文キー", "追跡番号", "出庫日")):
    return a_file(a_row(1, heading), heading=heading)


@pytest.mark.parametrize(
    ("heading", "key", "carrier"),
    [
        (("発送ID", "送り状番号", "発送日"), "native", None),
        (("shipment_id", "tracking_number", "shipped_on"), "native", None),
        (("Bカート発送ID", "送り状番号", "発送日"), "bcart", None),
        (B2, "yamato_b2cloud", "yamato"),
        (EHIDEN, "sagawa_ehiden3", "sagawa"),
        (("お客様管理番号", "お問い合せ送り状NO", "出荷日"), "sagawa_ehiden3", "sagawa"),
        (("お客様管理番号", "お問い合せ送り状Ｎｏ．", "出荷日"), "sagawa_ehiden3", "sagawa"),
        (("お客様管理番号", "お問合せ送り状", "出荷日"), "sagawa_ehiden3", "sagawa"),
        (("お客様管理番号", "お問い合せ送り状", "出荷日"), "sagawa_ehiden3", "sagawa"),
        (("お客様管理番号", "問い合せ№", "出荷日"), "sagawa_ehiden3", "sagawa"),
        (("お客様管理ナンバー", "お問合せ送り状", "出荷日"), "sagawa_ehiden2", "sagawa"),
        (("お客様管理番号", "送り状番号", "出荷日", "登録日"), "fukuyama_istar2", "fukuyama"),
        (("管理番号", "送り状番号", "出荷日"), "seino_kangaroo_magic2", "seino"),
        (("管理番号", "原票No.", "出荷日"), "seino_kangaroo_magic2", "seino"),
        (("\ufeff発送ID", "送り状\u200b番号", "発送日"), "native", None),
        (("お客様管理ナンバー", "お問い合せ送り状NO", "出荷日"), "sagawa_ehiden2", "sagawa"),
        (YUPACK, "yupack_print_r", "japan_post"),
        (("お客様側管理番号", "お問い合わせ番号", "仮引受確定作業年月日"), "yupack_print_r", "japan_post"),
        (("管理番号", "お問合せ番号", "出荷予定日"), "seino_kangaroo_magic2", "seino"),
    ],
)
def test_a_layout_is_recognised_by_its_heading(heading, key, carrier):
    number = a_number(1)[:10] if carrier == "seino" else a_number(1)
    body = a_file(a_row(1, heading, **{heading[1]: number}), heading=heading)

    row = good_row(body)

    assert opened(body).format_key == key
    assert (row.tracking_numbers, row.shipped_on, row.carrier) == ((number,), date(2026, 11, 25), carrier)
    assert row.status is (ShippingStatus.SHIPPED if carrier else None)


def test_the_free_layout_of_ehiden_may_start_with_the_number():
    heading = ("お問い合せ送り状No.", "お届け先名称", "お客様管理番号", "出荷日")

    row = good_row(a_file([a_number(1), "吉田", "100001-1", "2026/11/25"], heading=heading))

    assert (row.tracking_numbers, row.carrier) == ((a_number(1),), "sagawa")


def test_every_column_of_the_native_layout_is_read():
    heading = [names[0] for names in NATIVE.headings.values()]
    cells = ["100001-1", a_number(), "佐川急便", "発送済", "2026/11/25", "20261127", "2026-11-28", "午前中"]

    row = good_row(a_file([*cells, "WMS-1", "至急", "本日出荷", "完了"], heading=heading))

    assert row[2:-2] == (
        (a_number(),),
        "sagawa",
        ShippingStatus.SHIPPED,
        date(2026, 11, 25),
        date(2026, 11, 27),
        date(2026, 11, 28),
        "午前中",
        "WMS-1",
        "至急",
        "本日出荷",
        "completed",
    )


def test_numbers_are_checked_by_the_rule_of_the_rows_own_carrier():
    heading = ("発送ID", "送り状番号", "配送業者")
    unlikely = "391500000001"

    sagawa, fukuyama, unknown, seino = rows_of(
        a_file(
            ["100001-1", unlikely, "佐川急便"],
            ["100002-1", unlikely, "fukuyama"],
            ["100003-1", unlikely, ""],
            ["100004-1", unlikely, "seino"],
            heading=heading,
        )
    )

    assert [bool(row.warnings) for row in (sagawa, fukuyama, unknown)] == [True, False, False]
    assert "西濃運輸の送り状番号は数字10桁です" in reasons(seino)[0]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2026/11/25", ShippingStatus.SHIPPED),
        ("2026/11/26", ShippingStatus.SHIPPED),
        ("2026/11/27", ShippingStatus.INSTRUCTED),
        ("", None),
    ],
)
def test_the_status_of_a_carriers_row_follows_from_its_date(day, status):
    row = good_row(a_file(a_row(1, B2, 出荷予定日=day), heading=B2))

    assert (row.status, row.status_follows_from_date) == (status, True)


def test_a_carriers_file_without_dates_lists_what_was_shipped():
    row = good_row(a_file(a_row(1, B2)[:2], heading=B2[:2]))

    assert (row.status, row.shipped_on) == (ShippingStatus.SHIPPED, None)


def test_a_parcel_that_the_post_has_not_taken_in_yet_is_not_shipped():
    heading = (
        "お客様側管理番号",
        "お問い合わせ番号",
        "仮引受確定作業年月日",
        "配送完了作業年月日",
        "配達ステータス集約コード",
        "配達ステータス明細コード",
    )

    waiting, delivered = rows_of(
        a_file(
            ["100001-1", "193715301010", "", "", "10", "0A"],
            ["100002-1", "193715301010", "20261124", "20261125", "10", "0A"],
            heading=heading,
        )
    )

    assert (waiting.status, waiting.shipped_on) == (None, None)
    assert (delivered.status, delivered.delivered_on) == (ShippingStatus.SHIPPED, date(2026, 11, 25))


def test_a_setting_keeps_the_status_out_of_a_carriers_file():
    settings = ImportSettings(status_rules={"yamato_b2cloud": StatusRule.KEEP})

    row = good_row(a_file(a_row(1, B2), heading=B2), imports=settings)

    assert (row.status, row.status_follows_from_date) == (None, False)


def test_a_carrier_that_the_shop_does_not_have_is_not_named():
    others = [carrier for carrier in DEFAULT_CARRIERS if carrier.key != "yamato"]

    assert good_row(a_file(a_row(1, B2), heading=B2), carriers=others).carrier is None


@pytest.mark.parametrize("width", [95, 98])
def test_b2cloud_is_recognised_without_a_heading(width):
    body = csv_bytes([a_b2cloud_row(n, width=width) for n in range(1, 4)], "cp932")

    upload, rows = opened(body), rows_of(body)

    assert upload.format_key == "yamato_b2cloud"
    assert [(row.line, str(row.shipment)) for row in rows] == [(1, "100001-1"), (2, "100002-1"), (3, "100003-1")]
    assert upload.heading[:5] == ["お客様管理番号", "2列目", "3列目", "伝票番号", "出荷予定日"]


def test_ehiden3_is_recognised_without_a_heading():
    row = [""] * 74
    row[9], row[60], row[61] = "100001-1", "2026/11/25", a_number()

    assert (opened(csv_bytes([row])).format_key, good_row(csv_bytes([row])).line) == ("sagawa_ehiden3", 1)


def test_a_problem_in_a_file_without_heading_names_the_column_by_its_number():
    body = csv_bytes([a_b2cloud_row(1), a_b2cloud_row(2, column3="4.4E+11"), a_b2cloud_row(3)])

    assert rows_of(body)[1].problems[0].column == "4列目"


@pytest.mark.parametrize("key_column", [1, 76, 78])
def test_b2clouds_key_is_where_the_shipment_ids_are(key_column):
    """Shops whose お客様管理番号 holds the member's code put the shipment id into a search key."""
    rows = [a_b2cloud_row(n, key_column=key_column) for n in range(1, 4)]
    if key_column != 1:
        rows = [["M-1001", *row[1:]] for row in rows]

    assert [str(row.shipment) for row in rows_of(csv_bytes(rows))] == ["100001-1", "100002-1", "100003-1"]


def test_a_key_in_a_search_key_is_found_by_its_heading_in_full_width():
    heading = ("お客様管理番号", "伝票番号", "検索キー１")

    assert str(good_row(a_file(["M-1001", a_number(), "100001-1-F"], heading=heading)).shipment) == "100001-1"


def test_two_keys_that_differ_cost_their_own_row_alone():
    heading = ("お客様管理番号", "伝票番号", "検索キー1")

    same, differ, other_column = rows_of(
        a_file(
            ["100001-1", a_number(1), "100001-1"],
            ["100001-1", a_number(2), "100002-1"],
            ["M-1001", a_number(3), "100003-1"],
            heading=heading,
        )
    )

    assert (str(same.shipment), str(other_column.shipment)) == ("100001-1", "100003-1")
    assert isinstance(differ, RejectedRow)
    assert "食い違っています" in differ.problems[0].reason
    assert "お客様管理番号=100001-1" in differ.problems[0].value
    assert "検索キー1=100002-1" in differ.problems[0].value


def test_a_file_that_fits_two_formats_is_an_error_that_says_what_settles_it():
    heading = (*B2, "お問い合せ送り状No.")
    body = a_file([*a_row(1, B2), a_number(2)], heading=heading)

    with pytest.raises(FileProblemError, match=r"「ヤマトB2クラウド」と「佐川e飛伝III」.*format"):
        opened(body)
    assert opened(body, format_key="sagawa_ehiden3").format_name == "佐川e飛伝III"


def test_the_same_column_twice_is_an_error_that_says_where():
    heading = ("発送ID", "送り状番号", "発送日", "送り状番号")

    with pytest.raises(FileProblemError, match=r"「送り状番号」.*2列目「送り状番号」、4列目「送り状番号」"):
        opened(a_file([*a_row(1, heading)], heading=heading))


def test_an_unknown_heading_is_shown_with_what_is_missing():
    heading = ("お客様管理番号", "送り状種類", "出荷予定日")

    with pytest.raises(
        FileProblemError,
        match=r"ヤマトB2クラウドの形式に近い.*「伝票番号」の列がありません（1行目）.*「お客様管理番号」「送り状種類」.*取込形式",
    ):
        opened(a_file(a_row(1, heading), heading=heading))


def test_the_shops_own_layout_is_read():
    settings = ImportSettings(mappings=(own(carrier="fukuyama"),))

    row = good_row(own_file(), imports=settings)

    assert (row.carrier, row.status, row.shipped_on) == ("fukuyama", ShippingStatus.SHIPPED, date(2026, 11, 25))


def test_the_shops_own_layout_comes_before_the_built_in_ones():
    mapping = own(columns=dict(zip(("shipment_id", "tracking_numbers"), B2, strict=False)))

    assert opened(own_file(B2), imports=ImportSettings(mappings=(mapping,))).format_name == "倉庫の出荷実績"


def test_a_status_in_the_shops_own_layout_wins_over_the_date():
    heading = ("注文キー", "追跡番号", "出庫日", "状況")
    mapping = own(columns=dict(zip(["shipment_id", "tracking_numbers", "shipped_on", "status"], heading, strict=True)))
    body = a_file(a_row(1, heading, 状況="発送指示"), a_row(2, heading), heading=heading)

    said, blank = rows_of(body, imports=ImportSettings(mappings=(mapping,)))

    assert (said.status, blank.status) == (ShippingStatus.INSTRUCTED, None)


def test_a_row_of_the_shops_own_layout_is_not_shipped_by_its_date_alone():
    heading = ("注文キー", "追跡番号", "出庫日")
    body = a_file(a_row(1, heading), a_row(2, heading, 追跡番号=""), heading=heading)

    numbered, blank = rows_of(body, imports=ImportSettings(mappings=(own(),)))
    _, allowed = rows_of(body, imports=ImportSettings(mappings=(own(needs_number=False),)))

    assert numbered.status is ShippingStatus.SHIPPED
    assert "送り状番号が空です" in reasons(blank)[0]
    assert (allowed.status, allowed.tracking_numbers) == (ShippingStatus.SHIPPED, None)


def test_a_layout_of_the_shops_own_without_numbers_ships_only_where_it_says_so():
    heading = ("注文キー", "出庫日")
    columns = dict(zip(("shipment_id", "shipped_on"), heading, strict=True))
    body = a_file(["100001-1", "2026/11/25"], ["100002-1", "2026/12/25"], heading=heading)

    silent = rows_of(body, imports=ImportSettings(mappings=(own(columns=columns),)))
    said = rows_of(body, imports=ImportSettings(mappings=(own(columns=columns, needs_number=False),)))

    assert [(row.status, row.shipped_on.month, row.status_follows_from_date) for row in silent] == [
        (None, 11, True),
        (None, 12, True),
    ]
    assert [row.status for row in said] == [ShippingStatus.SHIPPED, ShippingStatus.INSTRUCTED]


@pytest.mark.parametrize("fields", [{"status_rule": StatusRule.KEEP}, {"columns": {**own().columns, "status": "状況"}}])
def test_a_row_without_a_number_is_good_where_its_date_decides_nothing(fields):
    mapping = own(**fields)
    heading = tuple(mapping.columns.values())

    row = good_row(a_file(a_row(1, heading, 追跡番号=""), heading=heading), imports=ImportSettings(mappings=(mapping,)))

    assert (row.status, row.tracking_numbers) == (None, None)


def test_two_own_layouts_that_fit_are_an_error():
    settings = ImportSettings(mappings=(own(), own("別の倉庫")))

    with pytest.raises(FileProblemError, match="「倉庫の出荷実績」と「別の倉庫」"):
        opened(own_file(), imports=settings)


def test_an_unknown_format_is_an_error():
    with pytest.raises(FileProblemError, match="「paper」はありません"):
        opened(own_file(), format_key="paper")


@pytest.mark.parametrize("columns", [{"memo": "メモ", "status": "状況"}, {"shipment_id": "番号", "memo": "番号"}])
def test_a_layout_without_a_key_or_with_one_heading_for_two_fields_cannot_be_saved(columns):
    with pytest.raises(ValueError, match=r"発送ID|同じ見出し"):
        own(columns=columns)


def test_built_in_formats_have_keys_of_their_own_and_read_what_they_require():
    assert len({known.key for known in BUILT_IN}) == len(BUILT_IN)
    assert all(set(known.required) <= set(known.headings) for known in BUILT_IN)
    assert set(NATIVE.headings) == set(ImportField) - {ImportField.RECIPIENT, ImportField.POSTAL_CODE}


def test_other_shops_parcels_are_reported_and_stop_nothing():
    ours, theirs = rows_of(a_file(a_row(1, B2), a_row(2, B2, お客様管理番号="A-77"), heading=B2))

    assert str(ours.shipment) == "100001-1"
    assert theirs.reference == Reference(code="A-77")


# --- files as they are: delimiters, titles, damage ---


@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
@pytest.mark.parametrize("heading", [True, False])
def test_other_delimiters_are_read(delimiter, heading):
    """Commas stand in the cells, and the delimiter too."""
    rows = [["100001-1", "0", "0", a_number(1), "2026/11/25", f"東京都,港区{delimiter}六本木"]]
    titles = [["お客様管理番号", "送り状種類", "クール区分", "伝票番号", "出荷予定日", "お届け先"]] if heading else []

    row = good_row(csv_bytes([*titles, *rows], "cp932", delimiter=delimiter))

    assert (row.line, row.tracking_numbers, row.carrier) == (1 + heading, (a_number(1),), "yamato")


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_delimiter_is_obeyed_and_counted(line):
    body = f"{line}\r\n".encode() + a_file(a_row(1, B2), a_row(2, B2), heading=B2, delimiter=";")

    assert [row.line for row in rows_of(body)] == [3, 4]


def test_a_line_that_names_the_wrong_delimiter_does_no_harm():
    assert good_row(b"sep=,\r\n" + a_file(a_row(1, B2), heading=B2, delimiter=";")).line == 3


def test_a_file_without_heading_may_name_its_delimiter_too():
    assert good_row(b"sep=;\r\n" + csv_bytes([a_b2cloud_row(1)], delimiter=";")).line == 2


def test_titles_above_the_heading_are_passed_over_and_counted():
    titles = '"出荷一覧"\r\n"2026-11-01","2026/11/24"\r\n\r\n'.encode("cp932")
    body = titles + a_file(a_row(1, B2, 出荷予定日="3月1日"), a_row(2, B2), heading=B2, encoding="cp932")

    damaged, good = rows_of(body)

    assert (damaged.line, good.line) == (5, 6)
    assert opened(body).heading == list(B2)
    assert damaged.problems[0].column == "出荷予定日"


def test_a_title_and_a_heading_without_rows_are_no_rows():
    with pytest.raises(FileProblemError, match="データの行がありません"):
        opened("出荷一覧\r\n".encode() + a_file(heading=B2))


def test_what_looks_like_a_parcel_never_passes_for_a_title():
    rows = [["100001-1", a_number(1), "2026/11/25"], list(B2), ["100002-1", a_number(2), "2026/11/25"]]

    with pytest.raises(FileProblemError, match="どの形式のファイルか分かりません"):
        opened(csv_bytes(rows))


@pytest.mark.parametrize(("cell", "reason"), [("4.44E+11", "指数表記"), ("", "送り状番号が空です")])
def test_b2cloud_without_heading_is_recognised_although_its_numbers_are_damaged_or_not_issued(cell, reason):
    body = csv_bytes([a_b2cloud_row(n, column3=cell) for n in (1, 2)], "cp932")

    rows = rows_of(body)

    assert opened(body).format_key == "yamato_b2cloud"
    assert [(row.line, row.problems[0].column) for row in rows] == [(1, "4列目"), (2, "4列目")]
    assert all(reason in row.problems[0].reason for row in rows)


def test_b2cloud_without_heading_is_recognised_although_a_spreadsheet_changed_its_dates():
    (row,) = rows_of(csv_bytes([a_b2cloud_row(1, column4="11月25日")]))

    assert "年がありません" in row.problems[0].reason


@pytest.mark.parametrize("width", [5, 16, 40])
def test_b2cloud_without_heading_may_lack_its_last_columns(width):
    row = good_row(csv_bytes([a_b2cloud_row(1)[:width]]))

    assert (str(row.shipment), row.tracking_numbers, row.carrier) == ("100001-1", (a_number(1),), "yamato")


def test_a_file_of_another_width_that_is_not_surely_b2cloud_is_not_guessed():
    with pytest.raises(FileProblemError, match="どの形式のファイルか分かりません"):
        opened(csv_bytes([["100001-1", "東京都", "", a_number(1), "2026/11/25"]]))


def test_yupack_print_r_is_recognised_without_a_heading():
    taken_in_row = ["100001-1", "193715301010", "20261124093000", "", "10", "0A"]
    body = csv_bytes([taken_in_row, ["100002-1", "193715301010", "", "", "10", "0A"]])

    taken_in, waiting = rows_of(body)

    assert opened(body).format_key == "yupack_print_r"
    assert (taken_in.shipped_on, taken_in.carrier, waiting.shipped_on) == (date(2026, 11, 24), "japan_post", None)


def test_a_file_that_is_nearly_b2cloud_without_heading_says_what_is_off_and_where():
    row = a_b2cloud_row(1, column0="M-1001", column3="4.44E+11")

    with pytest.raises(FileProblemError) as problem:
        opened(b"\r\n" + csv_bytes([row]))

    assert "見出しのないヤマトB2クラウドの形式に近い" in str(problem.value)
    assert "1列目（お客様管理番号）の「M-1001」が発送IDではありません" in str(problem.value)
    assert "4列目（伝票番号）の「4.44E+11」は表計算ソフトで指数表記" in str(problem.value)
    assert "（2行目）" in str(problem.value)


def test_a_heading_that_is_nearly_right_is_named_with_its_line_and_what_to_write():
    heading = ("お客様管理番号", "伝票番号（控）", "出荷予定日")

    with pytest.raises(FileProblemError) as problem:
        opened("出荷一覧\r\n".encode() + a_file(a_row(1, heading), heading=heading))

    assert "ヤマトB2クラウドの形式に近いですが、「伝票番号」の列がありません（2行目）" in str(problem.value)
    assert "2列目「伝票番号（控）」がその列なら、見出しを「伝票番号」に直してください" in str(problem.value)


# --- rows that name no 発送ID ---


def test_a_row_may_name_its_order_instead():
    heading = ("受注番号", "送り状番号", "発送日")
    body = a_file(["100001", a_number(1), ""], ["POC", a_number(2), ""], ["", a_number(3), ""], heading=heading)

    good, wrong, blank = rows_of(body)

    assert opened(body).format_key == "native"
    assert good.reference == Reference(order_number="100001")
    assert (good.row.tracking_numbers, good.row.line) == ((a_number(1),), 2)
    assert "受注番号ではありません" in wrong.problems[0].reason
    assert "空です" in blank.problems[0].reason


def test_a_row_may_name_its_external_code_instead():
    heading = ("出荷管理番号", "送り状番号")

    row = rows_of(a_file(['="0012"', a_number(1)], heading=heading))[0]

    assert row.reference == Reference(code="0012")


def test_the_id_comes_first_and_an_order_that_differs_refuses_the_row():
    heading = ("発送ID", "受注番号", "送り状番号")

    same, differs, blank = rows_of(
        a_file(
            ["100001-1", "100001", a_number(1)],
            ["100001-1", "100002", a_number(2)],
            ["", "100003", a_number(3)],
            heading=heading,
        )
    )

    assert str(same.shipment) == "100001-1"
    assert "食い違って" in differs.problems[0].reason
    assert blank.reference == Reference(order_number="100003")


def test_a_carriers_key_may_be_an_order_or_a_code():
    order, code, cleared = rows_of(
        a_file(*(a_row(n, B2, お客様管理番号=key) for n, key in enumerate(["100001", "WMS-2", "-"], 1)), heading=B2)
    )

    assert order.reference == Reference(order_number="100001", code="100001")
    assert code.reference == Reference(code="WMS-2")
    assert "空です" in cleared.problems[0].reason


def test_next_engine_names_order_and_carrier():
    heading = ("店舗名", "伝票番号", "受注番号", "発送伝票番号", "発送方法", "出荷確定日")
    cells = [
        ["本店", "1", "100001", a_number(1), "ヤマト(発払い)B2v6", "2026/11/25 00:00:00"],
        ["本店", "2", "100002", a_number(2), "佐川急便(e飛伝2)", "2026/11/25 00:00:00"],
        ["本店", "3", "100003", a_number(3), "飛行船", "2026/11/25 00:00:00"],
    ]
    body = a_file(*cells, heading=heading, encoding="cp932")

    yamato, sagawa, unknown = rows_of(body)

    assert opened(body).format_key == "next_engine"
    assert (yamato.reference.order_number, yamato.row.carrier, sagawa.row.carrier) == ("100001", "yamato", "sagawa")
    assert yamato.row.status is ShippingStatus.SHIPPED
    assert "別名" in unknown.problems[0].reason


def test_clickpost_names_the_recipient():
    heading = ("申込日時", "お問い合わせ番号", "お届け先氏名")
    body = a_file(["2026/11/24 10:00", "193715301010", "髙島 一郎"], heading=heading, encoding="cp932")

    (row,) = rows_of(body)

    assert opened(body).format_key == "clickpost"
    assert row == ReferringRow(row.row, Reference(recipient="髙島 一郎"))
    assert (row.row.carrier, row.row.status) == ("japan_post", None)


def test_a_carrier_goes_by_its_aliases_and_a_name_counts_before_anothers_alias():
    carriers = (
        DEFAULT_CARRIERS[0].model_copy(update={"aliases": ("黒猫", "佐川急便", "ゆうパック")}),
        *DEFAULT_CARRIERS[1:],
    )
    heading = ("発送ID", "送り状番号", "配送業者")
    names = ["黒猫", "クロネコヤマト", "ﾔﾏﾄ(発払い)B2v6", "佐川急便", "ゆうパック"]
    body = a_file(*([f"10000{n}-1", a_number(n), name] for n, name in enumerate(names, start=1)), heading=heading)

    assert [row.carrier for row in rows_of(body, carriers=carriers)] == [*["yamato"] * 3, "sagawa", "yamato"]


def test_the_shops_own_layout_may_name_the_order_or_the_code():
    heading = ("注文番号", "追跡番号")
    columns = {"order_number": "注文番号", "tracking_numbers": "追跡番号"}
    settings = ImportSettings(mappings=(own(columns=columns),))

    (row,) = rows_of(a_file(["100001", a_number(1)], heading=heading), imports=settings)

    assert row.reference == Reference(order_number="100001")
