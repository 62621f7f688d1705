"""A mail goes out at most once, and whatever happens to it is on its record or brings it back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from typing import Any

import pytest

from shukka.domain.mail.addressing import address_mail
from shukka.domain.mail.template import SavedTemplate, Template
from shukka.domain.order.outbox import Mail, MailState, Recipient
from shukka.domain.settings import ShopProfile
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.mail.compose import compose
from shukka.usecases.mail.send import LEASE, MailBusyError, MailNotFoundError, send_mail
from shukka.usecases.ports import MailNotSentError, MailOutcomeUnknownError, MailRejectedError
from tests.builders import NOW, a_member, a_shipment, an_order, some_settings
from tests.fakes import FakeClock, FakeFiles, FakeMailRecords, FakeMailSender, FakeSettings

KEY = "placed#member"
VISIBILITY = 3 * LEASE
"""How long the queue hides a message that was taken."""


def a_mail(**fields: Any) -> Mail:
    defaults = {"key": KEY, "template": "placed_member", "recipient": Recipient.MEMBER, "created_at": NOW}
    return Mail(**{**defaults, **fields})


def a_template(**fields: Any) -> SavedTemplate:
    defaults = {"key": "placed_member", "label": "受付", "version": 1, "saved_at": NOW, "saved_by": "staff:hanako"}
    return SavedTemplate(**{**defaults, **fields})


class World:
    """One order with one mail. `meddle` sees every call of a port: it can run something before it or fail after it."""

    def __init__(self, mail: Mail | None = None, *answers: Exception | None, **order: Any) -> None:
        self.clock = FakeClock(NOW)
        self.records = FakeMailRecords(an_order(**order), mail or a_mail())
        self.settings = FakeSettings(some_settings())
        self.files = FakeFiles()
        self.sender = FakeMailSender(*answers)
        self.templates: dict[str, SavedTemplate] = {}
        (self.key,) = self.records.mails

    def send(self, meddle: "Meddle | None" = None) -> Mail | None:
        through = partial(_Through, meddle=meddle) if meddle else lambda port: port
        return send_mail(
            "100001",
            self.key,
            records=through(self.records),
            settings=through(self.settings),
            address=address_mail,
            compose=through(partial(compose, find_template=self.templates.get)),
            files=through(self.files),
            sender=through(self.sender),
            clock=self.clock,
        )

    @property
    def mail(self) -> Mail:
        return self.records.mails[self.key]

    def deliver_until_settled(self) -> None:
        """As the queue does: again and again, each time after the message was hidden for a while."""
        for _ in range(5):
            self.clock.tick(VISIBILITY)
            try:
                self.send()
            except (MailBusyError, MailNotSentError):
                continue
            return
        raise AssertionError("never settled")


Meddle = Callable[[Callable[[], Any]], Any]
"""Makes a port's call, or does not, and gives its answer."""


class _Through:
    def __init__(self, port: Any, meddle: Meddle) -> None:
        self._port, self._meddle = port, meddle

    def __call__(self, *args: Any) -> Any:
        return self._meddle(lambda: self._port(*args))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **options: self._meddle(lambda: method(*args, **options))


class Died(BaseException):
    """The worker is gone: no code of its own runs any more."""


def at_call(n: int, *, before: Callable[[], Any] | None = None, after: Callable[[], Any] | None = None) -> Meddle:
    """Something that happens around the n-th call, from 0."""
    calls = iter(range(1_000))

    def meddle(call: Callable[[], Any]) -> Any:
        here = next(calls) == n
        if here and before:
            before()
        answer = call()
        if here and after:
            after()
        return answer

    return meddle


def raising(failure: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise failure

    return fail


def calls_of_a_good_day() -> int:
    count = 0

    def counting(call: Callable[[], Any]) -> Any:
        nonlocal count
        count += 1
        return call()

    World().send(counting)
    return count


EVERY_CALL = range(calls_of_a_good_day())


def assert_outcome_is_true(world: World) -> None:
    """At most one mail left, and the record does not say otherwise."""
    left = len(world.sender.accepted)
    assert left <= 1
    possible = {0: {MailState.FAILED, MailState.UNKNOWN}, 1: {MailState.SENT, MailState.UNKNOWN}}
    assert world.mail.state in possible[left]


# --- the good day ---


def test_a_mail_is_archived_sent_and_recorded():
    world = World()

    sent = world.send()

    assert sent == world.mail
    assert sent.state is MailState.SENT
    assert (sent.message_id, sent.to, sent.finished_at) == ("ses-1", "buyer1@example.jp", NOW)
    assert sent.subject == "【出荷酒店】ご注文を承りました（受注番号 100001）"
    assert sent.mime_key == "mails/100001/placed.member.eml"
    assert sent.lease_until is None
    (letter,) = world.sender.accepted
    assert world.files.objects == {sent.mime_key: letter.mime}
    assert message_from_bytes(letter.mime)["To"] == "buyer1@example.jp"


def test_it_goes_with_the_template_as_it_is_then():
    world = World()
    world.templates["placed_member"] = a_template(
        version=3, template=Template("承りました", "{{ order.number }}", None)
    )

    sent = world.send()

    assert (sent.subject, sent.template_version) == ("承りました", 3)


def test_a_template_that_went_back_to_the_default_is_the_default():
    world = World()
    world.templates["placed_member"] = a_template(version=4)

    sent = world.send()

    assert sent.subject.startswith("【出荷酒店】ご注文を承りました")
    assert sent.template_version == 4


def test_it_is_claimed_and_archived_before_it_leaves():
    world = World()
    seen = []

    world.send(at_call(len(EVERY_CALL) - 2, before=lambda: seen.append((world.mail, dict(world.files.objects)))))

    ((mail, objects),) = seen
    assert (mail.state, mail.lease_until) == (MailState.SENDING, NOW + LEASE)
    assert list(objects) == [mail.mime_key]
    assert world.sender.accepted


def test_the_archive_names_each_mail_of_an_order_apart():
    shipments = tuple(a_shipment(n, status=ShippingStatus.SHIPPED, tracking_numbers=("123456789012",)) for n in (1, 11))
    keys = [
        World(
            a_mail(key=f"shipped#100001-{n}", template="shipped_member", shipment_n=n), shipments=shipments
        ).send().mime_key
        for n in (1, 11)
    ]  # fmt: skip

    assert keys == ["mails/100001/shipped.100001-1.eml", "mails/100001/shipped.100001-11.eml"]


def test_the_shop_gets_its_mail_at_its_own_address():
    world = World(a_mail(key="placed#shop", template="placed_shop", recipient=Recipient.SHOP))

    assert world.send().to == "shop@example.jp"


@pytest.mark.parametrize(
    "state",
    [MailState.SENT, MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED, MailState.COMPLAINED],
)
def test_a_settled_mail_is_left_alone(state):
    world = World(a_mail(state=state))

    assert world.send() is None
    assert world.mail == a_mail(state=state)
    assert not world.sender.accepted


def test_a_message_about_an_unknown_mail_is_retried_until_someone_looks():
    world = World()
    world.key = "placed#nobody"

    with pytest.raises(MailNotFoundError):
        world.send()


# --- mails that do not go out ---


@pytest.mark.parametrize(
    ("order", "settings", "reason"),
    [
        ({"member": a_member(email=None)}, some_settings(), "受注にお客様のメールアドレスがありません"),
        ({}, some_settings(shop=ShopProfile(name="店")), "設定 > 店舗情報にメールアドレスがありません"),
    ],
)
def test_a_mail_that_may_not_go_fails_with_the_reason(order, settings, reason):
    world = World(**order)
    world.settings.settings = settings

    failed = world.send()

    assert failed == world.mail
    assert (failed.state, failed.reason, failed.finished_at) == (MailState.FAILED, reason, NOW)
    assert not world.sender.accepted
    assert not world.files.objects


def test_a_shipping_mail_without_its_number_fails_with_the_reason():
    mail = a_mail(key="shipped#100001-1", template="shipped_member", shipment_n=1)
    world = World(mail, shipments=(a_shipment(status=ShippingStatus.SHIPPED),))

    assert "送り状番号" in world.send().reason
    assert world.mail.state is MailState.FAILED


@pytest.mark.parametrize(
    ("mail", "template", "reason"),
    [
        ({"template": "no_such"}, None, "メールテンプレート no_such は削除されています"),
        ({"opening": "一言"}, Template("件名", "本文", None), "を入れる場所がありません"),
        ({}, Template("件名", "{{ order.gone }}", None), "メールを作れませんでした"),
    ],
)
def test_a_template_that_cannot_render_is_the_reason(mail, template, reason):
    world = World(a_mail(**mail))
    world.templates["placed_member"] = a_template(template=template)

    failed = world.send()

    assert failed.state is MailState.FAILED
    assert reason in failed.reason
    assert not world.sender.accepted
    assert not world.files.objects


def test_a_mail_that_ses_rejects_fails_with_the_reason():
    world = World(None, MailRejectedError("差出人のドメインが確認されていません"))

    failed = world.send()

    assert failed == world.mail
    assert (failed.state, failed.reason) == (MailState.FAILED, "差出人のドメインが確認されていません")
    assert failed.lease_until is None


def test_a_mail_that_was_not_sent_is_sent_by_a_retry():
    world = World(None, MailNotSentError("TooManyRequestsException"))

    with pytest.raises(MailNotSentError):
        world.send()
    assert world.mail == a_mail()

    assert world.send().state is MailState.SENT
    assert len(world.sender.accepted) == 1


def test_a_mail_that_cannot_be_archived_does_not_leave():
    world = World()
    put = EVERY_CALL[-3]

    with pytest.raises(ConnectionError):
        world.send(at_call(put, before=raising(ConnectionError())))

    assert world.mail == a_mail()
    assert not world.sender.accepted


def test_an_answer_that_never_came_is_unknown_and_the_mail_is_never_sent_again():
    world = World(None, MailOutcomeUnknownError("ReadTimeoutError"))

    unknown = world.send()

    assert unknown == world.mail
    assert unknown.state is MailState.UNKNOWN
    assert "届いていないことを確かめてから再送" in unknown.reason
    assert unknown.mime_key in world.files.objects
    world.clock.tick(timedelta(days=1))
    assert world.send() is None
    assert not world.sender.accepted


# --- workers that die, or meet ---


def test_another_worker_s_fresh_claim_is_waited_for():
    claimed = a_mail(state=MailState.SENDING, lease_until=NOW + timedelta(seconds=1))
    world = World(claimed)

    with pytest.raises(MailBusyError):
        world.send()

    assert world.mail == claimed


def test_a_claim_that_has_run_out_is_unknown():
    world = World(a_mail(state=MailState.SENDING, lease_until=NOW, to="buyer1@example.jp"))

    unknown = world.send()

    assert unknown == world.mail
    assert (unknown.state, unknown.to, unknown.finished_at) == (MailState.UNKNOWN, "buyer1@example.jp", NOW)
    assert not world.sender.accepted


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", EVERY_CALL)
def test_a_worker_may_die_at_any_call(call, moment):
    world = World()

    with pytest.raises(Died):
        world.send(at_call(call, **{moment: raising(Died())}))
    world.deliver_until_settled()

    assert_outcome_is_true(world)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", EVERY_CALL)
def test_any_store_may_fail_at_any_call_with_or_without_effect(call, moment):
    world = World()

    with pytest.raises(ConnectionError):
        world.send(at_call(call, **{moment: raising(ConnectionError())}))
    world.deliver_until_settled()

    assert_outcome_is_true(world)


@pytest.mark.parametrize("stall", [timedelta(0), LEASE], ids=["at once", "after the lease"])
@pytest.mark.parametrize("answer", [None, MailNotSentError("x"), MailRejectedError("x"), MailOutcomeUnknownError("x")])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", EVERY_CALL)
def test_a_second_worker_may_come_at_any_call(call, moment, answer, stall):
    world = World(None, answer)

    def second_worker() -> None:
        world.clock.tick(stall)
        with suppress(MailBusyError, MailNotSentError):
            world.send()

    with suppress(MailBusyError, MailNotSentError):
        world.send(at_call(call, **{moment: second_worker}))
    world.deliver_until_settled()

    assert_outcome_is_true(world)


def test_what_the_first_worker_knows_is_better_than_unknown():
    world = World()
    settle = EVERY_CALL[-1]

    def second_worker() -> None:
        world.clock.tick(LEASE)
        assert world.send().state is MailState.UNKNOWN

    sent = world.send(at_call(settle, before=second_worker))

    assert world.mail == sent
    assert sent.state is MailState.SENT
