"""Files of 品番 and 在庫数, as shops have them."""

import pytest

from shukka.domain.errors import RuleError
from shukka.domain.stock.rows import MAX_ROWS, StockRow, read_stock_rows


def test_a_file_as_the_cart_exports_it():
    text = '"品番","在庫数","在庫制限"\r\n"SOY-180","120","制限あり"\r\n"RICE","","無制限"\r\n'

    assert read_stock_rows(text) == [StockRow(2, "SOY-180", 120), StockRow(3, "RICE")]


def test_what_spreadsheets_and_people_do_to_cells():
    text = '\ufeff商品名, 品番 ,在庫数\n能登の塩,="0012"," １，２００ "\n\n"改行\nあり",\'=A1,-3\n,ﾊﾞﾗ,無制限\n,空,\n'

    assert read_stock_rows(text) == [
        StockRow(2, "0012", 1200),
        StockRow(4, "=A1", -3),
        StockRow(6, "ﾊﾞﾗ"),
        StockRow(7, "空", blank=True),
    ]


@pytest.mark.parametrize("count", ["1.5", "12個", "4.4E+11", "12345678", "--1", "∞"])
def test_a_wrong_count_is_reported_for_its_row(count):
    (row, good) = read_stock_rows(f"品番,在庫数\nSOY-180,{count}\nRICE,1\n")

    assert (row.line, row.sku, row.quantity) == (2, "SOY-180", None)
    assert "9,999,999" in row.problem
    assert good == StockRow(3, "RICE", 1)


@pytest.mark.parametrize("sku", ["", " ", "あ" * 256, '"A\nB"'])
def test_a_wrong_sku_is_reported_for_its_row(sku):
    (row,) = read_stock_rows(f"品番,在庫数\n{sku},1\n")

    assert row.problem == "品番は改行を含まない1～255文字で指定してください"


def test_a_row_that_is_cut_off_keeps_what_is_stored():
    assert read_stock_rows("品番,在庫数\nSOY-180\n") == [StockRow(2, "SOY-180", blank=True)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "空です"),
        ("\n\n", "空です"),
        ("SOY-180,12\n", "見出し"),
        ("品番,数\nSOY-180,12\n", "見出し"),
        ('品番,在庫数\nSOY-180,"' + "1" * 200_000, "2行目をCSVとして読めません"),
        ("品番,在庫数\n" + "SOY-180,1\n" * (MAX_ROWS + 1), "5,000行まで"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(text, reason):
    with pytest.raises(RuleError) as refused:
        read_stock_rows(text)

    assert reason in str(refused.value)
    assert refused.value.field == "csv"


def test_as_many_rows_as_are_allowed():
    assert len(read_stock_rows("品番,在庫数\n" + "SOY-180,1\n" * MAX_ROWS)) == MAX_ROWS
