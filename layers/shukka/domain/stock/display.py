"""在庫表示: what a storefront may see of stock."""

from enum import StrEnum

from pydantic import Field

from shukka.domain.stock.stock import StockLevel
from shukka.domain.text.values import Quantity, Value


class StockDisplay(StrEnum):
    """`hidden`: nothing; `availability`: enough, few or none; `level`: the number of sets."""

    HIDDEN = "hidden"
    AVAILABILITY = "availability"
    LEVEL = "level"


class StorefrontSettings(Value):
    """What the storefront's token may read besides orders."""

    stock: StockDisplay = Field(StockDisplay.HIDDEN, description="What the storefront may know of stock")
    few_up_to: Quantity = Field(10, description="Levels from 1 to this one are shown as `few`")


class Availability(StrEnum):
    AVAILABLE = "available"
    FEW = "few"
    NONE = "none"


class ShownStock(Value):
    """A sku's stock as it is shown."""

    sku: str
    counted: bool = Field(description="False if the shop keeps no level of the sku: it can be ordered without limit")
    availability: Availability = Field(description="`few`: at most `few_up_to` of the settings; `none`: sold out")
    level: int | None = Field(description="Sets that can still be sold; null if no level is kept or shown")


def shown_stock(sku: str, stored: StockLevel | None, display: StockDisplay, few_up_to: int) -> ShownStock:
    """`stored` is None for a sku that was never set. `display` must not be `hidden`."""
    level = stored.level if stored else None
    if level is None:
        availability = Availability.AVAILABLE
    elif level <= 0:
        availability = Availability.NONE
    else:
        availability = Availability.FEW if level <= few_up_to else Availability.AVAILABLE
    shown = level if display is StockDisplay.LEVEL else None
    return ShownStock(sku=sku, counted=level is not None, availability=availability, level=shown)
