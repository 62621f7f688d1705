"""From record and order to bytes."""

from email import message_from_bytes

from shukka.domain.mail.addressing import Envelope
from shukka.domain.order.outbox import Mail, Recipient
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.mail.compose import compose
from tests.builders import NOW, a_shipment, an_order, some_settings


def test_the_letter_holds_the_mail_of_its_template_and_shipment():
    shipments = tuple(
        a_shipment(n, status=ShippingStatus.SHIPPED, tracking_numbers=(f"12345678901{n}",)) for n in (1, 2)
    )
    mail = Mail(
        key="shipped#100001-2",
        template="shipped_member",
        recipient=Recipient.MEMBER,
        created_at=NOW,
        shipment_n=2,
    )

    letter = compose(
        mail,
        an_order(shipments=shipments),
        some_settings(),
        Envelope("shop@example.jp", "a..b@docomo.ne.jp"),
        NOW,
        find_template=lambda _: None,
    )

    text = message_from_bytes(letter.mime).get_payload(0).get_payload(decode=True).decode()
    assert letter.about == ("order", "100001")
    assert letter.envelope == Envelope("shop@example.jp", '"a..b"@docomo.ne.jp')
    assert letter.subject == "【出荷酒店】商品を発送しました（受注番号 100001）"
    assert "123456789012" in text
    assert "123456789011" not in text
