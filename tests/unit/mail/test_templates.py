"""The default mails, as their recipients read them."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from shukka.domain.mail.template import BUILT_IN
from shukka.domain.order.line import Line
from shukka.domain.order.order import CANCELLED, Payment
from shukka.domain.order.outbox import Recipient
from shukka.domain.order.totals import Adjustments, PriceMode, TaxRule
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.mail.rendering import default_template, render
from shukka.mail.view import mail_view
from tests.builders import a_line, a_member, a_shipment, an_order, some_settings

ALL = tuple(BUILT_IN)
TO_MEMBERS = tuple(key for key, mail in BUILT_IN.items() if mail.recipient is Recipient.MEMBER)
LINK = "https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno="


def rendered(name, order=None, settings=None, opening=None):
    order = order or an_order()
    shipment = order.shipments[0] if name == "shipped_member" else None
    return render(default_template(name), mail_view(order, shipment, settings or some_settings(), opening))


def a_shipped(**fields):
    defaults = {
        "status": ShippingStatus.SHIPPED,
        "tracking_numbers": ("123456789012", "234567890123"),
        "shipped_on": date(2026, 11, 26),
    }
    return a_shipment(**{**defaults, **fields})


class Text(HTMLParser):
    """What a reader sees of HTML, and where its links lead."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links, self.tags, self._hidden = [], [], set(), False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._hidden = tag in {"style", "title"}
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data)

    def __contains__(self, words):
        return words in "".join(self.words)


def both(mail):
    return mail.text, Text(mail.html)


@pytest.mark.parametrize("name", ALL)
def test_subject_names_the_shop_and_the_order_and_is_one_line(name):
    subject = rendered(name).subject

    assert subject.startswith("【出荷酒店】")
    assert "100001" in subject
    assert "\n" not in subject


@pytest.mark.parametrize("name", ["placed_member", "placed_shop", "payment_request", "order_changed"])
def test_mails_about_money_show_lines_and_totals_as_they_are_stored(name):
    order = an_order(
        lines=(a_line(1, quantity=3), a_line(2, name="紙袋", sku="BAG", units_per_set=1, tax_category="standard")),
        adjustments=Adjustments(shipping_fee=800, payment_fee=330, discount=1000, points_used=50),
    )
    totals = order.header.totals

    for seen in both(rendered(name, order)):
        assert "丸大豆しょうゆ 1.8L ※" in seen
        assert "690円 × 入数6 × 3箱" in seen
        assert "690円 × 1箱" in seen
        for words in ("12,420円", "送料", "800円", "330円", "-1,000円", "-50円", "銀行振込"):
            assert words in seen
        for rate in totals.rates:
            assert f"消費税（{rate.rate}%対象 {rate.net:,}円）" in seen
            assert f"{rate.tax:,}円" in seen
        assert f"{totals.total:,}円" in seen
        assert "※は軽減税率の対象です。" in seen


@pytest.mark.parametrize("name", ["placed_member", "placed_shop", "payment_request", "order_changed"])
def test_mails_of_a_shop_with_prices_including_tax_show_the_tax_within(name):
    order = an_order(lines=(a_line(1), a_line(2, tax_category="exempt")), rule=TaxRule(prices=PriceMode.TAX_INCLUDED))
    reduced = order.header.totals.rates[0]

    for seen in both(rendered(name, order)):
        assert "金額（税込）" in seen
        assert f"うち消費税（8%対象 {reduced.gross:,}円）" in seen
        assert "うち非課税" in seen


@pytest.mark.parametrize(
    ("name", "label"),
    [("placed_member", "貴社注文番号"), ("shipped_member", "貴社注文番号"), ("placed_shop", "客先注文番号")],
)
def test_mails_show_the_customer_order_number_if_there_is_one(name, label):
    order = an_order(customer_order_number="PO-2026-0815", external_id="web-58213", metadata={"channel": "LINE"})

    mail = rendered(name, order)

    assert f"{label}：PO-2026-0815\n" in mail.text
    for seen, without in zip(both(mail), both(rendered(name)), strict=True):
        assert label in seen
        assert "PO-2026-0815" in seen
        assert label not in without
        assert "web-58213" not in seen
        assert "LINE" not in seen


@pytest.mark.parametrize("name", TO_MEMBERS)
def test_what_an_order_does_not_have_is_not_mentioned(name):
    order = an_order(
        lines=(a_line(tax_category="standard"),),
        member=a_member(
            member_id=None, department=None, name="", phone=None, postal_code=None, prefecture=None,
            address1=None, address2=None, address3=None,
        ),
    )  # fmt: skip
    settings = Settings(shop=ShopProfile(name="出荷酒店", email="shop@example.jp"))

    for seen in both(rendered(name, order, settings)):
        assert "株式会社髙島商店 御中" in seen
        for words in (
            "様",
            "送料",
            "値引き",
            "ポイント",
            "※は軽減",
            "お届け先",
            "お届け希望",
            "ご連絡事項",
            "〒",
            "TEL",
            "None",
        ):
            assert words not in seen


@pytest.mark.parametrize("name", TO_MEMBERS)
def test_a_person_is_addressed_as_one(name):
    for seen in both(rendered(name)):
        assert "﨑山 一郎 様" in seen
        assert "御中" not in seen


@pytest.mark.parametrize("name", TO_MEMBERS)
def test_a_department_without_a_name_is_addressed_as_one(name):
    for seen in both(rendered(name, an_order(member=a_member(name="")))):
        assert "仕入部 御中" in seen
        assert "商店 御中" not in seen


@pytest.mark.parametrize("name", ["placed_member", "placed_shop"])
def test_a_receipt_of_an_order_that_was_cancelled_since_says_so(name):
    for seen in both(rendered(name, an_order(handling_status=CANCELLED))):
        assert "キャンセル" in seen
    for seen in both(rendered(name)):
        assert "キャンセル" not in seen


def test_messages_reach_those_they_are_for():
    order = an_order(
        shipments=(a_shipped(memo="発送メモです"),),
        message_from_member="納品書は別送で。\n月末締めで。",
        message_to_member="年末は28日まで。",
        staff_memo="与信に注意",
    )
    seen = {name: both(rendered(name, order)) for name in ALL}

    for text, html in (seen["placed_member"], seen["placed_shop"]):
        assert "納品書は別送で。\n月末締めで。" in text
        assert "納品書は別送で。月末締めで。" in html
    for name in ("placed_member", "shipped_member", "order_changed"):
        assert all("年末は28日まで。" in part for part in seen[name])
    for parts in seen.values():
        assert all("与信に注意" not in part and "発送メモです" not in part for part in parts)


def test_the_shop_sees_how_to_reach_the_member():
    for seen in both(rendered("placed_shop")):
        for words in ("M-1001", "buyer1@example.jp", "03-0000-1001", "106-0032", "能登ビル5階"):
            assert words in seen


def test_the_shipping_mail_tells_carrier_numbers_links_dates_and_its_own_lines():
    first = a_shipped(requested_date=date(2026, 11, 30), time_slot="14-16", allocations={1: 2})
    second = a_shipment(2, allocations={2: 1})
    order = an_order(lines=(a_line(1, quantity=2), a_line(2, name="紙袋")), shipments=(first, second))
    mail = rendered("shipped_member", order)

    for seen in both(mail):
        for words in (
            "ヤマト運輸（2個口）", "123456789012", "234567890123", "2026年11月26日（木）", "2026年11月30日（月）",
            "14時～16時", "丸大豆しょうゆ 1.8L", "2箱", "残りの商品は、発送の際に",
        ):  # fmt: skip
            assert words in seen
        assert "紙袋" not in seen
    assert f"\n{LINK}123456789012\n" in mail.text
    assert Text(mail.html).links[:2] == [f"{LINK}123456789012", f"{LINK}234567890123"]


def test_the_shop_s_own_van_has_no_number_to_speak_of():
    order = an_order(shipments=(a_shipped(carrier="own", tracking_numbers=()),))

    for seen in both(rendered("shipped_member", order)):
        assert "自社便" in seen
        assert "送り状番号" not in seen
        assert "配送状況" not in seen
        assert "残りの商品" not in seen


@pytest.mark.parametrize("name", ALL)
def test_html_in_what_people_wrote_stays_text(name):
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    order = an_order(
        lines=(a_line(name=evil, sku=evil[:200], unit=evil),),
        shipments=(a_shipped(time_slot=evil),),
        member=a_member(company=evil, department=evil, name=evil, phone=evil, address1=evil, address3=evil),
        message_from_member=evil,
        message_to_member=evil,
    )
    settings = some_settings(shop=ShopProfile(name="店", email="shop@example.jp", bank_account=evil))
    mail = rendered(name, order, settings, opening=evil)

    assert not Text(mail.html).tags & {"script", "img"}
    assert evil in Text(mail.html)
    assert "&lt;" not in mail.text


@pytest.mark.parametrize("name", ALL)
def test_html_loads_nothing_from_anywhere(name):
    mail = rendered(name, an_order(shipments=(a_shipped(),)))

    assert re.findall(r"src=|url\(|@import|<link", mail.html) == []


@pytest.mark.parametrize("opening", [None, "一行目\n二行目\n"])
@pytest.mark.parametrize("order", [{}, {"payment": Payment(method="bank_transfer", paid_amount=1000)}], ids=repr)
@pytest.mark.parametrize("name", ALL)
def test_no_stray_blank_lines(name, order, opening):
    mail = rendered(name, an_order(shipments=(a_shipped(),), message_to_member="ご連絡", **order), opening=opening)

    assert "\n\n\n" not in mail.text
    assert not re.search(r"[ \t]\n", mail.text)
    assert mail.text == mail.text.strip() + "\n"


# --- mails that staff send ---


@pytest.mark.parametrize("name", ALL)
def test_staff_s_own_words_keep_their_lines_and_stay_words(name):
    words = "一行目 {{ order.number }} {% if %}\n<b>二行目</b>\n\n四行目"
    mail = rendered(name, an_order(shipments=(a_shipped(),)), opening=words)

    assert f"\n\n{words}\n\n" in mail.text
    assert "一行目 {{ order.number }} {% if %}<br>&lt;b&gt;二行目&lt;/b&gt;<br><br>四行目</p>" in mail.html


@pytest.mark.parametrize("opening", [None, "", " \n　\n"])
def test_no_words_leave_no_trace(opening):
    assert rendered("message", opening=opening) == rendered("message")
    assert 'class="words"' not in rendered("message", opening=opening).html


def test_a_stock_out_mail_names_what_is_short_and_nothing_else():
    order = an_order(lines=(a_line(1), a_line(2, sku="BAG", name="紙袋", quantity=30, unit="枚")))
    short = order.model_copy(update={"stock_short": ("BAG",)})

    for seen in both(rendered("stock_out", short)):
        assert "在庫が足りない商品" in seen
        assert "紙袋" in seen
        assert "30枚" in seen
        assert "丸大豆しょうゆ" not in seen
    for seen in both(rendered("stock_out", order)):
        assert "在庫が足りない商品" not in seen
        assert "紙袋" in seen
        assert "丸大豆しょうゆ" in seen


def test_a_payment_request_says_how_much_where_and_what_follows():
    for seen in both(rendered("payment_request")):
        for words in ("お支払い金額（税込）", "4,471円", "みほん銀行 銀座支店", "ご入金を確認したのちに発送"):
            assert words in seen
        assert "ご入金済み" not in seen


def test_a_payment_request_after_an_edit_asks_for_the_rest():
    paid = Payment(method="bank_transfer", paid_on=date(2026, 11, 20), paid_amount=4000)

    for seen in both(rendered("payment_request", an_order(payment=paid))):
        for words in ("4,471円", "-4,000円", "2026年11月20日（金）", "471円"):
            assert words in seen


def test_goods_that_have_left_are_not_promised_for_later():
    order = an_order(shipments=(a_shipped(),))

    for name in ("payment_request", "payment_received"):
        for seen in both(rendered(name, order)):
            assert "発送いたします" not in seen


@pytest.mark.parametrize(
    ("received", "there", "not_there"),
    [
        (4471, ("準備が整いしだい発送",), ("不足している", "多くいただいている", "みほん銀行")),
        (4000, ("不足している金額", "471円", "みほん銀行"), ("多くいただいている", "準備が整いしだい")),
        (5000, ("多くいただいている金額", "529円", "準備が整いしだい発送"), ("不足している", "みほん銀行")),
    ],
)
def test_a_payment_confirmation_tells_what_came_and_what_is_missing(received, there, not_there):
    paid = Payment(method="bank_transfer", paid_on=date(2026, 11, 20), paid_amount=received)

    for seen in both(rendered("payment_received", an_order(payment=paid))):
        for words in (f"{received:,}円", "4,471円", "2026年11月20日（金）", *there):
            assert words in seen
        for words in not_there:
            assert words not in seen


def test_a_cancellation_speaks_of_money_only_where_some_came():
    paid = Payment(method="bank_transfer", paid_on=date(2026, 11, 20), paid_amount=4471)

    for seen in both(rendered("order_cancelled", an_order(handling_status=CANCELLED, payment=paid))):
        assert "4,471円 のご返金" in seen
    for seen in both(rendered("order_cancelled", an_order(handling_status=CANCELLED))):
        assert "返金" not in seen


def test_a_mail_lists_all_of_ten_thousand_lines():
    lines = tuple(Line(line_id=n, name=f"商品{n}", unit_price=1, quantity=1) for n in range(1, 10_001))

    mail = rendered("placed_member", an_order(lines=lines))

    assert mail.text.count("\n・商品") == 10_000
    assert "商品10000" in Text(mail.html)
    # SES takes 40 MB; base64 makes a third more of it.
    assert len((mail.text + mail.html).encode()) < 4_000_000
