"""返品: a record of goods that were shipped and returned. Once written, it changes only by being voided.

The record repeats the line as it was on that day. A later edit of the line changes neither the record nor a document
made from it. A 適格返還請求書 (消費税法 第57条の4 第3項) needs the date of the return (`returned_on`), the returned
goods, and the amount per tax category (`amounts`).
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from shukka.domain.order.totals import TaxCategory
from shukka.domain.text.values import Flag, Instant, Label, Name, Quantity, Value

MAX_RETURNS = 99
MAX_RETURNED_LINES = 200
"""Lines of one return, so that its record fits into one item of the store."""


class ReturnedGoods(Value):
    """Returned goods of one line. With `restock` they are fit for sale and go back to stock."""

    line_id: Annotated[int, Field(strict=True, ge=1)]
    quantity: Annotated[Quantity, Field(ge=1)]
    restock: Flag
    reason: Label | None = None


class ReturnedLine(ReturnedGoods):
    """`ReturnedGoods` with the line's facts on the day of the return; `amount` is in yen, in the order's price mode."""

    sku: Label | None
    name: Name
    units_per_set: int
    unit: Label
    unit_price: int
    tax_category: TaxCategory
    amount: int


class GoodsReturn(Value):
    """返品 `n` of an order. `voided_at` is set if the return was voided: the record stays, without effect."""

    n: Annotated[int, Field(ge=1)]
    returned_on: date
    recorded_at: Instant
    recorded_by: str
    reason: Label | None = None
    lines: tuple[ReturnedLine, ...]
    voided_at: Instant | None = None
    voided_by: str | None = None
    void_reason: Label | None = None

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None

    @property
    def amounts(self) -> dict[TaxCategory, int]:
        """Yen by tax category, in the order's price mode."""
        return {
            category: sum(line.amount for line in self.lines if line.tax_category is category)
            for category in TaxCategory
            if any(line.tax_category is category for line in self.lines)
        }

    @property
    def quantities(self) -> dict[int, int]:
        """Sets by line id."""
        found: dict[int, int] = {}
        for line in self.lines:
            found[line.line_id] = found.get(line.line_id, 0) + line.quantity
        return found

    @property
    def restocked(self) -> dict[str, int]:
        """Sets by sku that went back to stock."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line.restock and line.sku:
                found[line.sku] = found.get(line.sku, 0) + line.quantity
        return found
