"""Test data: a valid thing for each noun, with what a test cares about given by name."""

from datetime import UTC, datetime
from typing import Any

from shukka.domain.order.history import Context
from shukka.domain.order.line import Line
from shukka.domain.order.order import Member, Order, OrderHeader, Payment, totals_of
from shukka.domain.order.totals import Adjustments, TaxRule
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.shipping.shipment import Destination, Shipment

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
"""Noon of 2026-11-26 in Tokyo."""


def a_line(line_id: int = 1, **fields: Any) -> Line:
    defaults: dict[str, Any] = {
        "sku": "SOY-180",
        "jan_code": "4900000000097",
        "name": "丸大豆しょうゆ 1.8L",
        "units_per_set": 6,
        "unit": "箱",
        "unit_price": 690,
        "quantity": 1,
        "tax_category": "reduced",
    }
    return Line(line_id=line_id, **{**defaults, **fields})


def a_member(**fields: Any) -> Member:
    defaults: dict[str, Any] = {
        "member_id": "M-1001",
        "company": "株式会社髙島商店",
        "department": "仕入部",
        "name": "﨑山 一郎",
        "email": "buyer1@example.jp",
        "phone": "03-0000-1001",
        "postal_code": "106-0032",
        "prefecture": "東京都",
        "address1": "港区六本木",
        "address2": "1-2-3",
        "address3": "能登ビル5階",
    }
    return Member(**{**defaults, **fields})


def a_shipment(n: int = 1, **fields: Any) -> Shipment:
    return Shipment(n=n, **{"carrier": "yamato", **fields})


def a_destination(**fields: Any) -> Destination:
    defaults: dict[str, Any] = {
        "company": "株式会社能登倉庫",
        "name": "田中 太郎",
        "phone": "045-000-0000",
        "postal_code": "233-0001",
        "prefecture": "神奈川県",
        "address1": "神奈川県横浜市港南区" if fields.get("prefecture", "") is None else "横浜市港南区",
        "address2": "上大岡東1-2-3",
    }
    return Destination(**{**defaults, **fields})


def an_order(
    number: str = "100001",
    *,
    lines: tuple[Line, ...] | None = None,
    shipments: tuple[Shipment, ...] | None = None,
    adjustments: Adjustments | None = None,
    rule: TaxRule | None = None,
    **header: Any,
) -> Order:
    lines = (a_line(),) if lines is None else lines
    shipments = (a_shipment(),) if shipments is None else shipments
    defaults: dict[str, Any] = {
        "version": 1,
        "placed_at": NOW,
        "placed_by": "storefront:shop",
        "updated_at": NOW,
        "member": a_member(),
        "payment": Payment(method="bank_transfer"),
        "totals": totals_of(lines, adjustments or Adjustments(), rule or TaxRule()),
        "line_count": len(lines),
        "next_line_id": max((line.line_id for line in lines), default=0) + 1,
        "shipments": {shipment.n: shipment.digest for shipment in shipments},
    }
    return Order(header=OrderHeader(number=number, **{**defaults, **header}), lines=lines, shipments=shipments)


def some_settings(**sections: Any) -> Settings:
    """Settings of a shop that has filled in its profile."""
    shop = ShopProfile(
        name="出荷酒店",
        postal_code="104-0061",
        address="東京都中央区銀座1-2-3",
        phone="03-0000-0000",
        email="shop@example.jp",
        registration_number="T7010705000725",
        bank_account="みほん銀行 銀座支店 普通 1234567 シュッカサケテン",
    )
    return Settings(**{"shop": shop, **sections})


def a_context(**fields: Any) -> Context:
    return Context(**{"at": NOW, "actor": "staff:hanako", "request_id": "request-1", **fields})


def an_order_request(**fields: Any) -> dict[str, Any]:
    """The JSON body of POST /orders."""
    line = a_line().model_dump(mode="json", exclude={"line_id"})
    defaults: dict[str, Any] = {
        "member": a_member().model_dump(mode="json"),
        "payment_method": "bank_transfer",
        "shipping_fee": 800,
        "payment_fee": 0,
        "requested_date": "2026-11-30",
        "time_slot": "午前中",
        "message_from_member": None,
        "lines": [line],
    }
    return {**defaults, **fields}
