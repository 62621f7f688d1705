"""在庫をストアフロントに見せる."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Protocol

from pydantic import Field

from shukka.domain.errors import Rule, RuleError
from shukka.domain.settings import Settings
from shukka.domain.stock.display import ShownStock, StockDisplay, shown_stock
from shukka.domain.stock.stock import StockLevel
from shukka.domain.text.values import Name, Value

MAX_SKUS = 100


class StockQuestion(Value):
    """The skus of a product page or a cart. (In a body, because a sku may hold any character.)"""

    skus: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SKUS, description="品番")]


class StockReader(Protocol):
    def load(self, skus: Iterable[str]) -> Mapping[str, StockLevel]:
        """The current levels; skus that were never set are left out."""


def show_stock(question: StockQuestion, stock: StockReader, settings: Settings) -> Sequence[ShownStock]:
    """Each sku once, in the order of the question. Raises RuleError if the shop does not show its stock."""
    display = settings.storefront.stock
    if display is StockDisplay.HIDDEN:
        raise RuleError("在庫を公開しない設定になっています（設定 storefront の stock）", "skus", Rule.STOCK_HIDDEN)
    skus = list(dict.fromkeys(question.skus))
    levels = stock.load(skus)
    return [shown_stock(sku, levels.get(sku), display, settings.storefront.few_up_to) for sku in skus]
