"""Finding orders by what people remember of them: words that occur somewhere in what is known of an order."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from shukka.domain.shipping.shipment import ShipmentId
from shukka.domain.text.normalize import plain_code
from shukka.domain.text.values import ORDER_NUMBER, UNSEEN

MAX_WORDS = 10

_SPACES_AND_HYPHENS = r"\s\-\u2010-\u2015\u2212"
# Written or left out as people please: 03-0000-1001, SOY-180, 﨑山 一郎. The long vowel mark ー is a letter.
_FILLING = re.compile(rf"[{_SPACES_AND_HYPHENS}]+")
_ORDER_NUMBER = re.compile(ORDER_NUMBER)

# Joiners and the selectors of a character's variant (異体字セレクタ) say how it looks, not which one it is.
_LOOKS = "\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PASSED_OVER = re.compile(f"[{_SPACES_AND_HYPHENS}{_LOOKS}{UNSEEN}]+")
# ㈱ and ㈲ are (株) and (有) in NFKC.
_COMPANY_FORMS = {"(株)": "株式会社", "(有)": "有限会社"}
_ABBREVIATED = re.compile("|".join(map(re.escape, _COMPANY_FORMS)))
# The forms in which people write the same name: of each group, all are searched as the last.
_VARIANTS = (
    *(
        "髙高",
        "﨑嵜碕崎",
        "濵濱浜",
        "邊邉辺",
        "齋齊斎斉",
        "澤沢",
        "𠮷吉",
        "德徳",
        "瀨瀬",
        "嶋嶌島",
        "廣広",
        "國国",
        "眞真",
    ),
    *(
        "惠恵",
        "櫻桜",
        "龍竜",
        "榮栄",
        "壽寿",
        "條条",
        "曾曽",
        "栁柳",
        "桒桑",
        "緖緒",
        "靑青",
        "黑黒",
        "彌弥",
        "冨富",
        "學学",
    ),
)
_HIRAGANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_SAME = {ord(variant): group[-1] for group in _VARIANTS for variant in group[:-1]} | _HIRAGANA


class Search(NamedTuple):
    """Every one of `words` occurs and none of `unwanted`. `number` is that of the order that the text names, if any.

    A word is the texts that stand for it, one of which has to occur: what `searchable` makes of it and, where that is
    another, what it was before kana and variants were folded. Orders that have not changed since lie so in the store.
    """

    words: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()
    number: str | None = None

    def finds(self, *texts: str) -> bool:
        """Whether an order with these search texts (`search_text`) is meant."""
        return all(_occurs(word, texts) for word in self.words) and not any(
            _occurs(word, texts) for word in self.unwanted
        )


def searchable(text: str) -> str:
    """`text` as the search compares it.

    Width (NFKC), case, hyphens and spaces make no difference, nor do hiragana and katakana, ㈱ and 株式会社, 髙 and 高.
    """
    if text.isascii():
        return _FILLING.sub("", text.casefold())
    text = _PASSED_OVER.sub("", unicodedata.normalize("NFKC", text).casefold())
    # Once more: a sound mark may now stand behind its kana.
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    return _ABBREVIATED.sub(lambda form: _COMPANY_FORMS[form[0]], text)


def search_text(parts: Iterable[str | None]) -> str:
    """`parts` as words are looked for in them: each once, on lines of their own so that no word spans two."""
    return "\n".join(dict.fromkeys(folded for part in parts if part and (folded := searchable(part))))


def parse_search(text: str) -> Search:
    """Words between spaces; one that begins with `!` is unwanted. Empty where the text holds no word.

    An order number or 発送ID names its order.
    """
    wanted: dict[tuple[str, ...], None] = {}
    unwanted: dict[tuple[str, ...], None] = {}
    for word in unicodedata.normalize("NFKC", text).split():
        if forms := _forms(word.removeprefix("!")):
            (unwanted if word.startswith("!") else wanted)[forms] = None
    return Search(tuple(wanted), tuple(unwanted), _number(text))


def _forms(word: str) -> tuple[str, ...]:
    folded = searchable(word)
    return tuple(dict.fromkeys((folded, _FILLING.sub("", word.casefold())))) if folded else ()


def _occurs(word: tuple[str, ...], texts: Iterable[str]) -> bool:
    return any(form in text for text in texts for form in word)


def _number(text: str) -> str | None:
    plain = plain_code(text)
    shipment = ShipmentId.parse(plain)
    if shipment:
        return shipment.order_number
    return plain if _ORDER_NUMBER.fullmatch(plain) else None
