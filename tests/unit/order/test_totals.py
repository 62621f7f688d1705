"""Worked examples of totals, checked by hand."""

import pytest

from shukka.domain.errors import Rule, RuleError
from shukka.domain.order.totals import Adjustments, PriceMode, Rounding, TaxCategory, TaxRule, compute_totals
from shukka.domain.text.values import MAX_YEN

STANDARD, REDUCED, EXEMPT = TaxCategory


def test_tax_is_taken_from_the_sum_not_from_the_lines():
    # 105 + 107 = 212 yen: 21 yen of tax. Rounded line by line it would be 10 + 10 = 20, half-up 11 + 11 = 22.
    totals = compute_totals([(STANDARD, 105), (STANDARD, 107)], Adjustments(), TaxRule())

    assert (totals.tax, totals.total) == (21, 233)


def test_fees_are_taxed_at_the_standard_rate():
    totals = compute_totals([(REDUCED, 1_000)], Adjustments(shipping_fee=800, payment_fee=330), TaxRule())

    assert [(rate.rate, rate.net, rate.tax) for rate in totals.rates] == [(10, 1_130, 113), (8, 1_000, 80)]
    assert totals.total == 2_323


@pytest.mark.parametrize(("rounding", "tax"), [(Rounding.FLOOR, 10), (Rounding.HALF_UP, 11), (Rounding.CEIL, 11)])
def test_half_a_yen(rounding, tax):
    assert compute_totals([(STANDARD, 105)], Adjustments(), TaxRule(rounding=rounding)).tax == tax


def test_tax_included_prices_contain_their_tax():
    rule = TaxRule(prices=PriceMode.TAX_INCLUDED)
    totals = compute_totals([(STANDARD, 1_100), (REDUCED, 1_080)], Adjustments(), rule)

    assert [(rate.net, rate.tax, rate.gross) for rate in totals.rates] == [(1_000, 100, 1_100), (1_000, 80, 1_080)]


def test_a_discount_is_split_by_largest_remainder():
    # 100 yen over 1,000 and 2,000: 33.3 and 66.7.
    totals = compute_totals([(STANDARD, 1_000), (REDUCED, 2_000)], Adjustments(discount=100), TaxRule())

    assert [rate.net for rate in totals.rates] == [967, 1_933]


def test_a_negative_free_line_lowers_its_own_rate():
    totals = compute_totals([(STANDARD, 1_000), (STANDARD, -300)], Adjustments(), TaxRule())

    assert (totals.net, totals.tax, totals.total) == (700, 70, 770)


def test_lines_that_come_to_less_than_nothing_are_refused():
    with pytest.raises(RuleError) as refused:
        compute_totals([(STANDARD, 100), (STANDARD, -300)], Adjustments(), TaxRule())

    assert refused.value.field == "lines"


def test_an_order_of_nothing_is_zero_yen():
    totals = compute_totals([], Adjustments(), TaxRule())

    assert (totals.total, len(totals.rates)) == (0, 1)


@pytest.mark.parametrize("goods", [[(REDUCED, -555)], [(STANDARD, -555)], [(REDUCED, 10_000), (STANDARD, -600)]])
def test_a_taxed_rate_that_comes_to_less_than_nothing_is_refused(goods):
    with pytest.raises(RuleError) as refused:
        compute_totals(goods, Adjustments(shipping_fee=546), TaxRule())

    assert (refused.value.rule, refused.value.field) == (Rule.NEGATIVE_TOTAL, "lines")


def test_a_returned_deposit_is_paid_back_without_tax():
    # 容器保証金 is not taxed: 1,000 yen of goods with 100 yen of tax, less 200 yen.
    totals = compute_totals([(STANDARD, 1_000), (EXEMPT, -200)], Adjustments(), TaxRule())

    assert (totals.net, totals.tax, totals.total) == (800, 100, 900)


def test_a_net_of_less_than_nothing_is_refused_where_tax_would_make_the_total_positive():
    rule = TaxRule(prices=PriceMode.TAX_INCLUDED)
    with pytest.raises(RuleError) as refused:
        compute_totals([(STANDARD, 560), (EXEMPT, -555)], Adjustments(), rule)

    assert refused.value.rule is Rule.NEGATIVE_TOTAL


@pytest.mark.parametrize(
    ("goods", "adjustments", "field"),
    [
        ([(STANDARD, 1), (STANDARD, MAX_YEN + 1)], Adjustments(), "lines.1"),
        ([(STANDARD, 1), (EXEMPT, -MAX_YEN - 1)], Adjustments(), "lines.1"),
        ([(STANDARD, MAX_YEN)], Adjustments(), "lines"),
        ([(STANDARD, MAX_YEN // 2)] * 3, Adjustments(), "lines"),
        ([(STANDARD, 1)], Adjustments(shipping_fee=MAX_YEN), "shipping_fee"),
        ([(STANDARD, 1)], Adjustments(payment_fee=MAX_YEN), "payment_fee"),
    ],
)
def test_a_sum_above_the_limit_names_what_makes_it_large(goods, adjustments, field):
    with pytest.raises(RuleError) as refused:
        compute_totals(goods, adjustments, TaxRule())

    assert (refused.value.rule, refused.value.field) == (Rule.AMOUNT_TOO_LARGE, field)


def test_the_largest_sum_is_accepted():
    assert compute_totals([(EXEMPT, MAX_YEN)], Adjustments(), TaxRule()).total == MAX_YEN
