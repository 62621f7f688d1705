"""帳票: everything that is printed on a document of an order.

An invoice carries the six items of a 適格請求書 (消費税法 第57条の4 第1項): the issuer's name and registration number
(`issuer`), the date of the transaction (`transacted_from`, `transacted_to`), what was sold with reduced-rate goods
marked (`lines`), the total per rate with its rate and the tax per rate (`totals`), the recipient's name (`recipient`).
"""

import hashlib
import json
from datetime import date

from shukka.domain.order.line import Line
from shukka.domain.order.order import Member, Order, OverallShippingStatus
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.order.totals import RATES, PriceMode, Rounding, TaxCategory, Totals
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.text.values import Value, business_date

TITLES = {DocumentKind.DELIVERY_NOTE: "納品書", DocumentKind.INVOICE: "請求書"}
_NUMBER_PREFIXES = {DocumentKind.DELIVERY_NOTE: "DN", DocumentKind.INVOICE: "INV"}
_NOT_BY_TRANSFER = frozenset({"cash_on_delivery", "credit_card"})
_ROUNDINGS = {Rounding.FLOOR: "切り捨て", Rounding.HALF_UP: "四捨五入", Rounding.CEIL: "切り上げ"}


class Party(Value):
    """A name and an address; `honorific` (御中, 様) belongs to the last of company, department and person."""

    name: str
    department: str = ""
    person: str = ""
    honorific: str = ""
    postal_code: str = ""
    address: str = ""
    building: str = ""
    phone: str = ""
    email: str = ""
    registration_number: str = ""


class DocumentLine(Value):
    """A row, without what was returned. Money is in yen, in the price mode of the totals.

    A line that was cancelled or returned as a whole stays, with quantity 0.
    """

    sku: str = ""
    name: str
    units_per_set: int
    quantity: int
    unit: str = ""
    unit_price: int
    amount: int
    tax_category: TaxCategory


class DocumentContent(Value):
    """What a document prints. Its revision completes `number` when it is issued.

    `totals` are the order's stored ones. `notes` explain the figures; `message` is the shop's, with line ends as LF.
    """

    kind: DocumentKind
    title: str
    number: str
    order_number: str
    ordered_on: date
    transacted_from: date
    transacted_to: date
    issuer: Party
    recipient: Party
    payment_method: str
    lines: tuple[DocumentLine, ...]
    totals: Totals
    notes: tuple[str, ...]
    bank_account: str = ""
    message: str = ""
    customer_order_number: str = ""


def document_content(order: Order, settings: Settings, kind: DocumentKind) -> DocumentContent:
    """What a document of `order`, with all its lines and shipments, prints today."""
    header = order.header
    first_day, last_day = _transaction_days(order)
    by_transfer = header.payment.method not in _NOT_BY_TRANSFER
    return DocumentContent(
        kind=kind,
        title=TITLES[kind],
        number=f"{_NUMBER_PREFIXES[kind]}-{order.number}",
        order_number=order.number,
        ordered_on=business_date(header.placed_at),
        transacted_from=first_day,
        transacted_to=last_day,
        issuer=_issuer(settings.shop),
        recipient=_recipient(header.member),
        payment_method=settings.payment_label(header.payment.method),
        lines=tuple(map(_document_line, order.lines)),
        totals=header.totals,
        notes=_notes(order),
        bank_account=settings.shop.bank_account if kind is DocumentKind.INVOICE and by_transfer else "",
        message=header.message_to_member or "",
        customer_order_number=header.customer_order_number or "",
    )


def fingerprint(content: DocumentContent) -> str:
    """SHA-256 of the canonical JSON, in hex.

    Default values are left out. So a field that is added later changes no fingerprint of documents that do not use it,
    and they are not issued again.
    """
    canonical = json.dumps(
        content.model_dump(mode="json", exclude_defaults=True),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _transaction_days(order: Order) -> tuple[date, date]:
    """First and last 発送日 once everything has left; until then the day of the order."""
    days = [shipment.shipped_on for shipment in order.header.shipments.values() if shipment.shipped_on]
    if days and order.header.shipping_status is OverallShippingStatus.SHIPPED:
        return min(days), max(days)
    ordered_on = business_date(order.header.placed_at)
    return ordered_on, ordered_on


def _issuer(shop: ShopProfile) -> Party:
    return Party(
        name=shop.name,
        postal_code=shop.postal_code,
        address=shop.address,
        building=shop.building,
        phone=shop.phone,
        email=shop.email or "",
        registration_number=shop.registration_number or "",
    )


def _recipient(member: Member) -> Party:
    return Party(
        name=member.company,
        department=member.department or "",
        person=member.name,
        honorific="様" if member.name else "御中",
        postal_code=member.postal_code or "",
        address=member.address,
        building=member.address3 or "",
    )


def _document_line(line: Line) -> DocumentLine:
    return DocumentLine(
        sku=line.sku or "",
        name=line.name,
        units_per_set=line.units_per_set,
        quantity=line.charged_quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        amount=line.amount,
        tax_category=line.tax_category,
    )


def _notes(order: Order) -> tuple[str, ...]:
    totals = order.header.totals
    excluded = totals.rule.prices is PriceMode.TAX_EXCLUDED
    notes = ["単価・金額は税抜（外税）です" if excluded else "単価・金額は税込（内税）です"]
    notes.append(f"消費税は税率ごとの合計額から計算しています（端数{_ROUNDINGS[totals.rule.rounding]}）")
    if any(line.tax_category is TaxCategory.REDUCED for line in order.lines):
        notes.append(f"※は軽減税率（{RATES[TaxCategory.REDUCED]}%）対象です")
    if order.header.returned:
        notes.append("数量・金額は返品分を差し引いています")
    if totals.discount or totals.points_used:
        notes.append("値引き・ポイントは税率ごとの金額に按分して差し引いています")
    return tuple(notes)
