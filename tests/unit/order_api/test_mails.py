"""Mails that staff send, over HTTP."""

import boto3
import pytest

from shukka.domain.order.outbox import MailState
from shukka.store.orders import OrderStore
from tests.builders import a_line, a_member, an_order_request
from tests.unit.order_api.conftest import STOREFRONT, Answer, Api

ORDER = "100001"


def send(api: Api, key: str = "click-1", number: str = ORDER, **request) -> Answer:
    return api.call("POST", f"/orders/{number}/mails", request, headers={"idempotency-key": key})


def send_many(api: Api, numbers: list[str], key: str = "click-1", **request) -> Answer:
    return api.call("POST", "/mails", {"numbers": numbers, **request}, headers={"idempotency-key": key})


def mails_of(api: Api, number: str = ORDER) -> list[dict]:
    mails = api.call("GET", f"/orders/{number}").body["mails"]
    return [mail for mail in mails if not mail["key"].startswith("placed#")]


def ship(api: Api, shipment_id: str = f"{ORDER}-1", **changes) -> Answer:
    etag = api.call("GET", f"/orders/{shipment_id.partition('-')[0]}").etag
    return api.call("PATCH", f"/shipments/{shipment_id}", changes, headers={"if-match": etag})


def settle(key: str, state: MailState) -> None:
    """As the sender would, whose part is not what these tests are about."""
    store = OrderStore(boto3.client("dynamodb"), "orders", "settings")
    mail = store.find_mail(ORDER, key)
    assert mail
    assert store.save_mail(ORDER, mail.model_copy(update={"state": state}), expected=mail)


# --- one mail ---


def test_a_payment_request_is_queued_with_history(api):
    api.place(an_order_request())

    answer = send(api, template="payment_request", opening="お世話になっております。\n月末までにお願いします。")

    assert answer.status == 201
    assert answer.body["key"] == "payment_request#click-1"
    assert (answer.body["state"], answer.body["recipient"], answer.body["label"]) == ("pending", "member", "入金案内")
    assert answer.body["opening"] == "お世話になっております。\n月末までにお願いします。"
    order = api.call("GET", f"/orders/{ORDER}")
    assert order.body["version"] == answer.body["order_version"] == 2
    assert [mail["key"] for mail in mails_of(api)] == ["payment_request#click-1"]
    mail, change, *_ = api.call("GET", f"/orders/{ORDER}/timeline").body["entries"]
    assert (mail["title"], mail["state_label"]) == ("入金案内", "送信待ち")
    assert (change["title"], change["actor"]) == ("メールの送信を指示しました", "staff:hanako")


def test_a_double_click_sends_once(api):
    api.place(an_order_request())

    first, second = (send(api, template="payment_request") for _ in range(2))

    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert len(mails_of(api)) == 1


def test_the_answer_to_a_repeated_request_has_the_outcome_of_the_mail(api):
    api.place(an_order_request())
    send(api, template="payment_request")
    settle("payment_request#click-1", MailState.SENT)
    paid = api.call("GET", f"/orders/{ORDER}")
    api.patch(ORDER, {"paid_on": "2026-11-27"}, paid.etag)

    again = send(api, template="payment_request")

    assert (again.status, again.body["state"]) == (201, "sent")


def test_the_same_key_with_other_words_is_a_mistake(api):
    api.place(an_order_request())
    send(api, template="message", opening="はい")

    answer = send(api, template="message", opening="いいえ")

    assert (answer.status, answer.body["type"]) == (422, "urn:shukka:problem:idempotency-mismatch")
    assert len(mails_of(api)) == 1


def test_another_click_sends_another(api):
    api.place(an_order_request())

    for n in range(3):
        assert send(api, key=f"click-{n}", template="message", opening="一言").status == 201

    assert len(mails_of(api)) == 3


@pytest.mark.parametrize("key", ["", "a/b", "a#b", "a.b", "あ", "x" * 65])
def test_a_key_that_cannot_name_a_file_is_refused(api, key):
    api.place(an_order_request())

    assert send(api, key=key, template="message", opening="一言").status == 422


def test_a_key_is_required(api):
    api.place(an_order_request())

    answer = api.call("POST", f"/orders/{ORDER}/mails", {"template": "message", "opening": "一言"})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"].lower() == "idempotency-key"


def test_only_staff_send(api):
    api.place(an_order_request())

    for path in (f"/orders/{ORDER}/mails", f"/orders/{ORDER}/mails/preview", "/mails", "/mails/preview"):
        request = {"template": "message", "opening": "一言", "numbers": [ORDER]}
        answer = api.call("POST", path, request, claims=STOREFRONT, headers={"idempotency-key": "k"})
        assert answer.status == 403


def test_an_unknown_order_is_not_found(api):
    assert send(api, template="message", opening="一言").status == 404
    assert send(api, resend_of="placed#member").status == 404
    assert send(api, number="1" * 3_000, template="placed_member").status == 422
    assert api.call("POST", f"/orders/{ORDER}/mails/preview", {"template": "placed_member"}).status == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "template"),
        ({"template": "no_such_mail"}, "template"),
        ({"template": "message"}, "opening"),
        ({"template": "message", "opening": " \n　"}, "opening"),
        ({"template": "message", "opening": "x" * 4_001}, "opening"),
        ({"template": "message", "opening": "a\x00b"}, "opening"),
        ({"template": "message", "opening": "一言", "subject": "a\nBcc: x@example.com"}, "subject"),
        ({"template": "message", "opening": "一言", "subject": ""}, "subject"),
        ({"template": "payment_request", "shipment_id": "100001-1"}, "shipment_id"),
        ({"template": "shipped_member", "shipment_id": "100001-2"}, "shipment_id"),
        ({"template": "shipped_member", "shipment_id": "100002-1"}, "shipment_id"),
        ({"template": "shipped_member", "shipment_id": "x"}, "shipment_id"),
        ({"resend_of": "no#such"}, "resend_of"),
        ({"resend_of": "𠮷" * 151}, "resend_of"),
        ({"template": "message", "opening": "一言", "force": 1}, "force"),
        ({"template": "message", "opening": "一言", "cc": "x@example.com"}, "cc"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_its_field(api, sent, field):
    api.place(an_order_request())

    answer = send(api, **sent)

    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert not mails_of(api)


def test_a_member_without_an_address_gets_no_mail(api):
    api.place(an_order_request(member=a_member(email=None).model_dump(mode="json")))

    answer = send(api, template="message", opening="一言")

    assert answer.status == 422
    assert "お客様のメールアドレスがありません" in answer.body["detail"]


# --- mails that would surprise the member ---


@pytest.mark.parametrize(
    ("template", "changes", "words"),
    [
        ("payment_request", {"payment_method": "account"}, "「掛け払い」は、入金を待つ設定ではありません"),
        ("payment_request", {"paid_on": "2026-11-27"}, "全額が入金済みです"),
        ("payment_request", {"handling_status": "cancelled"}, "キャンセルされています"),
        ("payment_received", {}, "入金が記録されていません"),
        ("order_cancelled", {}, "キャンセルされていません"),
        ("order_changed", {"handling_status": "cancelled"}, "キャンセルされています"),
        ("stock_out", {}, "どの商品のことか、opening に書いてください"),
    ],
)
def test_what_speaks_against_a_mail_is_said_and_can_be_overruled(api, template, changes, words):
    placed = api.place(an_order_request())
    if changes:
        assert api.patch(ORDER, changes, placed.etag).status == 200

    refused = send(api, template=template)

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "force")
    assert words in refused.body["detail"]
    assert not mails_of(api)
    assert send(api, template=template, force=True).status == 201


def test_a_payment_request_goes_for_what_a_later_edit_added(api):
    placed = api.place(an_order_request())
    paid = api.patch(ORDER, {"paid_on": "2026-11-27"}, placed.etag)
    api.patch(ORDER, {"shipping_fee": 1800}, paid.etag)

    assert send(api, template="payment_request").status == 201


def test_each_mail_goes_without_force_where_it_fits(api):
    placed = api.place(an_order_request())
    assert send(api, template="payment_request").status == 201
    assert send(api, template="stock_out", opening="しょうゆが欠品です").status == 201
    assert send(api, template="order_changed").status == 201
    paid = api.patch(ORDER, {"paid_on": "2026-11-27"}, f'"{placed.body["version"] + 3}"')
    assert send(api, template="payment_received").status == 201
    api.patch(ORDER, {"handling_status": "cancelled"}, f'"{paid.body["version"] + 1}"')
    assert send(api, template="order_cancelled").status == 201


# --- the shipping mail again ---


def test_the_shipping_mail_goes_again_with_the_corrected_number(api):
    api.place(an_order_request())
    ship(api, status="shipped", tracking_numbers=["123456789013"])
    ship(api, tracking_numbers=["123456789024"])

    answer = send(api, template="shipped_member", shipment_id=f"{ORDER}-1", opening="番号に誤りがありました。")

    assert answer.status == 201
    assert answer.body["key"] == f"shipped#{ORDER}-1#click-1"
    assert [mail["key"] for mail in mails_of(api)] == [f"shipped#{ORDER}-1", f"shipped#{ORDER}-1#click-1"]
    preview = api.call(
        "POST", f"/orders/{ORDER}/mails/preview", {"template": "shipped_member", "opening": "番号に誤りがありました。"}
    ).body
    assert "番号に誤りがありました。" in preview["text"]
    assert "123456789024" in preview["text"]
    assert "123456789013" not in preview["text"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "shipped"}, "送り状番号（ヤマト運輸）が登録されていない"),
        ({"tracking_numbers": ["123456789013"]}, "発送済ではない"),
    ],
)
def test_a_shipping_mail_that_has_nothing_to_tell_is_refused_whatever_is_forced(api, changes, words):
    api.place(an_order_request())
    ship(api, carrier="yamato", **changes)

    answer = send(api, template="shipped_member", force=True)

    assert answer.status == 422
    assert words in answer.body["detail"]


def test_which_shipment_is_clear_where_only_one_has_left(api):
    line = a_line(quantity=2).model_dump(mode="json", exclude={"line_id"})
    placed = api.place(an_order_request(lines=[line]))
    split = {"shipments": [{"shipment_id": "100001-1", "lines": {"1": 1}}, {"lines": {"1": 1}}]}
    api.call("PUT", f"/orders/{ORDER}/shipments", split, headers={"if-match": placed.etag})
    assert "発送が複数あります" in send(api, template="shipped_member").body["detail"]

    ship(api, f"{ORDER}-2", carrier="yamato", status="shipped", tracking_numbers=["123456789013"])

    assert send(api, template="shipped_member").body["key"] == f"shipped#{ORDER}-2#click-1"


# --- mails that failed ---


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED])
def test_a_mail_that_did_not_arrive_can_be_sent_again(api, state):
    api.place(an_order_request())
    settle("placed#member", state)

    answer = send(api, resend_of="placed#member")

    assert answer.status == 201
    assert (answer.body["key"], answer.body["template"]) == ("placed_member#click-1", "placed_member")
    assert answer.body["resend_of"] == "placed#member"
    change = api.call("GET", f"/orders/{ORDER}/timeline").body["entries"][1]
    assert change["reason"] == "メール placed#member の再送"


def test_it_goes_again_with_its_own_words_and_shipment(api):
    api.place(an_order_request())
    ship(api, carrier="yamato", status="shipped", tracking_numbers=["123456789013"])
    send(api, template="shipped_member", subject="番号の訂正", opening="訂正です")
    settle(f"shipped#{ORDER}-1#click-1", MailState.FAILED)

    again = send(api, key="click-2", resend_of=f"shipped#{ORDER}-1#click-1").body

    assert again["key"] == f"shipped#{ORDER}-1#click-2"
    assert (again["shipment_n"], again["own_subject"], again["opening"]) == (1, "番号の訂正", "訂正です")


@pytest.mark.parametrize("state", [MailState.PENDING, MailState.SENDING, MailState.SENT, MailState.COMPLAINED])
def test_a_mail_that_did_not_fail_is_not_sent_again_as_one(api, state):
    api.place(an_order_request())
    settle("placed#member", state)

    answer = send(api, resend_of="placed#member")

    assert answer.status == 422
    assert "もう一度送るには template を指定" in answer.body["detail"]


def test_a_receipt_can_be_sent_once_more(api):
    api.place(an_order_request())

    assert send(api, template="placed_member").body["key"] == "placed_member#click-1"
    assert send(api, template="placed_shop").body["recipient"] == "shop"


# --- what it would say ---


def test_a_preview_says_what_would_be_sent_and_sends_nothing(api):
    api.place(an_order_request())

    preview = api.call(
        "POST",
        f"/orders/{ORDER}/mails/preview",
        {"template": "payment_request", "subject": "お支払いについて", "opening": "<b>至急</b>\nお願いします"},
    )

    assert preview.status == 200
    assert (preview.body["to"], preview.body["subject"]) == ("buyer1@example.jp", "お支払いについて")
    assert "<b>至急</b>\nお願いします" in preview.body["text"]
    assert "&lt;b&gt;至急&lt;/b&gt;<br>お願いします" in preview.body["html"]
    assert "5,351円" in preview.body["text"]
    assert (preview.body["refusal"], preview.body["doubt"]) == (None, None)
    assert api.call("GET", f"/orders/{ORDER}").body["version"] == 1


def test_a_preview_says_what_speaks_against_the_mail(api):
    api.place(an_order_request(payment_method="account"))

    preview = api.call("POST", f"/orders/{ORDER}/mails/preview", {"template": "payment_request"}).body
    assert "入金を待つ設定ではありません" in preview["doubt"]

    preview = api.call("POST", f"/orders/{ORDER}/mails/preview", {"template": "shipped_member"}).body
    assert "発送済ではない" in preview["refusal"]
    assert preview["to"] is None
    assert preview["text"]


# --- many orders ---


def test_a_mail_goes_to_many_orders_each_with_its_own_result(api):
    for n, method in enumerate(["bank_transfer", "account", "bank_transfer"]):
        api.place(an_order_request(payment_method=method), key=f"key-{n}")
    send(api, template="payment_request")

    numbers = ["100001", "100002", "999999", "100003", "100001"]
    answer = send_many(api, numbers, template="payment_request")

    assert answer.status == 200
    rows = [(row["number"], row["result"], row["key"]) for row in answer.body["results"]]
    assert rows == [
        ("100001", "already_queued", "payment_request#click-1"),
        ("100002", "refused", None),
        ("999999", "not_found", None),
        ("100003", "queued", "payment_request#click-1"),
    ]
    assert "入金を待つ設定ではありません" in answer.body["results"][1]["reason"]
    again = send_many(api, numbers, template="payment_request")
    assert [row["result"] for row in again.body["results"]] == [
        "already_queued",
        "refused",
        "not_found",
        "already_queued",
    ]
    assert len(mails_of(api)) == len(mails_of(api, "100003")) == 1


def test_more_orders_than_one_transaction_takes(api):
    numbers = [api.place(an_order_request(), key=f"key-{n}").body["number"] for n in range(36)]

    results = send_many(api, numbers, template="message", opening="年末のお知らせ").body["results"]

    assert [row["number"] for row in results] == numbers
    assert {row["result"] for row in results} == {"queued"}
    assert len(mails_of(api, numbers[-1])) == 1


def test_a_hundred_orders_at_once_and_no_more(api):
    numbers = [str(100_001 + n) for n in range(101)]

    assert send_many(api, numbers[:100], template="message", opening="一言").status == 200
    assert send_many(api, numbers, template="message", opening="一言").status == 422
    assert send_many(api, [], template="message", opening="一言").status == 422


def test_a_batch_that_makes_no_sense_is_refused_as_a_whole(api):
    api.place(an_order_request())

    assert send_many(api, [ORDER], template="message").status == 422
    assert send_many(api, [ORDER], template="no_such_mail").status == 422
    assert not mails_of(api)


def test_a_preview_of_many_says_to_whom_and_shows_the_first(api):
    api.place(an_order_request(payment_method="account"), key="key-1")
    api.place(an_order_request(member=a_member(email="second@example.jp").model_dump(mode="json")), key="key-2")

    request = {"numbers": ["100001", "100002", "999999"], "template": "payment_request"}
    preview = api.call("POST", "/mails/preview", request).body

    assert [(row["number"], row["would_send"], row["to"]) for row in preview["results"]] == [
        ("100001", False, "buyer1@example.jp"),
        ("100002", True, "second@example.jp"),
        ("999999", False, None),
    ]
    assert preview["first"]["number"] == "100002"
    assert "100002" in preview["first"]["subject"]
    forced = api.call("POST", "/mails/preview", {**request, "force": True}).body
    assert [row["would_send"] for row in forced["results"]] == [True, True, False]
    assert not mails_of(api)
