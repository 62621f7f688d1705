"""送り状番号: what may be one, and what is surely damaged."""

import re
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

# What a spreadsheet makes of a long number: the digits behind the first few are gone for good.
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[Ee][+-]?[0-9]+")
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_HYPHENS = re.compile("[-\u2010-\u2015\u2212\u30fc\uff0d\uff70 ]")


def normalize_tracking_number(text: str) -> str:
    """`text` as it is stored: half-width, without hyphens, spaces and `="…"`, letters in upper case."""
    wrapped = _EXCEL_TEXT.fullmatch(text.strip())
    plain = unicodedata.normalize("NFKC", wrapped[1] if wrapped else text).strip()
    if _SCIENTIFIC.fullmatch(plain):
        raise PydanticCustomError(
            "scientific_notation",
            "表計算ソフトで指数表記に変わり、元の番号が失われています。列を文字列にして出力し直してください",
        )
    return _HYPHENS.sub("", plain).upper()


def _validate(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("tracking_number", "送り状番号は文字列で指定してください")
    number = normalize_tracking_number(value)
    if not re.fullmatch("[0-9A-Z]{4,30}", number):
        raise PydanticCustomError("tracking_number", "送り状番号は半角英数字4～30文字で指定してください")
    return number


TrackingNumber = Annotated[str, BeforeValidator(_validate), StringConstraints(max_length=30)]


def passes_mod7(number: str) -> bool:
    """Whether the last digit is the remainder of the others by 7 (7DR: ヤマト, 佐川, ゆうパック)."""
    return number.isascii() and number.isdigit() and len(number) > 1 and int(number[:-1]) % 7 == int(number[-1])
