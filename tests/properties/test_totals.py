"""消費税 and totals hold for every order, not for examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.errors import RuleError
from shukka.domain.order.totals import RATES, Adjustments, PriceMode, Rounding, TaxCategory, TaxRule, compute_totals
from shukka.domain.text.values import MAX_YEN

amounts = st.lists(st.tuples(st.sampled_from(TaxCategory), st.integers(0, 10_000_000)), max_size=30)
fees = st.integers(0, 100_000)
rules = st.builds(TaxRule, rounding=st.sampled_from(Rounding), prices=st.sampled_from(PriceMode))


@st.composite
def orders(draw):
    lines = draw(amounts)
    shipping, payment = draw(fees), draw(fees)
    payable = sum(amount for _, amount in lines) + shipping + payment
    discount = draw(st.integers(0, payable))
    points = draw(st.integers(0, payable - discount))
    return lines, Adjustments(shipping, payment, discount, points), draw(rules)


@given(orders())
def test_sum_of_rates_is_the_total(order):
    totals = compute_totals(*order)

    assert totals.net == sum(rate.net for rate in totals.rates)
    assert totals.tax == sum(rate.tax for rate in totals.rates)
    assert totals.total == sum(rate.gross for rate in totals.rates) == totals.net + totals.tax


@given(orders())
def test_every_yen_of_fees_and_discounts_is_in_the_taxed_base(order):
    lines, adjustments, rule = order
    totals = compute_totals(*order)

    base = sum(amount for _, amount in lines) + adjustments.shipping_fee + adjustments.payment_fee
    base -= adjustments.discount + adjustments.points_used
    in_mode = totals.net if rule.prices is PriceMode.TAX_EXCLUDED else totals.total
    assert in_mode == base


@given(orders())
def test_tax_is_rounded_once_per_rate_by_less_than_a_yen(order):
    _, _, rule = order
    for rate in compute_totals(*order).rates:
        if rule.prices is PriceMode.TAX_EXCLUDED:
            error = rate.tax * 100 - rate.net * rate.rate
            bound = 100
        else:
            error = rate.tax * (100 + rate.rate) - rate.gross * rate.rate
            bound = 100 + rate.rate
        match rule.rounding:
            case Rounding.FLOOR:
                assert -bound < error <= 0
            case Rounding.CEIL:
                assert 0 <= error < bound
            case Rounding.HALF_UP:
                assert -bound < 2 * error <= bound


@given(orders(), st.randoms(use_true_random=False))
def test_order_of_lines_never_matters(order, random):
    lines, adjustments, rule = order
    shuffled = list(lines)
    random.shuffle(shuffled)

    assert compute_totals(shuffled, adjustments, rule) == compute_totals(lines, adjustments, rule)


@given(orders(), st.data())
def test_splitting_a_line_never_matters(order, data):
    lines, adjustments, rule = order
    if not lines:
        return
    index = data.draw(st.integers(0, len(lines) - 1))
    category, amount = lines[index]
    part = data.draw(st.integers(0, amount))
    split = [*lines[:index], (category, part), (category, amount - part), *lines[index + 1 :]]

    assert compute_totals(split, adjustments, rule) == compute_totals(lines, adjustments, rule)


@given(orders())
def test_a_discount_falls_on_the_rates_in_proportion(order):
    lines, adjustments, _ = order
    rule = TaxRule(prices=PriceMode.TAX_EXCLUDED)
    without = compute_totals(lines, adjustments._replace(discount=0, points_used=0), rule)
    totals = compute_totals(lines, adjustments, rule)

    off = adjustments.discount + adjustments.points_used
    for before, after in zip(without.rates, totals.rates, strict=True):
        share = before.net - after.net
        # Largest remainder: a share is the exact proportion, rounded down or up.
        assert abs(share * max(without.net, 1) - off * before.net) < max(without.net, 1)


@given(amounts, rules, st.integers(1, 1_000))
def test_a_discount_above_the_order_is_refused(lines, rule, excess):
    payable = sum(amount for _, amount in lines)
    with pytest.raises(RuleError) as refused:
        compute_totals(lines, Adjustments(discount=payable + excess), rule)

    assert refused.value.field == "discount"


# As large as a line's price, 入数 and quantity can make it, and around the limit.
sizes = st.one_of(
    st.integers(-(10**24), 10**24),
    st.integers(-MAX_YEN, MAX_YEN),
    st.integers(-2_000, 2_000),
    st.sampled_from([MAX_YEN, -MAX_YEN, MAX_YEN + 1]),
)
any_fees = st.one_of(st.integers(0, MAX_YEN), st.integers(0, 2_000))


@given(
    st.lists(st.tuples(st.sampled_from(TaxCategory), sizes), max_size=8),
    st.builds(Adjustments, any_fees, any_fees, any_fees, any_fees),
    rules,
)
def test_whatever_is_asked_is_a_sound_value_or_a_broken_rule(lines, adjustments, rule):
    try:
        totals = compute_totals(lines, adjustments, rule)
    except RuleError:
        return

    assert 0 <= totals.net <= totals.total <= MAX_YEN
    assert 0 <= totals.tax == sum(rate.tax for rate in totals.rates)
    for rate in totals.rates:
        assert abs(rate.net) <= abs(rate.gross) <= MAX_YEN
        # A negative amount is one that no tax is computed on.
        assert rate.net >= 0 or (rate.rate, rate.tax) == (0, 0)


def test_rates_are_the_law_s():
    assert RATES == {TaxCategory.STANDARD: 10, TaxCategory.REDUCED: 8, TaxCategory.EXEMPT: 0}
