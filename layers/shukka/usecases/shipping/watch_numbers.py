"""送り状番号の重複に気づく: which shipments have a number, and which orders share one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from shukka.domain.shipping.shipment import ShipmentId

_ROUNDS = 8

Owners = frozenset[ShipmentId]


class NumberBusyError(Exception):
    """Others kept changing who has the number. Trying again later is right."""


class NumberChange(NamedTuple):
    """Tracking numbers that a shipment got, and those that it has no more."""

    shipment: ShipmentId
    gained: frozenset[str]
    lost: frozenset[str] = frozenset()


class KnownOwners(Protocol):
    """What asking for shared numbers needs."""

    def find(self, numbers: Collection[str]) -> Mapping[str, Owners]:
        """The shipments that have each number, at the cost of one request for a hundred; without those of nobody."""


class NumberOwners(KnownOwners, Protocol):
    """What keeping track of numbers needs."""

    def add(self, owners: Mapping[str, Owners], at: datetime) -> None: ...

    def remove(self, owners: Mapping[str, Owners], at: datetime) -> None: ...

    def mark(self, number: str, owners: Owners, orders: Collection[str], *, shared: bool) -> bool:
        """Marks the orders, or takes the mark away; False where `owners` are no longer those of the number."""


def watch_numbers(changes: Iterable[NumberChange], owners: NumberOwners, at: datetime) -> Collection[str]:
    """Remembers whose the numbers are and marks the orders that share one; returns the numbers that are shared.

    Doing it again changes nothing. A number that several shipments of one order have is not shared.
    Raises NumberBusyError where the owners of a number keep changing.
    """
    now: dict[str, dict[ShipmentId, bool]] = {}
    for change in changes:
        for number in change.gained | change.lost:
            now.setdefault(number, {})[change.shipment] = number in change.gained
    gained = {number: frozenset(s for s, has in has_it.items() if has) for number, has_it in now.items()}
    lost = {number: frozenset(s for s, has in has_it.items() if not has) for number, has_it in now.items()}
    owners.remove(_some(lost), at)
    owners.add(_some(gained), at)
    found = owners.find(now)
    shared = {number for number, known in found.items() if len(_orders(known)) > 1}
    for number in sorted(shared | _some(lost).keys()):
        _settle(number, found.get(number, frozenset()), _orders(lost[number]), owners)
    return shared


def other_owners(numbers: Collection[str], order_number: str, owners: KnownOwners) -> dict[str, list[ShipmentId]]:
    """Those of the numbers that other orders have, each with their shipments."""
    found = owners.find(numbers) if numbers else {}
    others = {number: sorted(s for s in known if s.order_number != order_number) for number, known in found.items()}
    return {number: shipments for number, shipments in others.items() if shipments}


def _settle(number: str, known: Owners, lost: Collection[str], owners: NumberOwners) -> None:
    for _ in range(_ROUNDS):
        holders = _orders(known)
        shared = len(holders) > 1
        marked = not shared or owners.mark(number, known, holders, shared=True)
        left = set(lost) - holders if shared else holders | set(lost)
        if marked and (not left or owners.mark(number, known, left, shared=False)):
            return
        known = owners.find([number]).get(number, frozenset())
    raise NumberBusyError(number)


def _orders(owners: Iterable[ShipmentId]) -> set[str]:
    return {shipment.order_number for shipment in owners}


def _some(owners: Mapping[str, Owners]) -> dict[str, Owners]:
    return {number: shipments for number, shipments in owners.items() if shipments}
