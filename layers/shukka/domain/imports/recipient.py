"""お届け先: whether a carrier's file and an order name the same recipient."""

import re
import unicodedata
from typing import NamedTuple

from shukka.domain.order.order import Member
from shukka.domain.shipping.shipment import Destination
from shukka.domain.text.normalize import plain_code

_HONORIFIC = re.compile("(?:様|御中|さま|殿)$")
_NOT_DIGITS = re.compile("[^0-9]")


class Recipient(NamedTuple):
    company: str
    name: str
    postal_code: str

    @classmethod
    def of(cls, who: Member | Destination) -> "Recipient":
        return cls(who.company, who.name, who.postal_code or "")

    def is_called(self, name: str, postal_code: str) -> bool:
        """Whether a label names this recipient: the person, the company, or both in either order.

        `postal_code` is compared if it is given.
        """
        if postal_code and _NOT_DIGITS.sub("", plain_code(postal_code)) != _NOT_DIGITS.sub(
            "", plain_code(self.postal_code)
        ):
            return False
        names = {self.name, self.company, self.company + self.name, self.name + self.company}
        return _folded(name) in {_folded(known) for known in names if known}


def _folded(name: str) -> str:
    """Without spaces, widths, case and 様."""
    return _HONORIFIC.sub("", "".join(unicodedata.normalize("NFKC", name).casefold().split()))
