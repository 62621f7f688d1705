"""The types that every entrance shares: one validator for each fact, used by the API and by CSV files alike."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

TOKYO = ZoneInfo("Asia/Tokyo")
"""Business dates (発送日, 決済確認日, …) are days of this zone."""

MAX_YEN = 99_999_999_999

# C0 and C1 control characters, and the separators that some readers take for a line end. They have no place in a name
# and are what header injection, log forging and cut CSV rows are made of.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_NOTE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Lenient on the left of the @: mobile carriers handed out addresses such as `a..b.@example.jp`.
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,63}")


class Value(BaseModel):
    """Immutable value object. Unknown fields are refused, so a misspelt field never passes for an absent one."""

    # Built when first used: a function defines many values and needs few of them for any one request.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def business_date(at: datetime) -> date:
    """The day of `at` in Tokyo."""
    return at.astimezone(TOKYO).date()


def searchable(text: str) -> str:
    """`text` as the search compares it: NFKC (full-width and half-width are the same) and without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "改行や制御文字は使えません")
    return text


def _note(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL_IN_NOTE.search(text):
        raise PydanticCustomError("control_character", "制御文字は使えません")
    return text


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise PydanticCustomError("email", "メールアドレスの形式が正しくありません")
    return text


Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255), AfterValidator(_one_line)]
"""One line of text, at most 255 characters."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(_one_line)]
"""One line of text that is not empty."""

Note = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_note)]
"""Text of several lines, line ends as LF, at most 10,000 characters."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A stable key that travels between systems: a status, a payment method, a carrier."""

Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]

Flag = Annotated[bool, Field(strict=True)]
"""true or false; 0, 1, "yes" and "off" are none."""

Yen = Annotated[int, Field(strict=True, ge=0, le=MAX_YEN)]
SignedYen = Annotated[int, Field(strict=True, ge=-MAX_YEN, le=MAX_YEN)]
Quantity = Annotated[int, Field(strict=True, ge=0, le=9_999_999)]
Instant = AwareDatetime
"""A moment, aware; written in UTC."""
