"""The texts that a search looks through and the facts that filters compare.

The store writes them beside the order; `filtering.py` compares the same facts of a loaded order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from shukka.domain.lists.search import search_text, searchable
from shukka.domain.order.line import Line
from shukka.domain.order.order import Member, Order, OrderHeader
from shukka.domain.shipping.shipment import Destination, ShipmentDigest

EXACT = "\t"
"""What follows is written as it was given. No word of a search has a tab in it."""

# Many shops keep the whole address in one field.
_PREFECTURE = re.compile("東京都|北海道|(?:京都|大阪)府|神奈川県|和歌山県|鹿児島県|..県")


def header_text(header: OrderHeader) -> str:
    """What is known of the order as a whole: what it is called, who ordered, and its parcels."""
    member = header.member
    names = (header.number, header.customer_order_number, header.external_id)
    parcels = (number for shipment in header.shipments.values() for number in shipment.tracking_numbers)
    return search_text((*names, member.company, member.name, member.phone, member.email, member.member_id, *parcels))


def goods_text(lines: Iterable[Line]) -> str:
    """Article numbers come first: where the text has to end, names go unfound before numbers do.

    It begins with each sku as it is written, on a line that begins with `EXACT`; `EXACT` alone ends them.
    """
    lines = tuple(lines)
    skus = dict.fromkeys(line.sku for line in lines if line.sku)
    codes = [*skus, *(line.jan_code for line in lines)]
    return "".join(map(exact_sku, [*skus, ""])) + search_text([*codes, *(line.name for line in lines)])


def exact_sku(sku: str) -> str:
    """What `goods_text` holds where the order has this very sku."""
    return f"{EXACT}{sku}\n"


def names_text(order: Order) -> str:
    """Who gets the parcels."""
    return search_text(name for place in _destinations(order) for name in (place.company, place.department, place.name))


def addresses_text(order: Order) -> str:
    """Where the parcels go. A prefecture has a line of its own, between line feeds."""
    parts = (part for place in _destinations(order) for part in _address(place))
    return f"\n{search_text(parts)}\n"


def prefecture_line(prefecture: str) -> str:
    """What `addresses_text` holds where a parcel goes to this prefecture."""
    return f"\n{searchable(prefecture)}\n"


def destinations_differ(before: Order | None, after: Order) -> bool:
    """Whether `names_text` or `addresses_text` may have changed."""
    if before is None or before.header.member is not after.header.member:
        return True
    if before.shipments is after.shipments:
        return False
    return _by_shipment(before) != _by_shipment(after)


def shipped_days(shipments: Mapping[int, ShipmentDigest]) -> list[date]:
    """発送日 of all that has one, in order."""
    return sorted({shipment.shipped_on for shipment in shipments.values() if shipment.shipped_on})


def carriers(shipments: Mapping[int, ShipmentDigest]) -> set[str]:
    return {shipment.carrier for shipment in shipments.values() if shipment.carrier}


def _destinations(order: Order) -> list[Destination | Member]:
    member = order.header.member
    return list(dict.fromkeys(shipment.destination or member for shipment in order.shipments)) or [member]


def _by_shipment(order: Order) -> list[tuple[int, Destination | None]]:
    return [(shipment.n, shipment.destination) for shipment in order.shipments]


def _address(place: Destination | Member) -> Iterator[str | None]:
    yield place.prefecture or _prefecture_in(place.address1)
    yield from (place.postal_code, place.address1, place.address2, place.address3, place.phone)
    yield "".join(part for part in (place.prefecture, place.address1, place.address2) if part)


def _prefecture_in(address: str | None) -> str | None:
    match = _PREFECTURE.match(address) if address else None
    return match[0] if match else None
