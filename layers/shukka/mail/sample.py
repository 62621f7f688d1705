"""An order that has everything and one that has nothing, to try templates on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache

from shukka.domain.order.line import Line
from shukka.domain.order.order import Member, Order, OrderHeader, Payment, totals_of
from shukka.domain.order.totals import Adjustments, TaxCategory, TaxRule
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.shipping.shipment import Shipment, ShippingStatus
from shukka.mail.view import View, mail_view

_PLACED_AT = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
SAMPLE_SHOP = ShopProfile(
    name="見本酒店",
    postal_code="104-0061",
    address="東京都中央区銀座1-2-3",
    building="見本ビル1階",
    phone="03-0000-0000",
    email="shop@example.jp",
    bank_account="みほん銀行 銀座支店\n普通 1234567 ミホンサケテン",
)
SAMPLE_OPENING = "平素よりありがとうございます。\n担当者が書き添えた文が、ここに入ります。"


@cache
def full_view() -> View:
    """Every field is filled, every list has something in it, and texts of several lines have them."""
    order = sample_order()
    return mail_view(order, order.shipments[0], Settings(shop=SAMPLE_SHOP), SAMPLE_OPENING)


@cache
def sample_order() -> Order:
    """An order with everything, and one shipment."""
    shipment = Shipment(
        n=1,
        status=ShippingStatus.SHIPPED,
        carrier="yamato",
        tracking_numbers=("123456789012", "234567890123"),
        shipped_on=date(2026, 4, 2),
        requested_date=date(2026, 4, 3),
        time_slot="14-16",
    )
    lines = (
        Line(line_id=1, sku="SOY-180", name="丸大豆しょうゆ 1.8L", units_per_set=6, unit="箱", unit_price=690,
             quantity=3, tax_category=TaxCategory.REDUCED),
        Line(line_id=2, sku="BAG-L", name="手提げ紙袋（大）", unit="枚", unit_price=45, quantity=100),
    )  # fmt: skip
    order = _order(
        lines,
        (shipment,),
        Adjustments(shipping_fee=800, payment_fee=330, discount=500, points_used=100),
        member=Member(
            member_id="M-1001",
            company="株式会社見本商店",
            department="仕入部",
            name="見本 花子",
            email="member@example.jp",
            phone="03-0000-1001",
            postal_code="106-0032",
            prefecture="東京都",
            address1="港区六本木",
            address2="1-2-3",
            address3="見本ビル5階",
        ),
        payment=Payment(method="bank_transfer", paid_on=date(2026, 4, 2), paid_amount=10_000),
        requested_date=date(2026, 4, 3),
        time_slot="14-16",
        customer_order_number="PO-2026-0815",
        message_from_member="納品書は別送でお願いします。\n請求は月末締めで。",
        message_to_member="いつもありがとうございます。\n年末は28日まで営業しております。",
    )
    return order.model_copy(update={"stock_short": ("BAG-L",)})


@cache
def sparse_view() -> View:
    """No lines, no shipment, no texts: only what no order can be without."""
    order = _order((), (), Adjustments(), member=Member(company="個人"), payment=Payment(method="account"))
    return mail_view(order, None, Settings())


def fields() -> list[tuple[str, str]]:
    """Every field of the view with what it may hold; those of a list are the fields of its items."""
    return list(_fields("", full_view()))


def _fields(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _fields(f"{name}.{key}" if name else key, item)
        case list():
            yield from _fields(name, value[0])
        case bool():
            yield name, "true" if value else "false"
        case _:
            yield name, str(value)


def _order(
    lines: tuple[Line, ...], shipments: tuple[Shipment, ...], adjustments: Adjustments, **header: object
) -> Order:
    values = {
        "number": "100001",
        "version": 1,
        "placed_at": _PLACED_AT,
        "placed_by": "storefront:sample",
        "updated_at": _PLACED_AT,
        "totals": totals_of(lines, adjustments, TaxRule()),
        "line_count": len(lines),
        "next_line_id": len(lines) + 1,
        "shipments": {shipment.n: shipment.digest for shipment in shipments},
        **header,
    }
    return Order(header=OrderHeader.model_validate(values), lines=lines, shipments=shipments)
