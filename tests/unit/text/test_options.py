"""Options that orders refer to by key."""

from shukka.domain.settings import PaymentMethod
from shukka.domain.text.options import offered, retired_first, with_removed_ones_retired

OLD = PaymentMethod(key="old", label="銀行振込", retired=True)
NEW = PaymentMethod(key="new", label="銀行振込")
OTHER = PaymentMethod(key="other", label="掛け払い")


def test_of_two_with_the_same_label_the_offered_one_is_found():
    for options in ((OLD, NEW), (NEW, OLD)):
        assert {option.label: option.key for option in retired_first(options)} == {"銀行振込": "new"}


def test_what_is_left_out_goes_behind_the_rest_and_is_not_offered():
    after = with_removed_ones_retired((NEW, OLD, OTHER), (OTHER,))

    assert after == (OTHER, NEW.model_copy(update={"retired": True}), OLD)
    assert offered(after) == (OTHER,)
