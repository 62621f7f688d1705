"""送り状番号: what is accepted as one, and what is certainly damaged."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from shukka.domain.text.normalize import SCIENTIFIC, plain_code

MIN_DIGITS, MAX_DIGITS = 4, 30

_NUMBER = re.compile(f"[0-9A-Z]{{{MIN_DIGITS},{MAX_DIGITS}}}")
_SOME_DIGIT = re.compile("[1-9]")
_FILLING = str.maketrans("", "", "- ")
# Separators of several numbers in one cell. A single space usually groups one number 4-4-4.
_SEPARATORS = re.compile(r"[,、;/|\r\n\t]+")
_SHORTEST_BEHIND_A_SPACE = 10
# Spreadsheets and scripts turn numbers into amounts: 444413758703.0 and 444,413,758,703. No carrier has numbers of
# three digits. A spreadsheet loses the digits after the 15th, and a shorter number may lack leading zeros.
_AS_AMOUNT = re.compile(r"(?P<digits>[0-9]{10,15}|[0-9]{1,3}(?:,[0-9]{3}){3,4})(?:\.0+)?")
_WITH_FRACTION = re.compile(r"[0-9,]+\.[0-9]+")
# 4444,1375,8703 is one number in its groups, not three.
_GROUPS = re.compile("[0-9]{1,5}(?: [0-9]{1,5})+")
_DIGITS_OF_ONE = range(10, 15)
_S10 = re.compile("[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def parse_tracking_number(text: str) -> str:
    """`text` as it is stored: half-width, without hyphens, spaces and `="…"`, letters in upper case.

    Raises PydanticCustomError if no number is left: a word such as FALSE, TEST or NONE is not one.
    """
    plain = plain_code(text)
    if SCIENTIFIC.fullmatch(plain):
        raise PydanticCustomError(
            "scientific_notation",
            "表計算ソフトで指数表記に変わり、元の番号が失われています。列を文字列にして出力し直してください",
        )
    number = _without_amount(plain).translate(_FILLING).upper()
    if _WITH_FRACTION.fullmatch(number):
        raise PydanticCustomError(
            "fraction",
            "小数の付いた数値になっています。表計算ソフトで列を文字列にし、番号を確認して出力し直してください",
        )
    if not _NUMBER.fullmatch(number):
        raise PydanticCustomError("tracking_number", "送り状番号は半角英数字4～30文字で指定してください")
    if not _SOME_DIGIT.search(number):
        raise PydanticCustomError("tracking_number", "送り状番号ではありません。番号を入れてください")
    return number


def parse_tracking_numbers(text: str) -> tuple[str, ...]:
    """The distinct numbers in `text`, in order: shops write the parcels of a shipment into one cell.

    Raises PydanticCustomError if a part is not a number, or if the parts look like the groups of a single number.
    """
    numbers: dict[str, None] = {}
    for part in _SEPARATORS.split(_without_amount(plain_code(text))):
        words = part.split()
        grouped = any(len(word) < _SHORTEST_BEHIND_A_SPACE for word in words)
        for number in [part] if grouped else words:
            numbers[parse_tracking_number(number)] = None
    if _GROUPS.fullmatch(" ".join(numbers)) and sum(map(len, numbers)) in _DIGITS_OF_ONE:
        raise PydanticCustomError(
            "several_numbers", "1つの番号が途中で区切られているようです。番号の中の区切りを取り除いてください"
        )
    return tuple(numbers) or (parse_tracking_number(text),)


def _without_amount(plain: str) -> str:
    amount = _AS_AMOUNT.fullmatch(plain)
    return amount["digits"].replace(",", "") if amount else plain


def _validate(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("tracking_number", "送り状番号は文字列で指定してください")
    return parse_tracking_number(value)


TrackingNumber = Annotated[str, BeforeValidator(_validate), StringConstraints(max_length=MAX_DIGITS)]


def is_s10(number: str) -> bool:
    """Whether it is an international postal number with the right check digit (UPU S10: EMS, 国際書留)."""
    found = _S10.fullmatch(number)
    if found is None:
        return False
    remainder = 11 - sum(int(digit) * weight for digit, weight in zip(found[1], _S10_WEIGHTS, strict=True)) % 11
    return int(found[2]) == {10: 0, 11: 5}.get(remainder, remainder)


def shared_warning(number: str, shipments: Sequence[object] = ()) -> str:
    """For staff: other orders have the number too, in `shipments` if these are known."""
    where = f"発送ID {'、'.join(map(str, shipments[:3]))} " if shipments else "他の受注"
    return f"送り状番号 {number} は{where}にも登録されています。番号に誤りがないか確認してください"


def passes_mod7(number: str) -> bool:
    """Whether the last digit is the remainder of the others by 7 (7DR: ヤマト, 佐川, ゆうパック)."""
    return number.isascii() and number.isdigit() and len(number) > 1 and int(number[:-1]) % 7 == int(number[-1])
