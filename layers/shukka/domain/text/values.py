"""The types that every entrance shares: one validator for each fact, used by the API and by CSV files alike."""

import re
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

TOKYO = ZoneInfo("Asia/Tokyo")
"""Business dates (発送日, 決済確認日, …) are days of this zone."""

MAX_YEN = 99_999_999_999

ORDER_NUMBER = r"[1-9][0-9]{0,14}"
SHIPMENT_ID = rf"{ORDER_NUMBER}-[1-9][0-9]{{0,3}}"
KEY = r"[a-z][a-z0-9_]{0,39}"

# C0 without tab and line feed, C1, and the separators that some readers take for a line end: what header injection, log
# forging and cut CSV rows are made of. Half of a surrogate pair cannot be written as UTF-8.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_SURROGATES = "\ud800-\udfff"
# They turn the text behind them around, until a character ends it (UAX #9).
_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
_DIRECTION_MARKS = "\u061c\u200e\u200f"
# Two names that look the same and are not: soft hyphen, zero-width spaces, BOM, interlinear annotation, tags. Joiners
# (U+200C, U+200D) and variation selectors (U+FE00-FE0F, U+E0100-E01EF) are not among them: Japanese names use them.
_HIDDEN = "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
UNSEEN = f"{_OVERRIDES}{_DIRECTION_MARKS}{_HIDDEN}"
"""Of a character class: what is in a text and cannot be seen, nor needed to write a name."""

LINE_BREAKING = re.compile(f"[{_CONTROL}\t\n]")
"""What would end a header, a log line or a CSV row."""
NOT_IN_A_LINE = re.compile(f"[{_CONTROL}\t\n{_SURROGATES}{UNSEEN}]")
NOT_IN_A_NOTE = re.compile(f"[{_CONTROL}{_SURROGATES}{_OVERRIDES}]")
UNSEEN_IN_A_NOTE = re.compile(f"[{_CONTROL}{_SURROGATES}{_OVERRIDES}{_DIRECTION_MARKS}]")
"""What a text of several lines loses before it goes out. Orders from before today's rules may hold any of it."""

UNSEEN_IN_A_CODE = re.compile(f"[{_OVERRIDES}{_DIRECTION_MARKS}{_HIDDEN}\u200c\u200d]")
"""What copying from web pages, mails and chats leaves in a code: no code has joiners either."""
SURROGATES = re.compile(f"[{_SURROGATES}]")
"""What UTF-8 cannot encode."""

AS_STORED = {"stored": True}
"""The validation context of what was stored: text that an older rule let in stays readable."""

# Lenient on the left of the @: mobile carriers handed out addresses such as `a..b.@example.jp`.
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,63}")


class Value(BaseModel):
    """Immutable value object. Unknown fields are refused, so a misspelt field never passes for an absent one."""

    # Built when first used: a function defines many values and needs few of them for any one request.
    # In an answer every field is there, so its schema says so; in a request those with a default need not be.
    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, json_schema_serialization_defaults_required=True
    )


def business_date(at: datetime) -> date:
    """The day of `at` in Tokyo."""
    return at.astimezone(TOKYO).date()


def _one_line(text: str, info: ValidationInfo) -> str:
    if info.context is not AS_STORED and (found := NOT_IN_A_LINE.search(text)):
        raise _unusable(found[0], "改行や制御文字は使えません")
    return text


def _note(text: str, info: ValidationInfo) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if info.context is not AS_STORED and (found := NOT_IN_A_NOTE.search(text)):
        raise _unusable(found[0], "制御文字は使えません")
    return text


def _unusable(character: str, reason: str) -> PydanticCustomError:
    if not LINE_BREAKING.match(character):
        # Nobody sees it, so nobody finds it without its number.
        reason = f"見えない文字（U+{ord(character):04X}）は使えません。文字を打ち直してください"
    return PydanticCustomError("control_character", reason)


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise PydanticCustomError("email", "メールアドレスの形式が正しくありません")
    return text


Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255), AfterValidator(_one_line)]
"""One line of text, at most 255 characters."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(_one_line)]
"""One line of text that is not empty."""

MAX_METADATA = 20
MetadataName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(_one_line)
]
Metadata = Annotated[dict[MetadataName, Label], Field(max_length=MAX_METADATA)]
"""Short texts of another system's own, by name."""

Note = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_note)]
"""Text of several lines, line ends as LF, at most 10,000 characters."""

Key = Annotated[str, StringConstraints(pattern=f"^{KEY}$")]
"""A stable key that travels between systems: a status, a payment method, a carrier."""

OrderNumber = Annotated[str, StringConstraints(pattern=f"^{ORDER_NUMBER}$")]
ShipmentIdText = Annotated[str, StringConstraints(pattern=f"^{SHIPMENT_ID}$")]
"""発送ID as callers write it; `ShipmentId` is what it says."""

Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]

Flag = Annotated[bool, Field(strict=True)]
"""true or false; 0, 1, "yes" and "off" are none."""

Yen = Annotated[int, Field(strict=True, ge=0, le=MAX_YEN)]
SignedYen = Annotated[int, Field(strict=True, ge=-MAX_YEN, le=MAX_YEN)]
Quantity = Annotated[int, Field(strict=True, ge=0, le=9_999_999)]
Instant = AwareDatetime
"""A moment, aware; written in UTC."""
