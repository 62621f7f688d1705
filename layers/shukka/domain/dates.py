"""発送日, 配送希望日, …: calendar days as people, carriers and spreadsheets write them."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from shukka.domain.codes import SCIENTIFIC, plain_code

_YEARS = range(2000, 2100)

# A time of day behind the date is what Excel and many warehouse systems add; the day is what counts.
_DATE = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_FORMAT_THE_CELL = "セルの書式を「yyyy/mm/dd」にして保存し直してください"

# The ways in which spreadsheets damage dates, and what settles each.
_DAMAGE = (
    (
        re.compile(r"[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]{1,2}"),
        f"年がありません。Excelなどの表計算ソフトが日付の表示を変えています。{_FORMAT_THE_CELL}",
    ),
    (
        re.compile(r"[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}"),
        "年が2桁のため、どの日付か決められません。年を4桁で書いてください",
    ),
    (
        re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?"),
        f"Excelの内部の数値（シリアル値）になっています。{_FORMAT_THE_CELL}",
    ),
    (SCIENTIFIC, f"表計算ソフトで指数表記に変わり、元の日付が失われています。{_FORMAT_THE_CELL}"),
    (re.compile("#+"), "Excelの列の幅が足りず「####」になっています。列を広げて保存し直してください"),
)
_NOT_A_DATE = "日付として読めません。2026/1/5、2026-01-05、20260105、2026年1月5日のいずれかの形で書いてください"


def parse_business_date(text: str) -> date:
    """The day in `text`: 2026/1/5, 2026-01-05, 2026.1.5, 20260105 or 2026年1月5日, with or without a time of day.

    Raises PydanticCustomError that says what was seen and what would settle it.
    """
    plain = plain_code(text)
    match = _DATE.fullmatch(plain)
    if not match:
        raise PydanticCustomError("business_date", _why_not(plain))
    year, month, day = (int(part) for part in match.groups() if part and part.isdigit())
    try:
        found = date(year, month, day)
    except ValueError:
        raise PydanticCustomError("business_date", "暦にない日付です") from None
    if year not in _YEARS:
        raise PydanticCustomError("business_date", "年が2000年から2099年の間にありません")
    return found


def _why_not(plain: str) -> str:
    return next((reason for pattern, reason in _DAMAGE if pattern.fullmatch(plain)), _NOT_A_DATE)


def _validate(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("business_date", "日付は文字列で指定してください")
    return parse_business_date(value)


BusinessDate = Annotated[date, BeforeValidator(_validate)]
"""A calendar day in Asia/Tokyo."""
