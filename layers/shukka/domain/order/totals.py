"""消費税 and totals: one value, computed in one place, printed by every output.

Tax is rounded once for each rate on the order's total for that rate, fees included (消費税法施行令 第70条の10).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from shukka.domain.errors import Rule, RuleError
from shukka.domain.text.values import MAX_YEN, SignedYen, Value, Yen


class TaxCategory(StrEnum):
    """税区分: 標準 10 %, 軽減 8 %, 非課税."""

    STANDARD = "standard"
    REDUCED = "reduced"
    EXEMPT = "exempt"


RATES: Mapping[TaxCategory, int] = {TaxCategory.STANDARD: 10, TaxCategory.REDUCED: 8, TaxCategory.EXEMPT: 0}
"""Percent, since 2019-10-01."""


class Rounding(StrEnum):
    """端数処理: 切り捨て, 四捨五入, 切り上げ of the absolute amount: a negative total mirrors a positive one."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


class PriceMode(StrEnum):
    """Whether prices and fees are 税抜 or 税込."""

    TAX_EXCLUDED = "tax_excluded"
    TAX_INCLUDED = "tax_included"


class TaxRule(Value):
    rounding: Rounding = Rounding.FLOOR
    prices: PriceMode = PriceMode.TAX_EXCLUDED


class RateTotal(Value):
    """The total of one tax category: `net` 税抜, `tax` 消費税額, `gross` 税込, in yen; `rate` in percent."""

    tax_category: TaxCategory
    rate: int
    net: int
    tax: int
    gross: int


class Totals(Value):
    """The order in yen. `goods` and the adjustments are in the shop's price mode; `net`, `tax`, `total` sum `rates`."""

    goods: SignedYen
    shipping_fee: Yen
    payment_fee: Yen
    discount: Yen
    points_used: Yen
    rates: tuple[RateTotal, ...]
    net: SignedYen
    tax: SignedYen
    total: Yen
    rule: TaxRule


class Adjustments(NamedTuple):
    """Fees and discounts in yen. Fees are taxed at the standard rate."""

    shipping_fee: int = 0
    payment_fee: int = 0
    discount: int = 0
    points_used: int = 0


def compute_totals(amounts: Iterable[tuple[TaxCategory, int]], adjustments: Adjustments, rule: TaxRule) -> Totals:
    """Totals of lines given as (tax category, yen), in the order of the lines.

    Raises RuleError if discounts exceed the amount to pay, if a sum exceeds `MAX_YEN`, and if the goods and fees of a
    taxed rate add up to a negative amount (docs/decisions/0018).
    """
    goods = dict.fromkeys(TaxCategory, 0)
    seen: set[TaxCategory] = set()
    for index, (category, amount) in enumerate(amounts):
        if abs(amount) > MAX_YEN:
            raise _too_large(f"明細{index + 1}の金額（{amount:,}円）", f"lines.{index}")
        goods[category] += amount
        seen.add(category)
    bases = dict(goods)
    fees = adjustments.shipping_fee + adjustments.payment_fee
    if fees or not seen:
        seen.add(TaxCategory.STANDARD)
    bases[TaxCategory.STANDARD] += fees
    off = adjustments.discount + adjustments.points_used
    if off > max(sum(bases.values()), 0):
        raise RuleError("値引きとポイントの合計が請求額を超えています", "discount", Rule.DISCOUNT_TOO_LARGE)
    _check_not_negative(bases)
    for category, share in _split(off, bases).items():
        bases[category] -= share
    rates = tuple(_rate_total(category, bases[category], rule) for category in TaxCategory if category in seen)
    net, total = sum(rate.net for rate in rates), sum(rate.gross for rate in rates)
    if net < 0:
        raise RuleError("税抜の合計金額がマイナスになります", "lines", Rule.NEGATIVE_TOTAL)
    if any(abs(amount) > MAX_YEN for amount in (total, sum(goods.values()), *(rate.gross for rate in rates))):
        raise _sum_too_large(goods, adjustments)
    return Totals(
        goods=sum(goods.values()),
        shipping_fee=adjustments.shipping_fee,
        payment_fee=adjustments.payment_fee,
        discount=adjustments.discount,
        points_used=adjustments.points_used,
        rates=rates,
        net=net,
        tax=sum(rate.tax for rate in rates),
        total=total,
        rule=rule,
    )


def _check_not_negative(bases: Mapping[TaxCategory, int]) -> None:
    """Tax is computed on what is paid for the goods of a rate, which cannot be negative."""
    for category, base in bases.items():
        if base < 0 and RATES[category]:
            raise RuleError(
                f"{RATES[category]}%対象の合計が{base:,}円とマイナスになります。"
                "値引きは、値引く商品と同じ税区分の明細にするか、値引きの項目（税率ごとに按分します）に入れてください",
                "lines",
                Rule.NEGATIVE_TOTAL,
            )


def _sum_too_large(goods: Mapping[TaxCategory, int], adjustments: Adjustments) -> RuleError:
    """Names the larger part: the lines, or a fee."""
    parts = {
        "lines": ("商品合計", max(map(abs, (*goods.values(), sum(goods.values()))))),
        "shipping_fee": ("送料", adjustments.shipping_fee),
        "payment_fee": ("決済手数料", adjustments.payment_fee),
    }
    field = max(parts, key=lambda part: parts[part][1])
    label, amount = parts[field]
    return _too_large(f"合計金額（うち{label} {amount:,}円）", field)


def _too_large(what: str, field: str) -> RuleError:
    return RuleError(f"{what}が上限の{MAX_YEN:,}円を超えています", field, Rule.AMOUNT_TOO_LARGE)


def _split(amount: int, bases: Mapping[TaxCategory, int]) -> dict[TaxCategory, int]:
    """`amount` in proportion to the positive bases, whole yen, by largest remainder (ties: order of TaxCategory)."""
    weights = {category: max(base, 0) for category, base in bases.items()}
    whole = sum(weights.values())
    if not amount or not whole:
        return {}
    shares = {category: amount * weight // whole for category, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda category: -(amount * weights[category] % whole))
    for category in by_remainder[: amount - sum(shares.values())]:
        shares[category] += 1
    return shares


def _rate_total(category: TaxCategory, base: int, rule: TaxRule) -> RateTotal:
    rate = RATES[category]
    if rule.prices is PriceMode.TAX_EXCLUDED:
        tax = _divide(base * rate, 100, rule.rounding)
        return RateTotal(tax_category=category, rate=rate, net=base, tax=tax, gross=base + tax)
    tax = _divide(base * rate, 100 + rate, rule.rounding)
    return RateTotal(tax_category=category, rate=rate, net=base - tax, tax=tax, gross=base)


def _divide(dividend: int, divisor: int, rounding: Rounding) -> int:
    size = abs(dividend)
    match rounding:
        case Rounding.FLOOR:
            quotient = size // divisor
        case Rounding.HALF_UP:
            quotient = (2 * size + divisor) // (2 * divisor)
        case Rounding.CEIL:
            quotient = -(-size // divisor)
    return quotient if dividend >= 0 else -quotient
