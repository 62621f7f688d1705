"""Placing on AWS's own engine: each Idempotency-Key places one order, and no number is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from local.request_counter import count_requests
from shukka.domain.errors import IdempotencyMismatchError, RuleError
from shukka.domain.settings import PaymentMethod
from shukka.store import placings
from shukka.store.orders import OrderStore
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.ports import ClaimLostError, Placing
from tests.builders import NOW, a_context, a_line, an_order_request, some_settings

SETTINGS = some_settings()
KEY = Placing("storefront:shop", "key-1", "hash")


@pytest.fixture
def store(dynamodb, tables):
    return OrderStore(dynamodb, tables.orders, tables.settings)


def place(store, placing=KEY, *, at=NOW, settings=SETTINGS, **fields):
    request = PlaceOrder.model_validate(an_order_request(**fields))
    return place_order(request, placing, a_context(at=at), store, settings)


def number_after(store):
    """The number of the next order, with another key."""
    return place(store, KEY._replace(key="the-next")).header.number


class Failing:
    """The store, which does something else instead of its first commit."""

    def __init__(self, store, first_commit):
        self._store = store
        self._first_commit = first_commit

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, change):
        first, self._first_commit = self._first_commit, None
        if first:
            return first(change)
        return self._store.commit(change)


def test_twenty_requests_with_one_key_place_one_order_and_leave_no_gap(store):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: place(store), range(20)))

    assert {answer.header.number for answer in answers} == {"100001"}
    assert [answer.replayed for answer in answers].count(False) == 1
    assert number_after(store) == "100002"


def test_twenty_requests_with_their_own_keys_get_the_next_twenty_numbers(store):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: place(store, KEY._replace(key=f"key-{n}")), range(20)))

    assert sorted(answer.header.number for answer in answers) == [str(100_001 + n) for n in range(20)]


@pytest.mark.parametrize(
    "fields",
    [
        {"payment_method": "unknown"},
        {"discount": 10_000_000},
        {"shipping_fee": 99_999_999_999},
        {
            "lines": [
                a_line(name="長" * 255, sku=None, unit="枚" * 255, jan_code="四" * 255).model_dump(exclude={"line_id"})
            ]
            * 2_000
        },
        {"lines": [a_line(sku=f"{n:0255}").model_dump(exclude={"line_id"}) for n in range(1_000)]},
    ],
    ids=["payment method", "discount", "amount", "too much text", "too many long skus"],
)
def test_a_refused_order_leaves_no_gap(store, fields):
    with pytest.raises(RuleError):
        place(store, **fields)

    assert number_after(store) == "100001"


def test_the_same_key_replays_the_first_answer_for_a_day(store):
    first = place(store).header

    again = place(store, at=NOW + timedelta(hours=23))
    next_day = place(store, at=NOW + timedelta(hours=25))

    assert (again.header, again.replayed) == (first, True)
    assert (next_day.header.number, next_day.replayed) == ("100002", False)


def test_the_same_key_with_another_body_is_refused(store):
    place(store)

    with pytest.raises(IdempotencyMismatchError):
        place(store, KEY._replace(payload_hash="other"))


def test_a_repeat_gets_its_answer_although_the_settings_would_refuse_it_by_now(store):
    first = place(store).header
    changed = some_settings(payment_methods=(PaymentMethod(key="account", label="掛け払い"),))

    assert place(store, settings=changed).header == first


def test_a_fault_while_storing_keeps_the_number_for_the_next_try(store):
    def fault(_):
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "TransactWriteItems")

    with pytest.raises(ClientError):
        place(Failing(store, fault))

    assert place(store).header.number == "100001"
    assert number_after(store) == "100002"


def test_an_answer_that_was_lost_on_its_way_is_given_to_the_next_try(store):
    def stored_but_unanswered(change):
        store.commit(change)
        raise ClientError({"Error": {"Code": "RequestTimeout"}}, "TransactWriteItems")

    with pytest.raises(ClientError):
        place(Failing(store, stored_but_unanswered))

    again = place(store)
    assert (again.header.number, again.replayed) == ("100001", True)


def test_a_request_that_was_killed_is_taken_over_when_its_time_is_up(store, monkeypatch):
    monkeypatch.setattr(placings, "_LEASE", timedelta(seconds=0.3))
    assert store.claim(KEY, NOW).number is None

    assert not place(store).replayed


def test_one_that_was_taken_over_answers_with_the_order_of_the_other(store, monkeypatch):
    monkeypatch.setattr(placings, "_LEASE", timedelta(0))
    other = []

    def too_late(change):
        other.append(place(store))
        store.commit(change)

    answer = place(Failing(store, too_late))

    assert (answer.header, answer.replayed) == (other[0].header, True)


def test_a_lost_claim_stores_nothing(store, monkeypatch):
    monkeypatch.setattr(placings, "_LEASE", timedelta(0))
    lost = []

    def too_late(change):
        place(store)
        with pytest.raises(ClaimLostError):
            store.commit(change)
        lost.append(change.after.number)
        raise ClaimLostError

    place(Failing(store, too_late))

    assert [entry.version for entry in store.history(lost[0])] == []


def test_placing_takes_three_requests(store, dynamodb):
    with count_requests(dynamodb) as placing:
        place(store)
    with count_requests(dynamodb) as repeating:
        place(store)

    assert placing.total() == 3
    assert repeating.total() == 2
