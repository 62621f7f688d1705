"""送り状番号の重複に気づく: records which shipments have a number, and marks orders that share one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from shukka.domain.shipping.shipment import ShipmentId

_ROUNDS = 8

Owners = frozenset[ShipmentId]


class NumberBusyError(Exception):
    """The owners of the number kept changing. Retry later."""


class NumberChange(NamedTuple):
    """Tracking numbers that a shipment got and lost."""

    shipment: ShipmentId
    gained: frozenset[str]
    lost: frozenset[str] = frozenset()


class KnownOwners(Protocol):
    """What looking up shared numbers needs."""

    def find(self, numbers: Collection[str]) -> Mapping[str, Owners]:
        """The shipments that have each number, one request per hundred; numbers without a shipment are left out."""


class NumberOwners(KnownOwners, Protocol):
    """What keeping track of numbers needs."""

    def add(self, owners: Mapping[str, Owners], at: datetime) -> None: ...

    def remove(self, owners: Mapping[str, Owners], at: datetime) -> None: ...

    def mark(self, number: str, owners: Owners, orders: Collection[str], *, shared: bool) -> bool:
        """Marks the orders or removes the mark; False if the number's owners are no longer `owners`."""


def watch_numbers(changes: Iterable[NumberChange], owners: NumberOwners, at: datetime) -> Collection[str]:
    """Records the owners of the numbers, marks the orders that share one, and returns the shared numbers.

    A second call changes nothing. A number of several shipments of one order is not shared.
    Raises NumberBusyError if the owners of a number keep changing.
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
    """The numbers that other orders have too, each with those orders' shipments."""
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
