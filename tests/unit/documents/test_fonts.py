"""The fonts that documents are set in, as they were built."""

import subprocess
import sys

import pytest

from documents import build_fonts
from documents.typeface import FONTS, bold, regular

MISSING_IN_CP932 = {"≒"}
"""What Noto Sans JP lacks; documents show 〓 for it."""


def cp932_characters():
    for code in range(0x20, 0x10000):
        try:
            character = chr(code)
            # Bytes that cp932 passes through (0x80) and its user-defined area are no characters.
            if character.isprintable() and not 0xE000 <= code < 0xF900 and character.encode("cp932"):
                yield character
        except UnicodeEncodeError:
            continue


@pytest.mark.parametrize("typeface", [regular, bold])
def test_the_fonts_have_what_japanese_systems_write(typeface):
    missing = {character for character in cp932_characters() if not typeface().glyph(ord(character)).gid}

    assert missing == MISSING_IN_CP932


@pytest.mark.parametrize("character", "髙﨑𠮷𠮟𡈽濵邉邊槗栁德瀨彅神※〓〒㈱①½")
def test_the_fonts_have_the_characters_of_names(character):
    assert regular().glyph(ord(character)).gid
    assert bold().glyph(ord(character)).gid


@pytest.mark.parametrize("typeface", [regular, bold])
def test_figures_are_equally_wide(typeface):
    assert len({typeface().glyph(ord(figure)).advance for figure in "0123456789"}) == 1


def test_bold_is_bolder():
    assert bold().width("W") > regular().width("W")


def test_building_again_does_nothing():
    before = {path.name: path.stat().st_mtime_ns for path in FONTS.iterdir()}

    assert build_fonts.build() is False
    assert {path.name: path.stat().st_mtime_ns for path in FONTS.iterdir()} == before


def test_the_licence_goes_with_the_fonts():
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text().upper()


def test_rendering_loads_nothing_of_fpdf2_that_documents_do_not_use():
    loaded = run("import documents.render, sys; print(*sys.modules)").split()

    assert {"fpdf.fpdf", "uharfbuzz"} <= set(loaded)
    assert {"fontTools.ttLib", "fontTools.subset", "fontTools.varLib", "fpdf.font_type_3"}.isdisjoint(loaded)


def test_stock_fpdf2_still_works_after_that():
    code = """
        import documents.render
        from documents.typeface import FONTS
        from fpdf import FPDF
        pdf = FPDF()
        pdf.add_font("noto", "", FONTS / "regular.ttf")
        pdf.add_page()
        pdf.set_font("noto", "", 9)
        pdf.cell(text="請求書")
        print(bytes(pdf.output())[:5].decode())
    """

    assert run("\n".join(line.strip() for line in code.splitlines())) == "%PDF-\n"


def run(code):
    paths = f"import sys; sys.path[:0] = {sys.path!r}\n"
    return subprocess.run([sys.executable, "-c", paths + code], check=True, capture_output=True, text=True).stdout
