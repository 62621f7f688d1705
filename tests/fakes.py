"""Ports in memory. They refuse what the real ones refuse."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from shukka.domain.errors import OrderNotFoundError
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import Mail
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import ShipmentId
from shukka.usecases.ports import Letter


class FakeClock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, delta: timedelta) -> None:
        self.now += delta


class FakeSettings:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def current(self) -> Settings:
        return self.settings


class FakeMailRecords:
    """One order and its mails."""

    def __init__(self, order: Order, *mails: Mail) -> None:
        self.order = order
        self.mails = {mail.key: mail for mail in mails}

    def get(self, number: str) -> Order:
        if number != self.order.number:
            raise OrderNotFoundError(number)
        return self.order

    def find_mail(self, number: str, key: str) -> Mail | None:
        return self.mails.get(key) if number == self.order.number else None

    def save_mail(self, number: str, mail: Mail, expected: Mail) -> bool:
        stored = self.mails[mail.key]
        if (stored.state, stored.lease_until) != (expected.state, expected.lease_until):
            return False
        self.mails[mail.key] = mail
        return True


class FakeFiles:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self.objects[key] = body

    def presigned_url(self, key: str, filename: str, content_type: str) -> str:
        return f"https://files.example/{key}?as={filename}&type={content_type}"


class FakeMailSender:
    """`answers` are given in turn: an exception is raised, None accepts; then everything is accepted."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)
        self.accepted: list[Letter] = []

    def send(self, letter: Letter) -> str:
        answer = self._answers.pop(0) if self._answers else None
        if answer:
            raise answer
        self.accepted.append(letter)
        return f"ses-{len(self.accepted)}"


class FakeNumberOwners:
    """`before_marking` happens once each, just before the next mark: what others do in between."""

    def __init__(self) -> None:
        self.owners: dict[str, frozenset[ShipmentId]] = {}
        self.marks: dict[str, set[str]] = {}
        self.before_marking: list[Callable[[], None]] = []

    def find(self, numbers: Collection[str]) -> dict[str, frozenset[ShipmentId]]:
        return {number: self.owners[number] for number in numbers if self.owners.get(number)}

    def add(self, owners: Mapping[str, frozenset[ShipmentId]], at: datetime) -> None:
        for number, shipments in owners.items():
            self.owners[number] = self.owners.get(number, frozenset()) | shipments

    def remove(self, owners: Mapping[str, frozenset[ShipmentId]], at: datetime) -> None:
        for number, shipments in owners.items():
            self.owners[number] = self.owners.get(number, frozenset()) - shipments

    def mark(self, number: str, owners: frozenset[ShipmentId], orders: Collection[str], *, shared: bool) -> bool:
        if self.before_marking:
            self.before_marking.pop()()
        if self.owners.get(number, frozenset()) != owners:
            return False
        for order in orders:
            marks = self.marks.setdefault(order, set())
            marks.add(number) if shared else marks.discard(number)
        return True
