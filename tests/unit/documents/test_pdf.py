"""The fast path against stock fpdf2: the same strings at the same places, as wide, with the same outlines."""

from datetime import date

import pytest

from documents.fpdf_parts import FPDF
from documents.pdf import PAGE_HEIGHT, PAGE_WIDTH, Font, Info, Page, write
from documents.typeface import FONTS, bold, regular
from tests.unit.documents.reading import Pdf

INFO = Info("請求書 INV-100001-1", "出荷酒店", date(2026, 11, 26))
TEXTS = [
    (40.0, 60.0, "請求書", "B", 22.0),
    (40.0, 100.0, "株式会社髙島商店 𠮷野﨑 ㈱①ｱｲｳ", "", 9.0),
    (60.5, 113.25, "0123456789,-¥%()\\", "", 8.5),
    (40.0, 700.0, "ABC xyz ～−‖", "B", 7.5),
]
RULES = [(40.0, 120.0, 555.28, 120.0), (40.0, 120.0, 40.0, 200.0)]
FILL = (40.0, 300.0, 112.0, 30.0)


def fast(pages=1):
    fonts = {"": Font(regular(), 1), "B": Font(bold(), 2)}
    drawn = []
    for _ in range(pages):
        page = Page()
        for x, y, text, style, size in TEXTS:
            page.text(x, y, text, fonts[style], size)
        page.rules(RULES, 0.9, 0.5)
        page.fill(*FILL, 0.93)
        drawn.append(page)
    return write(drawn, list(fonts.values()), INFO)


def stock():
    pdf = FPDF(unit="pt", format=(PAGE_WIDTH, PAGE_HEIGHT))
    pdf.add_font("noto", "", FONTS / "regular.ttf")
    pdf.add_font("noto", "B", FONTS / "bold.ttf")
    pdf.add_page()
    for x, y, text, style, size in TEXTS:
        pdf.set_font("noto", style, size)
        pdf.text(x, y, text)
    pdf.set_line_width(0.9)
    pdf.set_draw_color(round(0.5 * 255))
    for rule in RULES:
        pdf.line(*rule)
    pdf.set_fill_color(round(0.93 * 255))
    pdf.rect(*FILL, style="F")
    return bytes(pdf.output())


@pytest.fixture(scope="module")
def both():
    return Pdf(fast()), Pdf(stock())


def test_every_string_stands_where_stock_fpdf2_puts_it(both):
    ours, theirs = (pdf.sheets[0].fragments for pdf in both)

    assert [fragment.text for fragment in ours] == [fragment.text for fragment in theirs] == [text[2] for text in TEXTS]
    for our, their in zip(ours, theirs, strict=True):
        assert (our.x, our.y, our.size) == pytest.approx((their.x, their.y, their.size), abs=0.005)
        assert our.width == pytest.approx(their.width, abs=0.005)


def test_rules_and_fills_lie_where_stock_fpdf2_puts_them(both):
    ours, theirs = (pdf.sheets[0] for pdf in both)

    def corners(x, y, width, height, _):
        return min(x, x + width), min(y, y + height), abs(width), abs(height)

    assert [stroke[:5] for stroke in ours.strokes] == [pytest.approx(stroke[:5], abs=0.01) for stroke in theirs.strokes]
    (our,), (their,) = ours.fills, theirs.fills
    assert corners(*our) == pytest.approx(corners(*their), abs=0.01)


def test_characters_are_drawn_with_the_outlines_of_the_whole_font(both):
    ours, theirs = (pdf.fonts(pdf.reader.pages[0]) for pdf in both)

    for name, text in (("/F1", TEXTS[1][2] + TEXTS[2][2]), ("/F2", TEXTS[0][2] + TEXTS[3][2])):
        our = {character: code for code, character in ours[name].characters.items()}
        their = {character: code for code, character in theirs[name].characters.items()}
        for character in text:
            assert ours[name].outline(our[character]) == theirs[name].outline(their[character]), character


def test_only_the_characters_of_the_document_are_embedded():
    pdf = Pdf(fast())
    fonts = pdf.fonts(pdf.reader.pages[0])

    assert set(fonts["/F1"].characters.values()) == set(TEXTS[1][2] + TEXTS[2][2])
    assert len(fast()) < 30_000


def test_text_can_be_searched_by_readers():
    extracted = Pdf(fast()).reader.pages[0].extract_text()

    for _, _, text, _, _ in TEXTS:
        assert text in extracted


def test_the_same_content_gives_the_same_bytes():
    assert fast(pages=3) == fast(pages=3)


def test_the_file_says_what_it_is():
    reader = Pdf(fast()).reader

    assert (reader.metadata.title, reader.metadata.author) == ("請求書 INV-100001-1", "出荷酒店")
    assert reader.metadata.creation_date.isoformat() == "2026-11-26T00:00:00+09:00"
    assert reader.trailer["/Root"]["/Lang"] == "ja-JP"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_text_too_wide_for_its_room_is_condensed_to_it():
    font = Font(regular(), 1)
    page = Page()
    page.text_to(500, 100, "99,999,999,999", font, 8.5, room=52)
    page.text_to(500, 120, "1,000", font, 8.5, room=52)
    condensed, plain = Pdf(write([page], [font], INFO)).sheets[0].fragments

    assert (condensed.x, condensed.right) == pytest.approx((448, 500), abs=0.05)
    assert plain.right == pytest.approx(500, abs=0.01)
    assert plain.width == pytest.approx(font.width("1,000") * 8.5 / 1000)


def test_characters_that_the_font_lacks_become_a_geta_and_are_logged():
    font = Font(regular(), 1)
    page = Page()
    page.text(40, 100, "≒A😀≒", font, 9)
    (fragment,) = Pdf(write([page], [font], INFO)).sheets[0].fragments

    assert fragment.text == "〓A〓〓"
    assert font.missing == ["≒", "😀"]


def test_loose_marks_join_their_kana_and_invisible_characters_vanish():
    font = Font(regular(), 1)
    page = Page()
    page.text(40, 100, "か\u3099は\u309aウ\u3099葛\U000e0100城\u200b\ufeff", font, 9)
    (fragment,) = Pdf(write([page], [font], INFO)).sheets[0].fragments

    assert fragment.text == "がぱヴ葛城"
    assert not font.missing


def test_kanji_of_names_are_never_unified():
    # NFC would turn these into 神, 祥 and 都.
    font = Font(regular(), 1)
    page = Page()
    page.text(40, 100, "\ufa19\ufa1a\ufa26﨑", font, 9)
    (fragment,) = Pdf(write([page], [font], INFO)).sheets[0].fragments

    assert fragment.text == "\ufa19\ufa1a\ufa26﨑"
