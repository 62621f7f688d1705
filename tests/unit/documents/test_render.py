"""Documents as they come out: what is on them, and that nothing lies on anything else."""

import logging
import re
from datetime import date

import pytest

from documents.layout import BOTTOM, LEFT, RIGHT, TOP
from documents.pdf import PAGE_HEIGHT
from documents.render import render
from shukka.domain.documents.document import document_content
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.order.totals import Adjustments, TaxRule
from tests.builders import a_line, a_member, a_shipment, an_order, some_settings
from tests.unit.documents.reading import Pdf

ISSUED_ON = date(2026, 11, 28)
LONG_NAME = "特撰有機栽培丸大豆仕込み（国産大豆・国産小麦100％使用）International Extra-Large Bottle 1.8L×6本入り" * 3
LONG_COMPANY = "特定非営利活動法人全国業務用食材流通機構連絡協議会東日本統括本部" * 4


def some_content(kind=DocumentKind.INVOICE, settings=None, count=1, **order):
    if "lines" not in order:
        order["lines"] = tuple(a_line(n, name=f"品目{n}") for n in range(1, count + 1))
    return document_content(an_order(**order), settings or some_settings(), kind)


def rendered(revision=1, **content):
    return Pdf(render(some_content(**content), revision, ISSUED_ON))


def widest():
    lines = (
        a_line(1, name=LONG_NAME[:255], sku="VERY-LONG-SKU-" * 12, unit="とても長い単位の名前"),
        a_line(2, name="A" * 255, sku="", unit_price=99_999_999_999, units_per_set=1),
        a_line(3, name="ー" * 100, unit_price=-99_999_999_999, units_per_set=1),
        a_line(4, name="0になった品" * 10, quantity=0, units_per_set=1_000_000, unit_price=1),
    )
    address = {"address1": "東京都千代田区霞が関" * 20, "address3": "建物" * 100}
    return {"lines": lines, "member": a_member(company=LONG_COMPANY, department=LONG_COMPANY, **address)}


DOCUMENTS = {
    "one line": {},
    "delivery note": {"kind": DocumentKind.DELIVERY_NOTE, "count": 5},
    "everything on it": {
        "count": 12,
        "adjustments": Adjustments(800, 330, 1_500, 777),
        "rule": TaxRule(rounding="half_up", prices="tax_included"),
        "message_to_member": "お届けは午前中です。\n不在のときは置き配にします。",
        "lines": (
            a_line(1),
            a_line(2, tax_category="standard", quantity=0),
            a_line(3, tax_category="exempt", unit_price=99_999),
        ),
    },
    "the widest": widest(),
    "the buyer's own number": {"customer_order_number": "PO-" + "8" * 200},
    "a message of pages": {"message_to_member": "とても長いお知らせです。" * 800},
    "a message of many short lines": {"message_to_member": "行\n" * 200},
    "nothing but a name": {"member": a_member(name="", department=None, postal_code=None, address1=None)},
    "no lines": {"lines": ()},
    "many lines": {"count": 120},
}


@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_nothing_overlaps_and_nothing_leaves_the_page(content):
    for sheet in rendered(revision=2, **content).sheets:
        for fragment in sheet.fragments:
            assert fragment.x >= LEFT - 0.1, fragment
            assert fragment.right <= RIGHT + 0.1, fragment
            assert 20 < fragment.y < PAGE_HEIGHT - TOP + 0.1, fragment
        in_order = sorted(sheet.fragments, key=lambda fragment: fragment.y)
        for index, fragment in enumerate(in_order):
            for other in in_order[index + 1 :]:
                if other.y > fragment.y + 20:
                    break
                assert not fragment.overlaps(other), (fragment, other)


@pytest.mark.parametrize("count", [1, 17, 18, 19, 20, 26, 27, 28, 29, 59, 60, 61, 62, 200])
def test_lines_run_over_pages_in_order_under_repeated_headings(count):
    sheets = rendered(count=count).sheets

    names = [fragment.text for sheet in sheets for fragment in sheet.fragments if fragment.text.startswith("品目")]
    assert names == [f"品目{n}" for n in range(1, count + 1)]
    for n, sheet in enumerate(sheets, start=1):
        assert sheet.fragments[-1].text == f"{n} / {len(sheets)}"
        assert [sheet.fragment(heading).text for heading in ("No.", "品番", "品名", "単価", "金額")]
        assert "INV-100001-1" in sheet.text
        assert "株式会社髙島商店" in sheet.text
        # The totals never stand on a page without a line.
        assert "品目" in sheet.text


def test_two_thousand_lines_come_out():
    pdf = rendered(count=2_000)

    assert "品目2000" in pdf.sheets[-1].text
    assert len(pdf.sheets) == 50


def test_an_invoice_shows_the_six_items_of_a_qualified_invoice():
    lines = (a_line(1), a_line(2, name="紙コップ", tax_category="standard", unit_price=100))
    shipments = (a_shipment(1, status="shipped", shipped_on=date(2026, 11, 27)),)
    sheet = rendered(lines=lines, shipments=shipments).sheets[0]

    def row(text):
        y = sheet.fragment(text).y
        return [fragment.text for fragment in sheet.fragments if abs(fragment.y - y) < 1.5]

    assert "出荷酒店" in sheet.text
    assert "登録番号 T7010705000725" in sheet.text
    assert "2026年11月27日" in row("取引年月日")
    assert row("丸大豆しょうゆ 1.8L") == ["1", "SOY-180", "丸大豆しょうゆ 1.8L", "6", "1", "690", "4,140", "箱", "※8%"]
    assert "10%" in row("紙コップ")
    assert "※は軽減税率（8%）対象です" in sheet.text
    assert row("8%対象 ※")[-3:] == ["8%対象 ※", "4,140", "331"]
    assert row("10%対象")[:3] == ["10%対象", "600", "60"]
    assert "¥5,131" in row("合計（税込）")
    assert "﨑山 一郎 様" in sheet.text


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_buyer_s_own_number_is_printed_where_there_is_one(kind):
    with_number = rendered(kind=kind, customer_order_number="PO-2026-0815").sheets[0]
    without = rendered(kind=kind).sheets[0]

    y = with_number.fragment("貴社注文番号").y
    assert [found.text for found in with_number.fragments if abs(found.y - y) < 1.5][-1] == "PO-2026-0815"
    assert "貴社注文番号" not in without.text


@pytest.mark.parametrize(
    ("prices", "headings"),
    [
        ("tax_excluded", ["対象額（税抜）", "消費税額", "単価・金額は税抜（外税）です"]),
        ("tax_included", ["対象額（税込）", "うち消費税額", "単価・金額は税込（内税）です"]),
    ],
)
def test_the_price_mode_is_named(prices, headings):
    sheet = rendered(rule=TaxRule(prices=prices)).sheets[0]

    assert [sheet.fragment(heading).text for heading in headings] == headings


def test_a_tax_included_document_shows_the_tax_inside_the_total():
    sheet = rendered(rule=TaxRule(prices="tax_included")).sheets[0]

    assert sheet.fragment("4,140")
    assert sheet.fragment("306")
    assert sheet.fragment("¥4,140")


def test_discounts_and_points_are_taken_off_in_sight():
    sheet = rendered(adjustments=Adjustments(800, 330, 500, 77)).sheets[0]

    for label, amount in {
        "送料（税抜）": "800",
        "決済手数料（税抜）": "330",
        "値引き（税抜）": "-500",
        "ポイント利用（税抜）": "-77",
    }.items():
        assert sheet.fragment(label).y == sheet.fragment(amount).y


def test_a_cancelled_line_is_struck_through():
    lines = (a_line(1, name="取りやめ", quantity=0), a_line(2, name="残り"))
    sheet = rendered(lines=lines).sheets[0]

    def struck(text):
        fragment = sheet.fragment(text)
        return any(
            x1 == pytest.approx(fragment.x, abs=0.1)
            and x2 == pytest.approx(fragment.right, abs=0.1)
            and fragment.y < y1 == y2 < fragment.y + fragment.size / 2
            for x1, y1, x2, y2, _, _ in sheet.strokes
        )

    assert struck("取りやめ")
    assert not struck("残り")


def test_figures_of_a_column_end_at_one_place():
    lines = tuple(a_line(n, unit_price=10**n, units_per_set=1) for n in range(1, 7))
    sheet = rendered(lines=lines).sheets[0]

    ends = {round(sheet.fragment(f"{10**n:,}").right, 1) for n in range(1, 7)}
    assert len(ends) == 1


def test_the_bank_account_and_the_message_are_printed_line_by_line():
    text = rendered(message_to_member="一行目\n二行目").sheets[0].text

    assert "お振込先\nみほん銀行" in text
    assert "備考\n一行目\n二行目" in text


def test_a_later_revision_says_that_it_replaces_the_earlier():
    assert "第2版（先に発行したものに代わります）" in rendered(revision=2).text
    assert "INV-100001-2" in rendered(revision=2).text
    assert "版" not in rendered(revision=1).text


def test_a_delivery_note_has_no_bank_account_and_its_own_words():
    text = rendered(kind=DocumentKind.DELIVERY_NOTE).text

    assert "納品書" in text
    assert "下記のとおり納品いたします。" in text
    assert "請求" not in text
    assert "お振込先" not in text


def test_the_last_line_stays_above_the_footer():
    for sheet in rendered(count=200).sheets:
        names = [fragment for fragment in sheet.fragments if fragment.text.startswith("品目")]
        assert min(fragment.y for fragment in names) > PAGE_HEIGHT - BOTTOM


def test_the_same_document_gives_the_same_bytes():
    assert render(some_content(), 1, ISSUED_ON) == render(some_content(), 1, ISSUED_ON)


def test_a_character_that_cannot_be_printed_is_replaced_and_logged(caplog):
    with caplog.at_level(logging.WARNING, logger="documents"):
        text = rendered(lines=(a_line(name="≒札"),)).text

    assert "〓札" in text
    (record,) = caplog.records
    assert (record.message, record.code_points, record.order_number) == ("characters_not_in_font", ["U+2252"], "100001")


def test_readers_extract_the_text():
    reader = rendered(member=a_member(company="𠮷野家髙島㈱")).reader

    extracted = reader.pages[0].extract_text()
    assert "𠮷野家髙島㈱" in extracted
    assert re.search(r"請求書番号\s*INV-100001-1", extracted)
