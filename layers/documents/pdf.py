"""A document's pages in fpdf2.

fpdf2 owns the file: its structure, properties, compression and objects. Two things are done here, because stock fpdf2
spends its time on them: pages are handed over as finished content streams, and fonts are measured and cut by HarfBuzz
(fpdf2 would read the whole font for each file). Both reach into fpdf2's internals, so its version is pinned, and
tests/unit/documents/test_pdf.py holds the result against stock fpdf2.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from documents.fpdf_parts import (
    FPDF,
    CIDSystemInfo,
    FontDescriptorFlags,
    Name,
    OutputProducer,
    PDFArray,
    PDFContentStream,
    PDFFont,
    PDFFontDescriptor,
    PDFFontStream,
    PDFType3Font,
    ViewerPreferences,
)
from documents.typeface import Glyph, Typeface, composed
from shukka.domain.text.cp932 import SUBSTITUTE
from shukka.domain.text.values import TOKYO

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
"""A4 in pt (1/72 inch)."""


class Info(NamedTuple):
    """What a reader shows as the file's properties. The file's time is the start of `day` in Tokyo."""

    title: str
    author: str
    day: date


class Font:
    """A typeface in one file. Characters get codes in order of first use; only their glyphs are embedded."""

    def __init__(self, typeface: Typeface, number: int) -> None:
        self.typeface = typeface
        self.number = number
        self.width = typeface.width
        self._codes = _Codes(typeface)

    @property
    def glyphs(self) -> Sequence[Glyph]:
        """The glyphs of code 1 and on."""
        return self._codes.glyphs

    @property
    def missing(self) -> Sequence[str]:
        """The characters that `SUBSTITUTE` stands for, in order of first use."""
        return self._codes.missing

    def encode(self, text: str) -> str:
        """`text` as a hexadecimal string of two-byte codes."""
        return composed(text).translate(self._codes).encode("utf-16-be").hex()


class _Codes(dict[int, int | None]):
    """For `str.translate`: codes by code point; None takes an invisible character out."""

    def __init__(self, typeface: Typeface) -> None:
        super().__init__()
        self._typeface = typeface
        self.glyphs: list[Glyph] = []
        self.missing: list[str] = []

    def __missing__(self, code_point: int) -> int | None:
        glyph = self._typeface.glyph(code_point)
        self[code_point] = code = self._code(glyph)
        return code

    def _code(self, glyph: Glyph) -> int | None:
        if not glyph.visible:
            return None
        if not glyph.gid:
            self.missing.append(glyph.character)
            return self[ord(SUBSTITUTE)]
        self.glyphs.append(glyph)
        return len(self.glyphs)


class Page:
    """One page. Places are in pt from the top left corner; of text, the left end of its baseline.

    Rules and fills lie under the text, whatever the order of the calls.
    """

    def __init__(self) -> None:
        self._graphics: list[str] = []
        self._text: list[str] = []
        self._font: tuple[Font, float] | None = None
        self._gray = 0.0

    def text(self, x: float, y: float, text: str, font: Font, size: float, gray: float = 0.0) -> None:
        if text:
            self._select(font, size, gray)
            self._text.append(f"1 0 0 1 {x:.2f} {PAGE_HEIGHT - y:.2f} Tm<{font.encode(text)}>Tj")

    def text_to(
        self, right: float, y: float, text: str, font: Font, size: float, room: float, gray: float = 0.0
    ) -> None:
        """Text that ends at `right`; condensed where it is wider than `room`."""
        width = font.width(text) * size / 1000
        if width > room:
            self._select(font, size, gray)
            place = f"{room / width:.4f} 0 0 1 {right - room:.2f} {PAGE_HEIGHT - y:.2f}"
            self._text.append(f"{place} Tm<{font.encode(text)}>Tj")
        else:
            self.text(right - width, y, text, font, size, gray)

    def rules(self, lines: Iterable[tuple[float, float, float, float]], width: float, gray: float = 0.0) -> None:
        """Straight lines (x1, y1, x2, y2)."""
        path = " ".join(
            f"{x1:.2f} {PAGE_HEIGHT - y1:.2f} m {x2:.2f} {PAGE_HEIGHT - y2:.2f} l" for x1, y1, x2, y2 in lines
        )
        self._graphics.append(f"{width} w {gray} G {path} S")

    def fill(self, x: float, y: float, width: float, height: float, gray: float) -> None:
        """A filled rectangle with its top left corner at (x, y)."""
        self._graphics.append(f"{gray} g {x:.2f} {PAGE_HEIGHT - y - height:.2f} {width:.2f} {height:.2f} re f")

    def _select(self, font: Font, size: float, gray: float) -> None:
        if self._font != (font, size):
            self._font = (font, size)
            self._text.append(f"/F{font.number} {size} Tf")
        if self._gray != gray:
            self._gray = gray
            self._text.append(f"{gray} g")

    def pack(self) -> None:
        """Takes less memory from now on; more may still be put on the page."""
        self._graphics = ["\n".join(self._graphics)]
        self._text = ["\n".join(self._text)]

    @property
    def content(self) -> bytes:
        return "\n".join((*self._graphics, "0 g BT", *self._text, "ET")).encode()


def write(pages: Iterable[Page], fonts: Sequence[Font], info: Info) -> bytes:
    """The file. The same input gives the same bytes."""
    pdf = _Pdf(fonts)
    pdf.set_title(info.title)
    pdf.set_author(info.author)
    pdf.set_creation_date(datetime.combine(info.day, time(), TOKYO))
    for page in pages:
        pdf.add_page()
        pdf._out(page.content)
    return bytes(pdf.output(output_producer_class=_Output))


class _Pdf(FPDF):
    def __init__(self, fonts: Sequence[Font]) -> None:
        super().__init__(unit="pt", format=(PAGE_WIDTH, PAGE_HEIGHT))
        self.document_fonts = fonts
        self.set_lang("ja-JP")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.single_resources_object = True


class _Output(OutputProducer):
    """Embeds the fonts as HarfBuzz cuts them, in the same objects that fpdf2 makes of its own fonts."""

    def _add_fonts(
        self, image_objects_per_index: object, gfxstate_objs_per_name: object, pattern_objs_per_name: object
    ) -> dict[int, PDFFont | PDFType3Font]:
        assert isinstance(self.fpdf, _Pdf)  # noqa: S101 - `write` is the only user
        return {font.number: self._add_document_font(font) for font in self.fpdf.document_fonts}

    def _add_document_font(self, font: Font) -> PDFFont:
        program, places = font.typeface.subset({glyph.gid for glyph in font.glyphs})
        name = f"{_subset_tag(program)}+{font.typeface.name}"
        composite = PDFFont(subtype="Type0", base_font=name, encoding="Identity-H")
        self._add_pdf_obj(composite, "fonts")
        advances = " ".join(str(glyph.advance) for glyph in font.glyphs)
        descendant = PDFFont(subtype="CIDFontType2", base_font=name, d_w=1000, w=f"[1 [{advances}]]")
        self._add_pdf_obj(descendant, "fonts")
        composite.descendant_fonts = PDFArray([descendant])
        composite.to_unicode = PDFContentStream(_to_unicode(font.glyphs), compress=True)
        self._add_pdf_obj(composite.to_unicode, "fonts")
        descendant.c_i_d_system_info = CIDSystemInfo()
        self._add_pdf_obj(descendant.c_i_d_system_info, "fonts")
        descriptor = _Descriptor(font.typeface, name)
        self._add_pdf_obj(descriptor, "fonts")
        descendant.font_descriptor = descriptor
        # Code 0 is .notdef, which nothing prints.
        to_glyph = b"".join(places[gid].to_bytes(2) for gid in (0, *(glyph.gid for glyph in font.glyphs)))
        descendant.c_i_d_to_g_i_d_map = PDFContentStream(to_glyph, compress=True)
        self._add_pdf_obj(descendant.c_i_d_to_g_i_d_map, "fonts")
        descriptor.font_file2 = PDFFontStream(program)
        self._add_pdf_obj(descriptor.font_file2, "fonts")
        return composite


class _Descriptor(PDFFontDescriptor):
    font_file2: PDFFontStream

    def __init__(self, typeface: Typeface, name: str) -> None:
        box = typeface.box
        super().__init__(
            ascent=box.ascent,
            descent=box.descent,
            cap_height=box.cap_height,
            flags=FontDescriptorFlags.SYMBOLIC,
            font_b_box=f"[{' '.join(map(str, box.bounds))}]",
            italic_angle=0,
            stem_v=80,
            missing_width=1000,
        )
        self.font_name = Name(name)


def _subset_tag(program: bytes) -> str:
    """Six letters that differ between subsets of one font (ISO 32000-1, 9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(program).digest()[:6])


def _to_unicode(glyphs: Sequence[Glyph]) -> bytes:
    """The CMap that gives codes back their characters, so that text can be searched and copied."""
    pairs = [f"<{code:04x}><{glyph.character.encode('utf-16-be').hex()}>" for code, glyph in enumerate(glyphs, start=1)]
    # At most 100 entries a block (Adobe Technical Note #5014).
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    return "\n".join(
        (
            "/CIDInit/ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
            "/CMapName/Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange<0000><ffff>endcodespacerange",
            *("\n".join((f"{len(block)} beginbfchar", *block, "endbfchar")) for block in blocks),
            "endcmap",
            "CMapName currentdict/CMap defineresource pop",
            "end",
            "end",
        )
    ).encode()
