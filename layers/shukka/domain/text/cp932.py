"""cp932 (Windows-31J), which most business programs still read: what it holds, and how wide it is."""

import re
import unicodedata
from typing import NamedTuple

SUBSTITUTE = "〓"
"""What printers have always set for a character that they do not have."""

# The same character to any reader. Of the first six, Python's codec knows that.
_SAME = str.maketrans(
    {
        "〜": "～",
        "−": "－",
        "‖": "∥",
        "¢": "￠",
        "£": "￡",
        "¬": "￢",
        "—": "―",
        "–": "-",
        "‑": "-",
        "¥": "￥",
        "\u00a0": " ",
    }
)
# Kana whose voicing mark is a character of its own, as file names of macOS have them.
_DECOMPOSED = re.compile("[\u3040-\u30ff][\u3099\u309a]")
# 外字 mean something else on every machine.
USER_DEFINED = re.compile("[\x80\ue000-\uf8ff]")
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


class Legible(NamedTuple):
    """`text` as cp932 holds it; `lost` has each character that it does not hold, once."""

    text: str
    lost: str = ""


def legible(text: str) -> Legible:
    """`text` with é as e, 酪 (U+F919) as 酪, and `SUBSTITUTE` for anything else that cp932 lacks: 𠮷, emoji, 外字.

    Look-alikes (〜 and ～), variation selectors and joiners are not counted as lost: nobody would miss them.
    """
    text = _DECOMPOSED.sub(lambda kana: unicodedata.normalize("NFC", kana[0]), text.translate(_SAME))
    if holds(text):
        return Legible(text)
    missing = dict.fromkeys(character for character in text if not holds(character))
    text = text.translate({ord(character): _instead_of(character) for character in missing})
    return Legible(text, "".join(character for character in missing if not _is_invisible(character)))


def holds(text: str) -> bool:
    """Whether a cp932 file gives back exactly this text."""
    try:
        code = text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return code.decode("cp932") == text and not USER_DEFINED.search(text)


def width(text: str) -> int:
    """Bytes in cp932: 1 for half-width characters, 2 for full-width ones. `text` must be `legible`."""
    return len(text.encode("cp932"))


def _instead_of(character: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not _is_invisible(part))
    return plain if holds(plain) else SUBSTITUTE


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE
