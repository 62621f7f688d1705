"""受注の登録を試す: the totals and warnings of an order, for a checkout. Writes nothing and draws no number."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import Field

from shukka.domain.lists.listing import Choice, OrderFilter, OrderPage
from shukka.domain.order.order import CANCELLED
from shukka.domain.order.totals import Totals
from shukka.domain.settings import Settings
from shukka.domain.stock.display import ShownStock, StockDisplay, shown_stock
from shukka.domain.stock.stock import StockLevel, quantities
from shukka.domain.text.values import Value
from shukka.usecases.order.place import PlaceOrder, checked_totals
from shukka.usecases.stock.show import StockReader


class OrderPages(Protocol):
    def page(self, wanted: OrderFilter, after: str | None, limit: int) -> OrderPage:
        """Up to `limit` orders, newest first."""


class WarningCode(StrEnum):
    SHORT_STOCK = "short-stock"
    UNKNOWN_SKU = "unknown-sku"
    NO_EMAIL = "no-email"
    REPEATED_CUSTOMER_ORDER_NUMBER = "repeated-customer-order-number"


class PlacingWarning(Value):
    """A doubt about an order that would be placed anyway."""

    code: WarningCode = Field(description="Stable: what a client branches on")
    field: str = Field(description="Path of the input, such as `lines.0.quantity`")
    message: str = Field(description="What is doubtful, in Japanese")


class OrderedStock(ShownStock):
    """The stock of a sku of the order."""

    quantity: int = Field(description="Sets that the order takes")
    enough: bool = Field(description="Whether there are as many")


class PlacingPreview(NamedTuple):
    """`stock` is empty if stock is hidden from the caller."""

    totals: Totals
    stock: tuple[OrderedStock, ...]
    warnings: tuple[PlacingWarning, ...]


def preview_placing(
    request: PlaceOrder, stock: StockReader, orders: OrderPages, settings: Settings, display: StockDisplay
) -> PlacingPreview:
    """`display` is what the caller may see of stock. Raises RuleError if the order would be refused."""
    totals = checked_totals(request, settings)
    ordered: tuple[OrderedStock, ...] = ()
    warnings = [*_email_warnings(request, settings), *_repeat_warnings(request, orders)]
    if display is not StockDisplay.HIDDEN:
        taken = quantities(request.lines)
        levels = stock.load(taken)
        ordered = tuple(_ordered(sku, quantity, levels.get(sku), display, settings) for sku, quantity in taken.items())
        warnings += _stock_warnings(request, ordered, levels)
    return PlacingPreview(totals, ordered, tuple(warnings))


def _ordered(
    sku: str, quantity: int, stored: StockLevel | None, display: StockDisplay, settings: Settings
) -> OrderedStock:
    shown = shown_stock(sku, stored, display, settings.storefront.few_up_to)
    enough = stored is None or stored.level is None or quantity <= stored.level
    return OrderedStock(**dict(shown), quantity=quantity, enough=enough)


def _stock_warnings(
    request: PlaceOrder, ordered: tuple[OrderedStock, ...], levels: Mapping[str, StockLevel]
) -> Iterator[PlacingWarning]:
    """Skus without a level are only doubtful if others have one: a shop without levels does not keep stock."""
    first = {line.sku: index for index, line in reversed(list(enumerate(request.lines)))}
    for one in ordered:
        if not one.enough:
            rest = "" if one.level is None else f"、在庫 {max(one.level, 0):,}"
            yield PlacingWarning(
                code=WarningCode.SHORT_STOCK,
                field=f"lines.{first[one.sku]}.quantity",
                message=f"品番 {one.sku} の在庫が足りません（注文 {one.quantity:,}{rest}）",
            )
        elif levels and one.sku not in levels:
            yield PlacingWarning(
                code=WarningCode.UNKNOWN_SKU,
                field=f"lines.{first[one.sku]}.sku",
                message=f"品番 {one.sku} は在庫に登録されていません",
            )


def _email_warnings(request: PlaceOrder, settings: Settings) -> Iterator[PlacingWarning]:
    if settings.mails.placed_to_member and not request.member.email:
        yield PlacingWarning(
            code=WarningCode.NO_EMAIL,
            field="member.email",
            message="メールアドレスがないため、受注確認メールは届きません",
        )


def _repeat_warnings(request: PlaceOrder, orders: OrderPages) -> Iterator[PlacingWarning]:
    """One request; looks through the member's newest thousand orders."""
    number, member_id = request.customer_order_number, request.member.member_id
    if not number or not member_id:
        return
    same = OrderFilter.of_member(member_id)._replace(
        customer_order_number=number, handling_status=Choice((CANCELLED,), excluded=True)
    )
    for order in orders.page(same, None, 1).orders:
        yield PlacingWarning(
            code=WarningCode.REPEATED_CUSTOMER_ORDER_NUMBER,
            field="customer_order_number",
            message=f"客先注文番号 {number} は受注 {order.number} にもあります",
        )
