"""配送業者: tracking links and the form of tracking numbers."""

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import repeat
from operator import mod
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shukka.domain.shipping.tracking import is_s10, passes_mod7
from shukka.domain.text.options import Option
from shukka.domain.text.values import Flag, Label, Name


class CheckDigit(StrEnum):
    NONE = "none"
    MOD7 = "mod7"


class Concern(StrEnum):
    """A finding about a number: `IMPOSSIBLE` is refused; `UNLIKELY` is stored, and its mail waits for confirmation."""

    IMPOSSIBLE = "impossible"
    UNLIKELY = "unlikely"


def _tracking_url(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s<>\"'\\^`{|}]*\{number\}[^\s<>\"'\\^`{|}]*", url):
        raise PydanticCustomError("tracking_url", "追跡URLは http(s):// で始まり {number} を1か所だけ含めてください")
    return url


class Carrier(Option):
    """`tracking_url` holds `{number}` once; if it is empty, parcels have no tracking numbers (自社便).

    `number_digits` are the lengths of its numbers; if it is empty, any length is accepted.
    `international`: it also has numbers such as EE123456785JP (UPU standard S10).
    `aliases` are other names of the carrier in files.
    """

    name: Name
    tracking_url: Annotated[str, Field(max_length=500), AfterValidator(_tracking_url)] = ""
    number_digits: tuple[Annotated[int, Field(ge=4, le=30)], ...] = ()
    check_digit: CheckDigit = CheckDigit.NONE
    refuse_failed_check: Flag = False
    international: Flag = False
    time_slots: tuple[Label, ...] = ()
    aliases: Annotated[tuple[Name, ...], Field(max_length=50)] = ()

    @property
    def usual_names(self) -> tuple[str, ...]:
        """Its common names in files of other systems."""
        return _USUAL_NAMES.get(self.key, ())

    @property
    def title(self) -> str:
        return self.name

    @property
    def numbers_its_parcels(self) -> bool:
        return bool(self.tracking_url)

    def tracking_link(self, number: str) -> str | None:
        """The tracking page of the parcel `number`, or None."""
        return self.tracking_url.replace("{number}", quote(number, safe="")) if self.tracking_url else None

    def concern_about(self, number: str) -> Concern | None:
        """Why `number` may not be one of this carrier's; None if nothing is wrong with it.

        A 7DR remainder is 0 to 6, so a last digit of 7, 8 or 9 is certainly a mistake.
        """
        if self._has_its_length(number):
            return self._concern_about_check(number) if self._has_check(len(number)) else None
        if not self.number_digits or (self.international and is_s10(number)):
            return None
        return Concern.UNLIKELY if is_s10(number) or self._may_have_lost_zeros(number) else Concern.IMPOSSIBLE

    def vouches_for(self, numbers: Sequence[str]) -> bool:
        """Whether `concern_about` certainly accepts all of `numbers`, at a fraction of the cost.

        n = 10a + d has its 7DR digit if a mod 7 = d, that is if n mod 70 = 11d with d from 0 to 6.
        """
        if not self.number_digits:
            return True
        joined = "".join(numbers)
        digits = set(map(len, numbers))
        if not (joined.isascii() and joined.encode().isdigit() and digits.issubset(self.number_digits)):
            return False
        if self.check_digit is not CheckDigit.MOD7:
            return True
        return digits.issubset(_MOD7_DIGITS) and _MOD7_REMAINDERS.issuperset(map(mod, map(int, numbers), repeat(70)))

    def explain_concern(self, number: str) -> str:
        """The finding of `concern_about`, for staff."""
        if not self._has_its_length(number):
            digits = "桁または".join(str(digits) for digits in self.number_digits)
            if self._may_have_lost_zeros(number):
                advice = "先頭の0が消えていないか確認してください"
            else:
                advice = "別の配送業者の番号なら、配送業者も合わせて指定してください"
            return f"{self.name}の送り状番号は数字{digits}桁です。{advice}"
        return f"{self.name}の送り状番号として検査数字（末尾の1桁）が合いません。打ち間違いがないか確認してください"

    def _has_its_length(self, number: str) -> bool:
        return number.isascii() and number.isdigit() and len(number) in self.number_digits

    def _may_have_lost_zeros(self, number: str) -> bool:
        """Whether a spreadsheet may have removed leading zeros. Zeros do not change the check digit."""
        if not (number.isascii() and number.isdigit()):
            return False
        return any(
            len(number) == digits - 1 or (len(number) == digits - 2 and self._has_check(digits))
            for digits in self.number_digits
            if not self._has_check(digits) or passes_mod7(number)
        )

    def _has_check(self, digits: int) -> bool:
        return self.check_digit is CheckDigit.MOD7 and digits in _MOD7_DIGITS

    def _concern_about_check(self, number: str) -> Concern | None:
        if number[-1] in "789":
            return Concern.IMPOSSIBLE
        if passes_mod7(number):
            return None
        return Concern.IMPOSSIBLE if self.refuse_failed_check else Concern.UNLIKELY


# No check digit is published for the shorter numbers that some carriers also have.
_MOD7_DIGITS = (11, 12)
_MOD7_REMAINDERS = frozenset(range(0, 77, 11))

# By the carrier's key. Those with a version are delivery methods of ネクストエンジン.
_USUAL_NAMES = {
    "yamato": (
        "ヤマト",
        "クロネコヤマト",
        "クロネコ",
        "ヤマト宅急便",
        "宅急便",
        "ヤマトB2クラウド",
        "ヤマト(発払い)B2v6",
        "ヤマト(着払い)B2v6",
        "ヤマト(コレクト)B2v6",
        "ヤマト(ネコポス)",
        "ネコポス",
    ),
    "sagawa": ("佐川", "SAGAWA", "飛脚宅配便", "佐川急便(e飛伝2)", "佐川急便(e飛伝III)"),
    "japan_post": (
        "郵便局",
        "日本郵政",
        "ゆうパック",
        "ゆうパケット",
        "ゆうプリR",
        "レターパック",
        "クリックポスト",
        "日本郵便(ゆうパック)",
        "郵便",
    ),
    "seino": ("西濃", "セイノー", "カンガルー便", "西濃運輸(カンガルー便)"),
    "fukuyama": ("福山", "フクツー", "福通"),
}

_AM_TO_NIGHT = ("午前中", "14-16", "16-18", "18-20", "19-21")

DEFAULT_CARRIERS: tuple[Carrier, ...] = (
    Carrier(
        key="yamato",
        name="ヤマト運輸",
        tracking_url="https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno={number}",
        number_digits=(12,),
        check_digit=CheckDigit.MOD7,
        time_slots=_AM_TO_NIGHT,
    ),
    Carrier(
        key="sagawa",
        name="佐川急便",
        tracking_url="https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={number}",
        number_digits=(10, 12),
        check_digit=CheckDigit.MOD7,
        time_slots=("午前中", "12-14", "14-16", "16-18", "18-20", "18-21", "19-21"),
    ),
    Carrier(
        key="japan_post",
        name="日本郵便",
        tracking_url=(
            "https://trackings.post.japanpost.jp/services/srv/search/direct"
            "?reqCodeNo1={number}&searchKind=S002&locale=ja"
        ),
        number_digits=(11, 12),
        check_digit=CheckDigit.MOD7,
        international=True,
        time_slots=("午前中", "12-14", "14-16", "16-18", "18-20", "19-21", "20-21"),
    ),
    Carrier(
        key="seino",
        name="西濃運輸",
        tracking_url="https://track.seino.co.jp/cgi-bin/gnpquery.pgm?GNPNO1={number}",
        number_digits=(10,),
    ),
    Carrier(
        key="fukuyama",
        name="福山通運",
        tracking_url="https://corp.fukutsu.co.jp/situation/tracking_no_hunt/{number}",
    ),
    Carrier(key="own", name="自社便"),
)
