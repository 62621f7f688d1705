"""The field's table of behaviours, the rows of mail: each over HTTP, until it is sent."""

from email import message_from_bytes
from uuid import uuid4

from local.patience import wait_for
from tests.builders import a_member
from tests.integration.desk import Desk, expect

NUMBER, CORRECTED = "123456789013", "123456789024"
WORDS = {
    "subject": "【{{ shop.name }}】お荷物のお知らせ（{{ order.number }}）",
    "text": "{% for parcel in shipment.parcels %}\n伝票 {{ parcel.number }}\n{% endfor %}\n{{ opening }}\n",
    "html": None,
}


def text_of(desk: Desk, number: str, key: str) -> str:
    """The text of a mail as it was archived when it was sent."""
    mail = next(mail for mail in desk.order(number)["mails"] if mail["key"] == key)
    archived = desk.stack.client("s3").get_object(Bucket=desk.stack.bucket, Key=mail["mime_key"])["Body"].read()
    text: bytes = message_from_bytes(archived).get_payload(0).get_payload(decode=True)
    return text.decode().replace("\r\n", "\n")


def test_row_39_the_shipping_mail_is_optional(desk: Desk):
    number = desk.place()

    desk.amend_shipment(f"{number}-1", carrier="yamato", status="shipped", tracking_numbers=[NUMBER], notify=False)

    assert "shipped_member" not in [mail["template"] for mail in desk.order(number)["mails"]]
    shown = desk.get(f"/members/{a_member().member_id}/orders/{number}")
    assert shown["shipments"][0]["status"] == "shipped"


def test_row_40_the_shipping_mail_is_the_shop_s_to_word_with_previews(desk: Desk):
    number = desk.place()
    desk.amend_shipment(f"{number}-1", carrier="yamato", status="shipped", tracking_numbers=[NUMBER])
    wait_for(lambda: "shipped_member" in desk.mails(number))
    assert f"https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno={NUMBER}" in text_of(
        desk, number, f"shipped#{number}-1"
    )
    path = "/mail-templates/shipped_member"
    preview = desk.staff.call("POST", f"{path}/preview", {**WORDS, "number": number, "shipment_id": f"{number}-1"})
    assert expect(preview, 200).body["text"] == f"伝票 {NUMBER}\n\n"

    version = desk.staff.call("GET", path).headers["etag"]
    saved = expect(desk.staff.call("PUT", path, WORDS, if_match=version), 200)
    try:
        desk.amend_shipment(f"{number}-1", tracking_numbers=[CORRECTED])
        again = {"template": "shipped_member", "opening": "番号を訂正します。"}
        key = expect(desk.staff.call("POST", f"/orders/{number}/mails", again, idempotency_key=uuid4().hex), 201).body[
            "key"
        ]
        wait_for(lambda: desk.mails(number).count("shipped_member") == 2)
    finally:
        expect(desk.staff.call("DELETE", path, if_match=saved.headers["etag"]), 200)

    assert text_of(desk, number, key) == f"伝票 {CORRECTED}\n番号を訂正します。\n"
    mail = next(mail for mail in desk.order(number)["mails"] if mail["key"] == key)
    assert (mail["subject"], mail["template_version"]) == (
        f"【出荷酒店】お荷物のお知らせ（{number}）",
        saved.body["version"],
    )


def test_row_41_a_mail_goes_to_many_orders_each_with_its_own_data(desk: Desk):
    numbers = [desk.place(shipping_fee=fee) for fee in (100, 200, 300)]
    body, key = {"numbers": numbers, "template": "payment_request"}, uuid4().hex
    preview = expect(desk.staff.call("POST", "/mails/preview", body), 200).body
    assert [row["would_send"] for row in preview["results"]] == [True, True, True]

    for result in ("queued", "already_queued"):
        sent = expect(desk.staff.call("POST", "/mails", body, idempotency_key=key), 200).body["results"]
        assert [(row["number"], row["result"]) for row in sent] == [(number, result) for number in numbers]
    wait_for(lambda: all("payment_request" in desk.mails(number) for number in numbers))

    for number in numbers:
        assert desk.mails(number).count("payment_request") == 1
        text = text_of(desk, number, f"payment_request#{key}")
        assert f"受注番号：{number}" in text
        assert f"お支払い金額（税込）：{desk.order(number)['totals']['total']:,}円" in text
