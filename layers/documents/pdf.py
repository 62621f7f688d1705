"""The few parts of PDF 1.7 (ISO 32000-1) that a paper is made of: pages with text and rules, and embedded fonts.

Written here rather than with a library because a paper needs so little of it: see docs/decisions.
"""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from documents.typeface import GETA, Glyph, Typeface, composed

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
"""A4 in pt (1/72 inch)."""


class Info(NamedTuple):
    """What a reader shows as the file's properties. The file's time is the start of `day` in Tokyo."""

    title: str
    author: str
    day: date


class Font:
    """A typeface in one file. Characters get codes in order of first use; only their glyphs are embedded."""

    def __init__(self, typeface: Typeface, resource: str) -> None:
        self.typeface = typeface
        self.resource = resource
        self.width = typeface.width
        self._codes = _Codes(typeface)

    @property
    def missing(self) -> Sequence[str]:
        """The characters that 〓 stands for, in order of first use."""
        return self._codes.missing

    def encode(self, text: str) -> str:
        """`text` as a hexadecimal string of two-byte codes."""
        return composed(text).translate(self._codes).encode("utf-16-be").hex()

    def add_to(self, file: "_File") -> int:
        """Adds the font's objects, after all text was encoded; returns the number of the font dictionary."""
        glyphs = self._codes.glyphs
        program, places = self.typeface.subset({gid for _, gid, _ in glyphs})
        tag = _subset_tag(program)
        name = f"{tag}+{self.typeface.name}"
        box = self.typeface.box
        program_number = file.add_stream(program, f"/Length1 {len(program)}")
        descriptor = file.add(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/ItalicAngle 0/StemV 80"
            f"/FontBBox[{' '.join(map(str, box.bounds))}]/Ascent {box.ascent}/Descent {box.descent}"
            f"/CapHeight {box.cap_height}/FontFile2 {program_number} 0 R>>"
        )
        # Code 0 is .notdef, which nothing prints.
        to_glyph = file.add_stream(b"\0\0" + b"".join(places[gid].to_bytes(2) for _, gid, _ in glyphs))
        widths = " ".join(str(advance) for _, _, advance in glyphs)
        descendant = file.add(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDToGIDMap {to_glyph} 0 R/DW 1000/W[1[{widths}]]"
            f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor {descriptor} 0 R>>"
        )
        to_unicode = file.add_stream(_to_unicode([character for character, _, _ in glyphs]))
        return file.add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
            f"/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R>>"
        )


class _Codes(dict[int, int | None]):
    """For `str.translate`: codes by code point; None takes an invisible character out."""

    def __init__(self, typeface: Typeface) -> None:
        super().__init__()
        self._typeface = typeface
        self.glyphs: list[tuple[str, int, int]] = []
        """(character, glyph id, advance) of code 1 and on."""
        self.missing: list[str] = []

    def __missing__(self, code_point: int) -> int | None:
        glyph = self._typeface.glyph(code_point)
        self[code_point] = code = self._code(code_point, glyph)
        return code

    def _code(self, code_point: int, glyph: Glyph) -> int | None:
        if glyph.gid is None:
            return None
        if glyph.gid == 0:
            self.missing.append(chr(code_point))
            return self[ord(GETA)]
        self.glyphs.append((chr(code_point), glyph.gid, glyph.advance))
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
            self._text.append(f"/{font.resource} {size} Tf")
        if self._gray != gray:
            self._gray = gray
            self._text.append(f"{gray} g")

    @property
    def content(self) -> bytes:
        return "\n".join((*self._graphics, "0 g BT", *self._text, "ET")).encode()


def write(pages: Sequence[Page], fonts: Sequence[Font], info: Info) -> bytes:
    """The file. The same input gives the same bytes."""
    file = _File()
    tree = file.reserve()
    used = "".join(f"/{font.resource} {font.add_to(file)} 0 R" for font in fonts)
    resources = file.add(f"<</Font<<{used}>>>>")
    kids = []
    for page in pages:
        content = file.add_stream(page.content)
        kids.append(file.add(f"<</Type/Page/Parent {tree} 0 R/Resources {resources} 0 R/Contents {content} 0 R>>"))
    file.put(
        tree,
        f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]"
        f"/MediaBox[0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]>>",
    )
    catalog = file.add(f"<</Type/Catalog/Pages {tree} 0 R/Lang(ja-JP)/ViewerPreferences<</DisplayDocTitle true>>>>")
    properties = file.add(
        f"<</Title{_string(info.title)}/Author{_string(info.author)}/Producer{_string('Shukka')}"
        f"/CreationDate(D:{info.day:%Y%m%d}000000+09'00')>>"
    )
    return file.finish(catalog, properties)


class _File:
    """Numbered objects, then the table of where they are."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        """A number for an object that is `put` later."""
        return self._append(b"")

    def add(self, body: str) -> int:
        return self._append(body.encode())

    def put(self, number: int, body: str) -> None:
        self._objects[number - 1] = body.encode()

    def add_stream(self, content: bytes, entries: str = "") -> int:
        packed = zlib.compress(content)
        head = f"<</Filter/FlateDecode/Length {len(packed)}{entries}>>stream\n"
        return self._append(head.encode() + packed + b"\nendstream")

    def _append(self, body: bytes) -> int:
        self._objects.append(body)
        return len(self._objects)

    def finish(self, catalog: int, info: int) -> bytes:
        # The second line tells file transfer programs that this is not text (ISO 32000-1, 7.5.2).
        parts = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
        offset = len(parts[0])
        table = [f"xref\n0 {len(self._objects) + 1}\n0000000000 65535 f \n"]
        for number, body in enumerate(self._objects, start=1):
            part = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            table.append(f"{offset:010} 00000 n \n")
            parts.append(part)
            offset += len(part)
        identity = hashlib.sha256(b"".join(parts)).hexdigest()[:32]
        table.append(
            f"trailer\n<</Size {len(self._objects) + 1}/Root {catalog} 0 R/Info {info} 0 R"
            f"/ID[<{identity}><{identity}>]>>\nstartxref\n{offset}\n%%EOF\n"
        )
        parts.append("".join(table).encode())
        return b"".join(parts)


def _string(text: str) -> str:
    """A text string of any characters (ISO 32000-1, 7.9.2.2)."""
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _subset_tag(program: bytes) -> str:
    """Six letters that differ between subsets of one font (ISO 32000-1, 9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(program).digest()[:6])


def _to_unicode(characters: Sequence[str]) -> bytes:
    """The CMap that gives codes back their characters, so that text can be searched and copied."""
    pairs = [f"<{code:04x}><{text.encode('utf-16-be').hex()}>" for code, text in enumerate(characters, start=1)]
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
