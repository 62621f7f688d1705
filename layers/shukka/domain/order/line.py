"""受注商品: an ordered item, as described and priced when the order was placed."""

from enum import StrEnum
from typing import Annotated

from pydantic import MISSING, AfterValidator, Field, ValidationInfo

from shukka.domain.order.totals import TaxCategory
from shukka.domain.text.values import Label, Name, Quantity, SignedYen, Value


class LineKind(StrEnum):
    """商品 or 金額のみ: money (値引き, 手数料, a service) only counts for the totals and is in no shipment."""

    GOODS = "goods"
    MONEY = "money"


def _usual_kind(sku: str | None, unit_price: int) -> LineKind:
    """Money if there is no 品番 and the price is below zero; any other free line may be goods, such as a sample."""
    return LineKind.MONEY if not sku and unit_price < 0 else LineKind.GOODS


def _unusual(kind: LineKind, info: ValidationInfo) -> LineKind | MISSING:
    """Only an unusual kind is kept, so that a request that names the usual kind does not change the line."""
    facts = info.data
    if {"sku", "unit_price"} <= facts.keys() and kind is _usual_kind(facts["sku"], facts["unit_price"]):
        return MISSING
    return kind


class LineInput(Value):
    """A line in a request. A line without `sku` is a free line (値引き, 特別対応) and moves no stock."""

    sku: Label | None = None
    jan_code: Label | None = None
    name: Name
    units_per_set: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    unit: Label = ""
    unit_price: SignedYen
    quantity: Quantity
    tax_category: TaxCategory = TaxCategory.STANDARD
    kind: Annotated[
        LineKind | MISSING,
        AfterValidator(_unusual),
        Field(description="`money`: in no shipment, no stock. Absent: `money` without `sku` at a price below zero"),
    ] = MISSING

    @property
    def kind_or_usual(self) -> LineKind:
        return _usual_kind(self.sku, self.unit_price) if self.kind is MISSING else self.kind

    @property
    def is_goods(self) -> bool:
        return self.kind_or_usual is LineKind.GOODS

    @property
    def charged_quantity(self) -> int:
        """What the totals count."""
        return self.quantity

    def amount_of(self, quantity: int) -> int:
        """Yen in the shop's price mode for this many sets: 単価 × 入数 × 数量."""
        return self.unit_price * self.units_per_set * quantity

    @property
    def amount(self) -> int:
        """Yen in the shop's price mode, of what is charged."""
        return self.amount_of(self.charged_quantity)


class Line(LineInput):
    """A line of an order. `line_id` stays the same through every edit and is never reused.

    `quantity` is what was ordered. `returned` (返品数) of it was shipped and returned, and is not charged.
    """

    line_id: Annotated[int, Field(ge=1)]
    # Nearly all lines have none, so the default is neither stored nor recorded in the history of a new line.
    returned: Quantity = Field(default=0, exclude_if=lambda returned: returned == 0)

    @property
    def charged_quantity(self) -> int:
        return self.quantity - self.returned
