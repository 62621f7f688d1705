"""The fonts: widths to lay text out with, and the few glyphs of a document to embed."""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb

from shukka.domain.text.cp932 import SUBSTITUTE

FONTS = Path(__file__).with_name("fonts")
"""Written by `documents.build_fonts`."""

# Invisible: joiners, and the selectors that ask for a variant of the character before them.
_INVISIBLE = frozenset(
    [0x00AD, *range(0x200B, 0x2010), 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)
_VOICED, _SEMI_VOICED = "\u3099", "\u309a"
_LOOSE_MARK = re.compile(f"[ぁ-ヿ][{_VOICED}{_SEMI_VOICED}]")
_NOT_EMBEDDED = ("OS/2", "cmap", "name", "post")


class Glyph(NamedTuple):
    """What a character is printed with. `gid` 0 is a character that the font lacks; `advance` is in 1/1000 em."""

    character: str
    gid: int
    advance: int
    visible: bool = True


class FontBox(NamedTuple):
    """The font's own measures, in 1/1000 em."""

    ascent: int
    descent: int
    cap_height: int
    bounds: tuple[int, ...]


class Typeface:
    """One font file, opened once and kept: only the pages that are read take memory."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._face = hb.Face(hb.Blob.from_file_path(path))
        self._font = hb.Font(self._face)
        self._glyphs: dict[int, Glyph] = {}
        self._advances = _Advances(self)

    @property
    def box(self) -> FontBox:
        extents = self._font.get_font_extents("ltr")
        cap_height = self._font.get_metric_position(hb.OTMetricsTag.CAP_HEIGHT)
        # Offset 36 of table head: xMin, yMin, xMax, yMax (OpenType 1.9, "head").
        bounds = struct.unpack_from(">4h", self._face.reference_table("head").data, 36)
        return FontBox(extents.ascender, extents.descender, cap_height or extents.ascender, bounds)

    def glyph(self, code_point: int) -> Glyph:
        known = self._glyphs.get(code_point)
        if known is None:
            known = self._glyphs[code_point] = self._look_up(code_point)
        return known

    def _look_up(self, code_point: int) -> Glyph:
        if code_point in _INVISIBLE:
            return Glyph(chr(code_point), 0, 0, visible=False)
        gid = self._font.get_nominal_glyph(code_point) or 0
        shown = gid or self._font.get_nominal_glyph(ord(SUBSTITUTE)) or 0
        return Glyph(chr(code_point), gid, self._font.get_glyph_h_advance(shown))

    def width(self, text: str) -> int:
        """In 1/1000 em."""
        return sum(map(self._advances.__getitem__, text))

    def subset(self, gids: set[int]) -> tuple[bytes, dict[int, int]]:
        """A font file with these glyphs and .notdef (id 0) alone, and where each of them is in it."""
        wanted = hb.SubsetInput()
        wanted.glyph_set.update(gids)
        wanted.drop_table_tag_set.update(int.from_bytes(tag.encode()) for tag in _NOT_EMBEDDED)
        wanted.flags = hb.SubsetFlags.NOTDEF_OUTLINE
        plan = hb.SubsetPlan(self._face, wanted)
        places = plan.old_to_new_glyph_mapping
        return plan.execute().blob.data, {gid: places[gid] for gid in {0, *gids}}


class _Advances(dict[str, int]):
    """Advances by character; a plain dict once every character of a text was seen."""

    def __init__(self, typeface: Typeface) -> None:
        super().__init__()
        self._typeface = typeface

    def __missing__(self, character: str) -> int:
        advance = self[character] = self._typeface.glyph(ord(character)).advance
        return advance


@cache
def regular() -> Typeface:
    return Typeface(FONTS / "regular.ttf", "NotoSansJP-Regular")


@cache
def bold() -> Typeface:
    return Typeface(FONTS / "bold.ttf", "NotoSansJP-Bold")


def composed(text: str) -> str:
    """`text` with loose voicing marks joined to their kana, as some systems write file names and forms.

    Not NFC as a whole: that would replace kanji that people write their names with.
    """
    if _VOICED not in text and _SEMI_VOICED not in text:
        return text
    return _LOOSE_MARK.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
