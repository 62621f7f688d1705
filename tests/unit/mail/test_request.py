"""Requesting mails while others change the same orders. (For refusals and their messages see the API's tests.)"""

from collections.abc import Callable, Iterable, Sequence

import pytest

from shukka.domain.errors import OrderBusyError, RuleError
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import Mail
from shukka.usecases.mail.request import Requested, SendMail, request_mail, request_mails
from shukka.usecases.ports import Commit
from tests.builders import a_context, an_order, some_settings

REQUEST = SendMail(template="message", opening="一言")


class FakeDesk:
    """Orders and their mails. `meddle` runs between what is read and what is written, as another request would."""

    def __init__(self, *orders: Order) -> None:
        self.orders = {order.number: order for order in orders}
        self.mails: dict[tuple[str, str], Mail] = {}
        self.history: list[Commit] = []
        self.meddle: Callable[[], None] = lambda: None

    def load(self, ids: Iterable[object], whole: Iterable[str] = ()) -> dict[str, Order]:
        return {number: self.orders[number] for number in whole if number in self.orders}

    def load_lines(self, numbers: Iterable[str]) -> dict[str, Order]:
        return {number: self.orders[number] for number in numbers}

    def find_mails(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mail]:
        return {key: self.mails[key] for key in wanted if key in self.mails}

    def commit(self, changes: Sequence[Commit]) -> list[Commit]:
        self.meddle()
        return [change for change in changes if not self._store(change)]

    def _store(self, change: Commit) -> bool:
        assert change.before
        mails = {(change.after.number, mail.key): mail for mail in change.follow_ups if isinstance(mail, Mail)}
        if change.before.version != self.orders[change.after.number].version or mails.keys() & self.mails.keys():
            return False
        self.orders[change.after.number] = change.after
        self.mails |= mails
        self.history.append(change)
        return True

    def edit(self, number: str = "100001", **header: object) -> None:
        order = self.orders[number]
        self.orders[number] = order.with_header(version=order.version + 1, **header)


class NoTemplates:
    def find(self, key: str) -> None:
        return None

    def list_saved(self) -> list:
        return []

    def save(self, template: object) -> None:
        raise AssertionError(template)


def ask(desk: FakeDesk, request: SendMail = REQUEST, key: str = "click-1", number: str = "100001") -> Requested:
    return request_mail(number, request, key, a_context(), desk, NoTemplates(), some_settings())


def test_the_mail_and_its_history_are_one_change():
    desk = FakeDesk(an_order())

    requested = ask(desk)

    (change,) = desk.history
    assert (change.entry.action, change.entry.actor, change.entry.version) == ("send_mail", "staff:hanako", 2)
    assert change.follow_ups == (requested.mail,)
    assert change.entry.changes == ()
    assert (requested.order_version, requested.is_new) == (2, True)


def test_a_twin_that_comes_first_is_answered_for_both():
    desk = FakeDesk(an_order())
    twin: list[Requested] = []

    def meddle() -> None:
        if not twin:
            twin.append(None)  # type: ignore[arg-type]
            twin[0] = ask(desk)

    desk.meddle = meddle
    late = ask(desk)

    assert len(desk.mails) == 1
    assert (twin[0].is_new, late.is_new) == (True, False)
    assert late.mail == twin[0].mail


def test_an_edit_in_between_does_not_lose_the_mail():
    desk = FakeDesk(an_order())
    edits = iter([1, 2])
    desk.meddle = lambda: desk.edit() if next(edits, None) else None

    requested = ask(desk)

    assert requested.is_new
    assert requested.order_version == desk.orders["100001"].version == 4
    assert len(desk.mails) == 1


def test_what_an_edit_in_between_changed_is_looked_at():
    desk = FakeDesk(an_order())
    edits = iter([1])
    desk.meddle = lambda: desk.edit(handling_status="cancelled") if next(edits, None) else None

    with pytest.raises(RuleError, match="キャンセルされています"):
        ask(desk, SendMail(template="payment_request"))

    assert not desk.mails


def test_an_order_that_never_rests_is_busy():
    desk = FakeDesk(an_order())
    desk.meddle = desk.edit

    with pytest.raises(OrderBusyError):
        ask(desk)

    assert not desk.mails


def test_one_busy_order_does_not_stop_the_others():
    desk = FakeDesk(an_order("100001"), an_order("100002"))
    desk.meddle = lambda: desk.edit("100002")

    results = request_mails(
        ["100002", "100001", "100002"], REQUEST, "click-1", a_context(), desk, NoTemplates(), some_settings()
    )

    assert [result.number for result in results] == ["100002", "100001"]
    assert isinstance(results[0].error, OrderBusyError)
    assert results[1].is_new
    assert list(desk.mails) == [("100001", "message#click-1")]
