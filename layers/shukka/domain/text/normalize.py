"""Codes, numbers and dates as people and spreadsheets write them. Names and notes are never touched."""

import re
import unicodedata

from shukka.domain.text.values import UNSEEN_IN_A_CODE

_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d\uff70", "-"))
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[Ee][+-]?[0-9]+")
"""What a spreadsheet makes of a long number, as 4.44414E+11: the digits behind the first few are gone for good."""


def plain_code(text: str) -> str:
    """`text` in half-width (NFKC), with every kind of hyphen as `-`.

    Without `="…"`, the space around it, and characters that nobody sees.
    """
    text = UNSEEN_IN_A_CODE.sub("", text)
    wrapped = _EXCEL_TEXT.fullmatch(text.strip())
    return unicodedata.normalize("NFKC", wrapped[1] if wrapped else text).translate(_HYPHENS).strip()
