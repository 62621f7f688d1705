"""発送日, 配送希望日, …: calendar days as people, carriers and spreadsheets write them."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from shukka.domain.text.normalize import SCIENTIFIC, plain_code

YEARS = range(2000, 2100)

_WEEKDAYS = "月火水木金土日"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_BEFORE_REIWA = 2018

# A time of day behind the date is what Excel and many warehouse systems add; the day is what counts.
_BEHIND = (
    rf"(?: ?\((?P<weekday>[{_WEEKDAYS}])(?:曜日?)?\))?"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_DATES = tuple(
    re.compile(f"(?:{day}){_BEHIND}", re.IGNORECASE)
    for day in (
        r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})",
        r"(?P<year>[0-9]{4})年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日",
        # ゆうパックプリントR writes moments as 20261125093000.
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?:[0-2][0-9][0-5][0-9][0-5][0-9])?",
        r"(?:令和|R)(?P<reiwa>元|[0-9]{1,2})年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日",
        r"(?:令和|R)(?P<reiwa>[0-9]{1,2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})",
        rf"(?P<day>[0-9]{{1,2}})-(?P<month>{'|'.join(_MONTHS)})-(?P<year>[0-9]{{4}})",
    )
)
_FORMAT_THE_CELL = "セルの書式を「yyyy/mm/dd」にして保存し直してください"

# The ways in which spreadsheets damage dates, and what settles each.
_DAMAGE = (
    (
        re.compile(r"[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]{1,2}"),
        f"年がありません。Excelなどの表計算ソフトが日付の表示を変えています。{_FORMAT_THE_CELL}",
    ),
    (
        re.compile(
            rf"[0-9]{{2}}([-/.])[0-9]{{1,2}}\1[0-9]{{1,2}}|[0-9]{{1,2}}-(?:{'|'.join(_MONTHS)})-[0-9]{{2}}", re.I
        ),
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
    """The day in `text`: 2026/1/5, 2026-01-05, 2026.1.5, 20260105, 2026年1月5日, 令和8年1月5日, R8.1.5 or 5-Jan-2026.

    A weekday, as in 2026/1/5(月), and a time of day may follow. Raises PydanticCustomError that says what was seen and
    what would settle it.
    """
    plain = plain_code(text)
    match = next(filter(None, (pattern.fullmatch(plain) for pattern in _DATES)), None)
    if not match:
        raise PydanticCustomError("business_date", _why_not(plain))
    parts = match.groupdict()
    try:
        found = date(_year(parts), _month(parts["month"]), int(parts["day"]))
    except ValueError:
        raise PydanticCustomError("business_date", "暦にない日付です") from None
    if found.year not in YEARS:
        raise PydanticCustomError("business_date", "年が2000年から2099年の間にありません")
    weekday = _WEEKDAYS[found.weekday()]
    if parts["weekday"] not in {None, weekday}:
        raise PydanticCustomError(
            "business_date",
            f"曜日が日付と合いません（{found:%Y/%m/%d}は{weekday}曜日です）。どちらが正しいか確認してください",
        )
    return found


def _year(parts: dict[str, str | None]) -> int:
    if reiwa := parts.get("reiwa"):
        years = 1 if reiwa == "元" else int(reiwa)
        return _YEAR_BEFORE_REIWA + years if years else 0
    return int(parts["year"] or 0)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.lower()) + 1


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
