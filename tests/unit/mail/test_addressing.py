"""Whom a mail goes to, and when it is kept back."""

import pytest

from shukka.domain.mail.addressing import Envelope, MailRefusal, address_mail
from shukka.domain.order.order import CANCELLED
from shukka.domain.order.outbox import Mail, Recipient
from shukka.domain.settings import ShopProfile
from shukka.domain.shipping.shipment import ShippingStatus
from tests.builders import NOW, a_member, a_shipment, an_order, some_settings


def a_receipt(recipient=Recipient.MEMBER):
    return Mail(key=f"placed#{recipient}", template=f"placed_{recipient}", recipient=recipient, created_at=NOW)


def a_shipping_mail(n=1):
    return Mail(
        key=f"shipped#100001-{n}",
        template="shipped_member",
        recipient=Recipient.MEMBER,
        created_at=NOW,
        shipment_n=n,
    )


def a_shipped_order(*, shipment=None, **header):
    fields = {"status": ShippingStatus.SHIPPED, "tracking_numbers": ("123456789012",), **(shipment or {})}
    return an_order(shipments=(a_shipment(**fields),), **header)


def test_a_member_is_written_to_from_the_shop():
    assert address_mail(a_receipt(), an_order(), some_settings()) == Envelope("shop@example.jp", "buyer1@example.jp")


def test_the_shop_writes_to_itself():
    envelope = address_mail(a_receipt(Recipient.SHOP), an_order(), some_settings())

    assert envelope == Envelope("shop@example.jp", "shop@example.jp")


@pytest.mark.parametrize("recipient", Recipient)
def test_a_shop_without_an_address_sends_nothing(recipient):
    settings = some_settings(shop=ShopProfile(name="出荷酒店"))

    refusal = address_mail(a_receipt(recipient), an_order(), settings)

    assert refusal == MailRefusal("設定 > 店舗情報にメールアドレスがありません")


def test_a_member_without_an_address_gets_nothing_and_the_shop_still_does():
    order = an_order(member=a_member(email=None))

    assert address_mail(a_receipt(), order, some_settings()) == MailRefusal("受注にお客様のメールアドレスがありません")
    assert isinstance(address_mail(a_receipt(Recipient.SHOP), order, some_settings()), Envelope)


def test_a_receipt_goes_out_for_an_order_that_was_cancelled_since():
    assert isinstance(address_mail(a_receipt(), an_order(handling_status=CANCELLED), some_settings()), Envelope)


def test_a_shipping_mail_goes_out_for_what_was_shipped():
    assert isinstance(address_mail(a_shipping_mail(), a_shipped_order(), some_settings()), Envelope)


@pytest.mark.parametrize("carrier", ["own", None, "gone_from_the_settings"])
def test_no_number_is_asked_for_where_the_carrier_gives_none(carrier):
    order = a_shipped_order(shipment={"carrier": carrier, "tracking_numbers": ()})

    assert isinstance(address_mail(a_shipping_mail(), order, some_settings()), Envelope)


@pytest.mark.parametrize(
    "order",
    [a_shipped_order(shipment={"status": ShippingStatus.NOT_SHIPPED, "tracking_numbers": ()}), an_order()],
)
def test_other_mails_about_a_shipment_go_before_it_leaves_too(order):
    mail = a_shipping_mail().model_copy(update={"template": "delay"})

    assert isinstance(address_mail(mail, order, some_settings()), Envelope)
    assert isinstance(address_mail(mail.model_copy(update={"shipment_n": 9}), order, some_settings()), MailRefusal)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (a_shipped_order(shipment={"tracking_numbers": ()}), "送り状番号（ヤマト運輸）が登録されていない"),
        (a_shipped_order(shipment={"status": ShippingStatus.INSTRUCTED}), "発送状況が発送済ではない"),
        (a_shipped_order(handling_status=CANCELLED), "キャンセルされている"),
        (a_shipped_order(shipment={"n": 2}), "発送ID 100001-1 は見つかりません"),
    ],
)
def test_a_shipping_mail_that_would_mislead_is_kept_back(order, reason):
    refusal = address_mail(a_shipping_mail(), order, some_settings())

    assert isinstance(refusal, MailRefusal)
    assert reason in refusal.reason
