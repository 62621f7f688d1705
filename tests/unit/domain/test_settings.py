"""What a shop decides, and what it should look at."""

import pytest

from shukka.domain.settings import ShopProfile


@pytest.mark.parametrize("number", [None, "T7010705000725", "T1180301018771"])
def test_a_profile_that_may_be_right_raises_no_concern(number):
    assert ShopProfile(registration_number=number).concerns == ()


@pytest.mark.parametrize("number", ["T7010705000726", "T6010705000725", "T7010705000752", "T0000000000000"])
def test_a_registration_number_without_its_check_digit_is_a_concern(number):
    (concern,) = ShopProfile(registration_number=number).concerns

    assert "個人事業者" in concern, "a sole trader's number need not have it"
