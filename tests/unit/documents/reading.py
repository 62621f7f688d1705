"""Reads PDFs back, independently of what wrote them: what is printed, where, how wide, and with which outlines."""

import re
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import ContentStream


class Fragment(NamedTuple):
    """One string as it was drawn. Places are in pt from the bottom left, as PDF counts."""

    text: str
    x: float
    y: float
    size: float
    width: float

    @property
    def right(self) -> float:
        return self.x + self.width

    def overlaps(self, other: "Fragment") -> bool:
        across = min(self.right, other.right) - max(self.x, other.x)
        low, high = max(self.y, other.y), min(self.y + 0.7 * self.size, other.y + 0.7 * other.size)
        return across > 0.1 and high - low > 0.1


class EmbeddedFont:
    """A composite TrueType font, by its two-byte codes."""

    def __init__(self, dictionary: Any) -> None:
        self._descendant = dictionary["/DescendantFonts"][0].get_object()
        self._unicode = dictionary["/ToUnicode"].get_data()

    @cached_property
    def characters(self) -> dict[int, str]:
        pairs = re.findall(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>\n", self._unicode)
        return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}

    @cached_property
    def advances(self) -> dict[int, int]:
        widths, found = list(self._descendant["/W"]), {}
        while widths:
            first, second = int(widths.pop(0)), widths.pop(0)
            if isinstance(second, list):
                found.update(enumerate(map(int, second), start=first))
            else:
                found.update(dict.fromkeys(range(first, int(second) + 1), int(widths.pop(0))))
        return found

    def outline(self, code: int) -> list[Any]:
        """The glyph's drawing commands."""
        places = self._descendant["/CIDToGIDMap"].get_data()
        gid = int.from_bytes(places[2 * code : 2 * code + 2])
        pen = DecomposingRecordingPen(self._program.getGlyphSet())
        self._program.getGlyphSet()[self._program.getGlyphName(gid)].draw(pen)
        return pen.value

    @cached_property
    def _program(self) -> TTFont:
        return TTFont(BytesIO(self._descendant["/FontDescriptor"]["/FontFile2"].get_data()))


class Sheet(NamedTuple):
    fragments: list[Fragment]
    strokes: list[tuple[float, ...]]
    """Straight lines: x1, y1, x2, y2, width, gray."""
    fills: list[tuple[float, ...]]
    """Rectangles: x, y, width, height, gray."""

    @property
    def text(self) -> str:
        return "\n".join(fragment.text for fragment in self.fragments)

    def fragment(self, text: str) -> Fragment:
        return next(fragment for fragment in self.fragments if fragment.text == text)


class Pdf:
    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(BytesIO(content), strict=True)
        self._fonts: dict[int, EmbeddedFont] = {}

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [self._sheet(page) for page in self.reader.pages]

    @property
    def text(self) -> str:
        return "\n".join(sheet.text for sheet in self.sheets)

    def fonts(self, page: Any) -> dict[str, EmbeddedFont]:
        found = {}
        for name, reference in page["/Resources"]["/Font"].items():
            dictionary = reference.get_object()
            number = dictionary.indirect_reference.idnum
            found[name] = self._fonts.setdefault(number, EmbeddedFont(dictionary))
        return found

    def _sheet(self, page: Any) -> Sheet:
        sheet = Sheet([], [], [])
        fonts = self.fonts(page)
        font, size = next(iter(fonts.values())), 0.0
        matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
        path: list[float] = []
        width, stroke, fill = 1.0, 0.0, 0.0
        for operands, operator in _operations(page, self.reader):
            match operator:
                case b"BT":
                    matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
                case b"Tf":
                    font, size = fonts[str(operands[0])], float(operands[1])
                case b"Td":
                    matrix[4:] = [matrix[4] + float(operands[0]), matrix[5] + float(operands[1])]
                case b"Tm":
                    matrix = [float(operand) for operand in operands]
                case b"Tj":
                    codes = _codes(operands[0].original_bytes)
                    text = "".join(font.characters[code] for code in codes)
                    advance = sum(font.advances[code] for code in codes) * size / 1000 * matrix[0]
                    sheet.fragments.append(Fragment(text, matrix[4], matrix[5], size, advance))
                case b"w":
                    width = float(operands[0])
                case b"G":
                    stroke = float(operands[0])
                case b"g":
                    fill = float(operands[0])
                case b"m":
                    path = [float(operand) for operand in operands]
                case b"l":
                    end = [float(operand) for operand in operands]
                    sheet.strokes.append((*path, *end, width, stroke))
                case b"re":
                    sheet.fills.append((*(float(operand) for operand in operands), fill))
        return sheet


def _operations(page: Any, reader: PdfReader) -> Iterator[tuple[Any, bytes]]:
    yield from ContentStream(page.get_contents(), reader).operations


def _codes(encoded: bytes) -> list[int]:
    return [int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2)]
