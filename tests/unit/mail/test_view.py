"""What templates can and cannot see."""

from datetime import UTC, date, datetime

import pytest

from shukka.domain.order.order import Payment
from shukka.domain.order.totals import Adjustments, PriceMode, TaxRule
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Destination, ShippingStatus
from shukka.mail.view import mail_view
from tests.builders import a_line, a_member, a_shipment, an_order, some_settings


def texts(value):
    """Every text in the view."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_what_is_internal_is_not_in_it():
    shipment = a_shipment(memo="発送メモです", external_shipment_code="WMS-1", numbers_from="import-7")
    order = an_order(staff_memo="与信に注意", shipments=(shipment,), placed_by="storefront:secret")

    everything = "\n".join(texts(mail_view(order, shipment, some_settings())))

    for internal in ("与信に注意", "発送メモです", "WMS-1", "import-7", "storefront", "T7010705000725"):
        assert internal not in everything


def test_it_holds_nothing_but_simple_values():
    def kinds(value):
        if isinstance(value, dict):
            return {kind for item in value.values() for kind in kinds(item)}
        if isinstance(value, list):
            return {kind for item in value for kind in kinds(item)}
        return {type(value)}

    shipment = a_shipment(tracking_numbers=("123456789012",), status=ShippingStatus.SHIPPED)
    order = an_order(shipments=(shipment,))

    assert kinds(mail_view(order, shipment, some_settings())) == {str, int, bool}
    assert kinds(mail_view(order, None, Settings())) == {str, int, bool}


def test_a_mail_that_is_not_about_a_shipment_has_one_of_which_nothing_is_known():
    order = an_order(shipments=(a_shipment(tracking_numbers=("123456789012",)),))

    shipment = mail_view(order, None, some_settings())["shipment"]

    assert not any(shipment.values())
    assert shipment.keys() == mail_view(order, order.shipments[0], some_settings())["shipment"].keys()


def test_the_goods_go_where_the_shipment_goes():
    away = Destination(company="能登倉庫", name="倉庫係", prefecture="石川県", address1="輪島市")
    first, second = a_shipment(1), a_shipment(2, destination=away)
    order = an_order(shipments=(first, second))

    def place(order, shipment):
        delivery = mail_view(order, shipment, some_settings())["delivery"]
        return delivery["company"], delivery["address"]

    assert place(order, first) == ("株式会社髙島商店", "東京都港区六本木1-2-3")
    assert place(order, second) == ("能登倉庫", "石川県輪島市")
    assert place(order, None) == ("", "")
    assert place(an_order(shipments=(second,)), None) == ("能登倉庫", "石川県輪島市")


@pytest.mark.parametrize(
    ("payment", "shown"),
    [
        ({}, (0, "", 4471, 0)),
        ({"paid_on": date(2026, 11, 26), "paid_amount": 4471}, (4471, "2026年11月26日（木）", 0, 0)),
        ({"paid_on": date(2026, 11, 26)}, (4471, "2026年11月26日（木）", 0, 0)),
        ({"paid_on": date(2026, 11, 26), "paid_amount": 4000}, (4000, "2026年11月26日（木）", 471, 0)),
        ({"paid_amount": 5000}, (5000, "", 0, 529)),
    ],
)
def test_what_is_still_to_pay(payment, shown):
    view = mail_view(an_order(payment=Payment(method="bank_transfer", **payment)), None, some_settings())["payment"]

    assert (view["received"], view["received_on"], view["due"], view["overpaid"]) == shown


@pytest.mark.parametrize(
    ("method", "status", "waits"),
    [
        ("bank_transfer", ShippingStatus.NOT_SHIPPED, True),
        ("bank_transfer", ShippingStatus.SHIPPED, False),
        ("account", ShippingStatus.NOT_SHIPPED, False),
    ],
)
def test_the_shop_waits_for_the_money_only_before_it_ships(method, status, waits):
    order = an_order(payment=Payment(method=method), shipments=(a_shipment(status=status),))

    assert mail_view(order, None, some_settings())["payment"]["before_shipping"] is waits


def test_lines_that_are_short_are_marked():
    order = an_order(lines=(a_line(1), a_line(2, sku="BAG"))).model_copy(update={"stock_short": ("BAG",)})

    view = mail_view(order, None, some_settings())

    assert view["order"]["short"]
    assert [line["short"] for line in view["lines"]] == [False, True]


def test_every_line_of_the_order_in_its_order_but_those_set_to_zero():
    order = an_order(lines=(a_line(1, quantity=2), a_line(2, quantity=0, name="返品"), a_line(3, name="紙袋")))

    lines = mail_view(order, None, some_settings())["lines"]

    assert [(line["name"], line["quantity"], line["amount"]) for line in lines] == [
        ("丸大豆しょうゆ 1.8L", 2, 8280),
        ("紙袋", 1, 4140),
    ]


def test_a_shipment_shows_its_own_share_of_the_lines():
    first, second = a_shipment(1, allocations={1: 3}), a_shipment(2, allocations={1: 1, 2: 5})
    order = an_order(lines=(a_line(1, quantity=4), a_line(2, quantity=5)), shipments=(first, second))

    shown = [
        [(line["quantity"], line["amount"]) for line in mail_view(order, shipment, some_settings())["lines"]]
        for shipment in (first, second)
    ]

    assert shown == [[(3, 12_420)], [(1, 4140), (5, 20_700)]]


def test_parcels_link_to_the_carrier_of_the_shipment():
    shipment = a_shipment(carrier="sagawa", tracking_numbers=("123456789012", "AB12"))

    view = mail_view(an_order(shipments=(shipment,)), shipment, some_settings())["shipment"]

    assert view["carrier"] == "佐川急便"
    assert view["parcels"][0] == {
        "number": "123456789012",
        "link": "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=123456789012",
    }


@pytest.mark.parametrize("carrier", ["own", None, "gone_from_the_settings"])
def test_a_number_that_cannot_be_followed_has_no_link(carrier):
    shipment = a_shipment(carrier=carrier, tracking_numbers=("1234",))

    view = mail_view(an_order(shipments=(shipment,)), shipment, some_settings())["shipment"]

    assert view["parcels"] == [{"number": "1234", "link": ""}]


def test_the_stored_totals_are_repeated_and_not_computed_again():
    order = an_order(
        lines=(a_line(1), a_line(2, tax_category="standard"), a_line(3, tax_category="exempt")),
        adjustments=Adjustments(shipping_fee=800, discount=100),
        rule=TaxRule(prices=PriceMode.TAX_INCLUDED),
    )
    totals = order.header.totals

    view = mail_view(order, None, some_settings())["totals"]

    assert [(rate["label"], rate["net"], rate["tax"], rate["gross"]) for rate in view["rates"]] == [
        (label, rate.net, rate.tax, rate.gross)
        for label, rate in zip(("10%対象", "8%対象", "非課税"), totals.rates, strict=True)
    ]
    assert (view["total"], view["tax_included"], view["reduced"]) == (totals.total, True, True)


def test_days_are_those_of_tokyo():
    order = an_order(placed_at=datetime(2026, 12, 31, 15, 4, tzinfo=UTC), requested_date=date(2027, 1, 5))

    view = mail_view(order, None, some_settings())["order"]

    assert (view["placed_at"], view["requested_on"]) == ("2027年1月1日（金）00:04", "2027年1月5日（火）")


@pytest.mark.parametrize(
    ("stored", "shown"), [("14-16", "14時～16時"), ("午前中", "午前中"), ("08-12", "8時～12時"), (None, "")]
)
def test_time_slots_read_as_people_say_them(stored, shown):
    assert mail_view(an_order(time_slot=stored), None, some_settings())["order"]["time_slot"] == shown


def test_the_delivery_request_of_the_shipment_comes_before_that_of_the_order():
    shipment = a_shipment(requested_date=date(2026, 12, 2))
    order = an_order(shipments=(shipment,), requested_date=date(2026, 12, 1), time_slot="午前中")

    view = mail_view(order, shipment, some_settings())["shipment"]

    assert (view["requested_on"], view["time_slot"]) == ("2026年12月2日（水）", "午前中")


def test_marks_that_turn_text_around_are_taken_out():
    member = a_member().model_copy(update={"company": "\u202e店商島髙\u2066 Ltd\u200f"})
    order = an_order(member=member).with_header(message_to_member="一行目\n二行目\u2069")

    view = mail_view(order, None, some_settings())

    assert view["member"]["company"] == "店商島髙 Ltd"
    assert view["order"]["message_to_member"] == "一行目\n二行目"


def test_even_stored_data_that_was_never_validated_stays_on_its_line():
    member = a_member().model_copy(update={"company": "A\r\nBcc: x@example.com\x00\ud800", "name": "a\tb\u2028c"})

    view = mail_view(an_order(member=member), None, some_settings())["member"]

    assert (view["company"], view["name"]) == ("A Bcc: x@example.com", "a bc")
