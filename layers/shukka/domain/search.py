"""Finding orders by what people remember of them: words that occur somewhere in what is known of an order."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from shukka.domain.codes import plain_code
from shukka.domain.shipment import ShipmentId
from shukka.domain.values import ORDER_NUMBER, searchable

MAX_WORDS = 10

# Written or left out as people please: 03-0000-1001, SOY-180, 﨑山 一郎. The long vowel mark ー is a letter.
_FILLING = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_ORDER_NUMBER = re.compile(ORDER_NUMBER)


class Search(NamedTuple):
    """Every one of `words` occurs and none of `unwanted`. `number` is that of the order that the text names, if any."""

    words: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    number: str | None = None

    def finds(self, *texts: str) -> bool:
        """Whether an order with these search texts (`search_text`) is meant."""
        return all(any(word in text for text in texts) for word in self.words) and not any(
            word in text for text in texts for word in self.unwanted
        )


def search_text(parts: Iterable[str | None]) -> str:
    """`parts` as words are looked for in them: each once, on lines of their own so that no word spans two."""
    return "\n".join(dict.fromkeys(folded for part in parts if part and (folded := _folded(part))))


def parse_search(text: str) -> Search:
    """Words between spaces; one that begins with `!` is unwanted. Empty where the text holds no word.

    An order number or 発送ID names its order.
    """
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for word in searchable(text).split():
        if folded := _folded(word.removeprefix("!")):
            (unwanted if word.startswith("!") else wanted)[folded] = None
    return Search(tuple(wanted), tuple(unwanted), _number(text))


def _number(text: str) -> str | None:
    plain = plain_code(text)
    shipment = ShipmentId.parse(plain)
    if shipment:
        return shipment.order_number
    return plain if _ORDER_NUMBER.fullmatch(plain) else None


def _folded(text: str) -> str:
    return _FILLING.sub("", searchable(text))
