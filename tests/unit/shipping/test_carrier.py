"""What speaks against a number being a carrier's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.shipping.carrier import DEFAULT_CARRIERS, Carrier, CheckDigit, Concern

CARRIERS = {carrier.key: carrier for carrier in DEFAULT_CARRIERS}
GOOD, IMPOSSIBLE, UNLIKELY = "444413758703", "444413758708", "444413758704"
LOST_ZERO, S10 = "12345678903", "EE123456785JP"


@pytest.mark.parametrize(
    ("carrier", "number", "concern"),
    [
        ("yamato", GOOD, None),
        ("yamato", IMPOSSIBLE, Concern.IMPOSSIBLE),
        ("yamato", UNLIKELY, Concern.UNLIKELY),
        ("yamato", LOST_ZERO, Concern.UNLIKELY),
        ("yamato", LOST_ZERO[1:], Concern.IMPOSSIBLE),
        ("yamato", GOOD[1:], Concern.IMPOSSIBLE),
        ("yamato", GOOD[:-1], Concern.IMPOSSIBLE),
        ("yamato", GOOD + "0", Concern.IMPOSSIBLE),
        ("yamato", "1375", Concern.IMPOSSIBLE),
        ("yamato", "ABC123456789", Concern.IMPOSSIBLE),
        ("yamato", S10, Concern.UNLIKELY),
        ("yamato", "EE123456789JP", Concern.IMPOSSIBLE),
        ("japan_post", S10, None),
        ("japan_post", "EE123456789JP", Concern.IMPOSSIBLE),
        ("sagawa", "1234567899", None),
        ("sagawa", "123456789", Concern.UNLIKELY),
        ("sagawa", "12345678", Concern.IMPOSSIBLE),
        ("japan_post", "12345678904", Concern.UNLIKELY),
        ("seino", "1234567890", None),
        ("seino", "123456789", Concern.UNLIKELY),
        ("seino", GOOD, Concern.IMPOSSIBLE),
        ("fukuyama", "A123", None),
        ("own", "A-1", None),
    ],
)
def test_a_number_is_checked_by_its_carriers_rule(carrier, number, concern):
    assert CARRIERS[carrier].concern_about(number) is concern


def test_a_setting_refuses_every_wrong_check_digit():
    strict = CARRIERS["yamato"].model_copy(update={"refuse_failed_check": True})

    assert strict.concern_about(UNLIKELY) is Concern.IMPOSSIBLE


@pytest.mark.parametrize(
    ("number", "words"),
    [(IMPOSSIBLE, "検査数字"), (UNLIKELY, "検査数字"), (LOST_ZERO, "先頭の0"), (GOOD[1:], "別の配送業者")],
)
def test_a_concern_is_explained(number, words):
    assert words in CARRIERS["yamato"].explain_concern(number)


DIGITS = st.text("0123456789", min_size=10, max_size=12)
NUMBERS = DIGITS.map(lambda digits: f"{digits}{int(digits) % 7}"[-12:]) | DIGITS | st.text("0123456789A", min_size=4)


@given(carrier=st.sampled_from(DEFAULT_CARRIERS), numbers=st.lists(NUMBERS, max_size=5))
def test_a_carrier_vouches_for_no_doubtful_number(carrier, numbers):
    if carrier.vouches_for(numbers):
        assert [carrier.concern_about(number) for number in numbers] == [None] * len(numbers)


@given(digits=st.lists(st.integers(10**10, 10**11 - 1), min_size=1, max_size=5))
def test_good_numbers_are_vouched_for(digits):
    assert CARRIERS["yamato"].vouches_for([f"{number}{number % 7}" for number in digits])


def test_digits_of_other_scripts_are_none():
    carrier = Carrier(key="x", name="X", number_digits=(4,), check_digit=CheckDigit.NONE)

    assert carrier.concern_about("١٢٣٤") is Concern.IMPOSSIBLE
    assert not carrier.vouches_for(["١٢٣٤"])
