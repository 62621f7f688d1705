"""What the storefront offers to its customers."""

from collections.abc import Sequence

from pydantic import Field

from order_api.schemas import View
from shukka.domain.order.totals import PriceMode
from shukka.domain.settings import Settings
from shukka.domain.stock.display import ShownStock, StockDisplay
from shukka.domain.text.options import offered


class OfferedPaymentMethod(View):
    """決済方法. An order that is placed without a `payment_fee` has this `fee`."""

    key: str = Field(examples=["cash_on_delivery"])
    label: str = Field(examples=["代金引換"])
    fee: int = Field(description="決済手数料 in yen, in the price mode `prices`", examples=[330])
    awaits_payment: bool = Field(description="Whether the shop waits for the money before it ships")


class OfferedCarrier(View):
    """配送業者 with its 配送時間帯."""

    key: str = Field(examples=["yamato"])
    name: str = Field(examples=["ヤマト運輸"])
    time_slots: list[str] = Field(examples=[["午前中", "14-16"]])


class StorefrontOptionsView(View):
    """What a checkout offers. Retired options are left out."""

    prices: PriceMode = Field(description="Whether prices and fees are 税抜 or 税込")
    payment_methods: list[OfferedPaymentMethod] = Field(description="決済方法 that a new order can have")
    carriers: list[OfferedCarrier] = Field(description="配送業者 with their 配送時間帯")
    default_carrier: str | None = Field(description="Key of the carrier that new orders get")
    stock: StockDisplay = Field(description="What `POST /storefront/stock` shows")


class StorefrontStockView(View):
    """Each sku once, in the order of the question."""

    stock: list[ShownStock]


def storefront_options_view(settings: Settings) -> StorefrontOptionsView:
    return StorefrontOptionsView(
        prices=settings.tax.prices,
        payment_methods=[
            OfferedPaymentMethod(
                key=method.key, label=method.label, fee=method.fee, awaits_payment=method.awaits_payment
            )
            for method in offered(settings.payment_methods)
        ],
        carriers=[
            OfferedCarrier(key=carrier.key, name=carrier.name, time_slots=list(carrier.time_slots))
            for carrier in offered(settings.carriers)
        ],
        default_carrier=settings.shop.default_carrier,
        stock=settings.storefront.stock,
    )


def storefront_stock_view(stock: Sequence[ShownStock]) -> StorefrontStockView:
    return StorefrontStockView(stock=list(stock))
