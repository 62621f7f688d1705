"""What a template sees of an order: a plain view of simple values.

Templates belong to the shop and their output to strangers, so nothing internal is in it: neither 管理用メモ
(`staff_memo`), nor 発送メモ, nor any object with methods.

    shop      name postal_code address building phone email bank_account
    member    company department name member_id email phone postal_code address building
    delivery  where the goods go: company department name phone postal_code address building
    order     number customer_order_number placed_at payment_method requested_on time_slot cancelled partly_shipped
              shipped short message_from_member message_to_member
    payment   received received_on due overpaid before_shipping
    lines     of the shipment what it carried, or of the order what is charged where the mail is not about one; without
              those of quantity 0: sku name units_per_set unit unit_price quantity amount reduced short
    totals    of the order: goods shipping_fee payment_fee discount points_used net tax total tax_included reduced
              rates, each with label rate net tax gross
    shipment  id carrier parcels shipped_on requested_on time_slot; each parcel has number link
    opening   what staff wrote for this one mail

Money, quantities and rates are ints (yen, sets, percent), dates are text such as 2026年1月5日（月）. What is absent is
"", 0 or an empty list, never None: so is everything of the shipment where the mail is not about one. So a template
whose names are right (see `guard.py`) can be rendered for every order. Every text is one line, but for the messages,
the bank account and the opening.
"""

import re
from collections.abc import Iterator
from datetime import date

from shukka.domain.order.allocation import quantities_of
from shukka.domain.order.line import Line
from shukka.domain.order.order import CANCELLED, Order, OrderHeader, OverallShippingStatus
from shukka.domain.order.totals import PriceMode, TaxCategory, Totals
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.shipping.shipment import Destination, Shipment
from shukka.domain.text.values import TOKYO, UNSEEN_IN_A_NOTE

View = dict[str, object]

_HOURS = re.compile("([0-9]{1,2})-([0-9]{1,2})")


def mail_view(order: Order, shipment: Shipment | None, settings: Settings, opening: str | None = None) -> View:
    """The view of `order`, and of `shipment` where the mail is about one."""
    header = order.header
    placed_at = header.placed_at.astimezone(TOKYO)
    return {
        "shop": _shop(settings.shop),
        "member": {
            "company": one_line(header.member.company),
            "department": one_line(header.member.department),
            "name": one_line(header.member.name),
            "member_id": one_line(header.member.member_id),
            "email": one_line(header.member.email),
            "phone": one_line(header.member.phone),
            "postal_code": one_line(header.member.postal_code),
            "address": one_line(header.member.address),
            "building": one_line(header.member.address3),
        },
        "delivery": _delivery(order, shipment),
        "order": {
            "number": order.number,
            "customer_order_number": one_line(header.customer_order_number),
            "placed_at": f"{_date(placed_at.date())}{placed_at:%H:%M}",
            "payment_method": one_line(settings.payment_label(header.payment.method)),
            "requested_on": _date(header.requested_date),
            "time_slot": _time_slot(header.time_slot),
            "cancelled": header.handling_status == CANCELLED,
            "partly_shipped": header.shipping_status is OverallShippingStatus.PARTLY_SHIPPED,
            "shipped": header.shipping_status is OverallShippingStatus.SHIPPED,
            "short": bool(order.stock_short),
            "message_from_member": several_lines(header.message_from_member),
            "message_to_member": several_lines(header.message_to_member),
        },
        "payment": _payment(header, settings),
        "lines": [
            _line(line, quantity, short=line.sku in order.stock_short)
            for line, quantity in _quantities(order, shipment)
            if quantity
        ],
        "totals": _totals(header.totals),
        "shipment": _shipment(order, shipment, settings),
        "opening": several_lines(opening).strip("\n") if opening and not opening.isspace() else "",
    }


def _shop(shop: ShopProfile) -> View:
    return {
        "name": one_line(shop.name),
        "postal_code": one_line(shop.postal_code),
        "address": one_line(shop.address),
        "building": one_line(shop.building),
        "phone": one_line(shop.phone),
        "email": one_line(shop.email),
        "bank_account": several_lines(shop.bank_account).strip("\n"),
    }


def _delivery(order: Order, shipment: Shipment | None) -> View:
    """Nothing where the mail is about an order that goes to several places."""
    places = [each.destination or order.header.member for each in ([shipment] if shipment else order.shipments)]
    place = places[0] if places and places.count(places[0]) == len(places) else Destination()
    return {
        "company": one_line(place.company),
        "department": one_line(place.department),
        "name": one_line(place.name),
        "phone": one_line(place.phone),
        "postal_code": one_line(place.postal_code),
        "address": one_line("".join(part for part in (place.prefecture, place.address1, place.address2) if part)),
        "building": one_line(place.address3),
    }


def _payment(header: OrderHeader, settings: Settings) -> View:
    """`before_shipping`: the shop ships once the money is there, and has shipped nothing yet."""
    due = header.payment_due
    unshipped = header.shipping_status in {OverallShippingStatus.NOT_SHIPPED, OverallShippingStatus.INSTRUCTED}
    return {
        "received": header.totals.total - due,
        "received_on": _date(header.payment.paid_on),
        "due": max(due, 0),
        "overpaid": max(-due, 0),
        "before_shipping": unshipped and header.payment.method in settings.awaited_methods,
    }


def _quantities(order: Order, shipment: Shipment | None) -> Iterator[tuple[Line, int]]:
    if shipment is None:
        return ((line, line.charged_quantity) for line in order.lines)
    held = quantities_of(shipment, order.lines)
    return ((line, held.get(line.line_id, 0)) for line in order.lines)


def _line(line: Line, quantity: int, *, short: bool) -> View:
    return {
        "sku": one_line(line.sku),
        "name": one_line(line.name),
        "units_per_set": line.units_per_set,
        "unit": one_line(line.unit),
        "unit_price": line.unit_price,
        "quantity": quantity,
        "amount": line.amount_of(quantity),
        "reduced": line.tax_category is TaxCategory.REDUCED,
        "short": short,
    }


def _totals(totals: Totals) -> View:
    return {
        "goods": totals.goods,
        "shipping_fee": totals.shipping_fee,
        "payment_fee": totals.payment_fee,
        "discount": totals.discount,
        "points_used": totals.points_used,
        "rates": [
            {
                "label": f"{rate.rate}%対象" if rate.rate else "非課税",
                "rate": rate.rate,
                "net": rate.net,
                "tax": rate.tax,
                "gross": rate.gross,
            }
            for rate in totals.rates
        ],
        "net": totals.net,
        "tax": totals.tax,
        "total": totals.total,
        "tax_included": totals.rule.prices is PriceMode.TAX_INCLUDED,
        "reduced": any(rate.tax_category is TaxCategory.REDUCED for rate in totals.rates),
    }


def _shipment(order: Order, shipment: Shipment | None, settings: Settings) -> View:
    if shipment is None:
        return {"id": "", "carrier": "", "parcels": [], "shipped_on": "", "requested_on": "", "time_slot": ""}
    carrier = settings.carrier(shipment.carrier)
    return {
        "id": order.shipment_id(shipment),
        "carrier": one_line(carrier.name) if carrier else "",
        "parcels": [
            {"number": number, "link": (carrier.tracking_link(number) if carrier else None) or ""}
            for number in shipment.tracking_numbers
        ],
        "shipped_on": _date(shipment.shipped_on),
        "requested_on": _date(shipment.requested_date or order.header.requested_date),
        "time_slot": _time_slot(shipment.time_slot or order.header.time_slot),
    }


def _date(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）" if day else ""


def _time_slot(slot: str | None) -> str:
    """`14-16` is how files and carriers write it; people read 14時～16時."""
    text = one_line(slot)
    hours = _HOURS.fullmatch(text)
    return f"{int(hours[1])}時～{int(hours[2])}時" if hours else text


def one_line(text: str | None) -> str:
    """`text` as it may stand in a line of a mail; "" where there is none."""
    return several_lines(text).replace("\n", " ").replace("\t", " ")


def several_lines(text: str | None) -> str:
    """`text` with its line breaks, without what is not to be seen; "" where there is none."""
    return UNSEEN_IN_A_NOTE.sub("", text) if text else ""
