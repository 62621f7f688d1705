"""受注商品: what was ordered, as it was described and priced at the time."""

from typing import Annotated

from pydantic import Field

from shukka.domain.totals import TaxCategory
from shukka.domain.values import Label, Name, Quantity, SignedYen, Value


class LineInput(Value):
    """A line as a caller writes it. A line without `sku` is a free line (値引き, 特別対応) and moves no stock."""

    sku: Label | None = None
    jan_code: Label | None = None
    name: Name
    units_per_set: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    unit: Label = ""
    unit_price: SignedYen
    quantity: Quantity
    tax_category: TaxCategory = TaxCategory.STANDARD

    @property
    def amount(self) -> int:
        """Yen in the shop's price mode: 単価 × 入数 × 数量."""
        return self.unit_price * self.units_per_set * self.quantity


class Line(LineInput):
    """A line of an order. `line_id` stays with the line through every edit and is never given to another one."""

    line_id: Annotated[int, Field(ge=1)]
