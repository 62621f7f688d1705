"""What an order desk can do, one test for each row of the field's table of behaviours, through HTTP on the local stack.

Row numbers are those of the table that the README's "What it does" is measured by.
"""

import email
import email.policy
from uuid import uuid4

import pytest

from local.patience import wait_for
from tests.builders import a_line, a_member
from tests.integration.desk import Desk, expect

NUMBER = "444413758703"


def a_line_request(**fields):
    return a_line(**fields).model_dump(mode="json", exclude={"line_id"})


@pytest.fixture
def sku():
    return f"SKU-{uuid4().hex[:10]}"


@pytest.fixture
def member_id():
    return f"M-{uuid4().hex[:10]}"


def test_row_01_placing_sends_one_receipt_to_the_member_and_one_to_the_shop(desk: Desk):
    number = desk.place()

    wait_for(lambda: len(desk.mails(number)) == 2)

    to = {mail["template"]: mail["to"] for mail in desk.order(number)["mails"]}
    assert to == {"placed_member": "buyer1@example.jp", "placed_shop": "shop@example.jp"}
    objects = desk.stack.client("s3").list_objects_v2(Bucket=desk.stack.bucket, Prefix=f"mails/{number}/")
    assert objects["KeyCount"] == 2
    body = desk.stack.client("s3").get_object(Bucket=desk.stack.bucket, Key=f"mails/{number}/placed.member.eml")["Body"]
    received = email.message_from_bytes(body.read(), policy=email.policy.default)
    assert number in received["subject"]
    assert "株式会社髙島商店" in received.get_body(("plain",)).get_content()


def test_row_02_a_new_order_is_at_the_top_of_the_list_at_once(desk: Desk):
    for _ in range(3):
        number = desk.place()
        assert desk.numbers("")[0] == number


def test_row_03_the_list_is_filtered_by_handling_status(desk: Desk, member_id):
    new, held = (desk.place(member={"member_id": member_id, "company": "丙"}) for _ in range(2))
    desk.amend(held, handling_status="on_hold")

    assert desk.numbers(f"member={member_id}&status=on_hold") == [held]
    assert desk.numbers(f"member={member_id}&status=new") == [new]


def test_row_04_filters_include_exclude_and_combine_over_order_shipping_and_goods(desk: Desk, member_id, sku):
    member = {"member_id": member_id, "company": "丁商店"}
    first = desk.place(member=member, lines=[a_line_request(sku=sku, name="特選みりん")])
    second = desk.place(member=member, payment_method="account", requested_date="2026-12-24")
    desk.amend_shipment(f"{second}-1", status="shipped", tracking_numbers=[NUMBER])
    of_member = f"member={member_id}"

    assert desk.numbers(f"{of_member}&status=new,on_hold") == [second, first]
    assert desk.numbers(f"{of_member}&shipping_status=!shipped") == [first]
    assert desk.numbers(f"{of_member}&payment_method=account&requested_from=2026-12-24") == [second]
    assert desk.numbers(f"q={sku}") == [first]
    assert desk.numbers(f"{of_member}&q=%E3%81%BF%E3%82%8A%E3%82%93") == [first]
    assert desk.numbers(f"{of_member}&q=!%E3%81%BF%E3%82%8A%E3%82%93") == [second]
    assert desk.numbers(f"{of_member}&q=4444-1375-8703") == [second]


def test_row_05_an_order_opens_by_its_number(desk: Desk):
    number = desk.place()

    assert desk.order(number)["number"] == number


def test_row_06_the_orderer_is_a_snapshot(desk: Desk, member_id):
    member = a_member(member_id=member_id).model_dump(mode="json")
    first, second = desk.place(member=member), desk.place(member=member)

    desk.amend(first, member={"phone": "03-9999-9999"})

    assert desk.order(first)["member"]["phone"] == "03-9999-9999"
    assert desk.order(second)["member"] == member


def test_row_07_a_quantity_changes_and_totals_follow(desk: Desk):
    number = desk.place(shipping_fee=0)
    (line,) = desk.lines(number)

    changed = desk.put_lines(number, [{**line, "quantity": 5}])

    assert (changed["totals"]["net"], changed["totals"]["tax"], changed["totals"]["total"]) == (20_700, 1_656, 22_356)


def test_row_08_fees_change_and_totals_and_tax_follow(desk: Desk):
    number = desk.place(shipping_fee=0)

    changed = desk.amend(number, shipping_fee=1_000, payment_fee=330)

    rates = [(rate["rate"], rate["net"], rate["tax"]) for rate in changed["totals"]["rates"]]
    assert rates == [(10, 1_330, 133), (8, 4_140, 331)]


def test_row_09_a_quantity_moves_stock_by_the_difference_or_not_at_all(desk: Desk, sku):
    expect(desk.staff.call("PUT", f"/stock/{sku}", {"level": 100}, if_none_match="*"), 200)
    number = desk.place(lines=[a_line_request(sku=sku, quantity=10)])
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 90)
    (line,) = desk.lines(number)

    desk.put_lines(number, [{**line, "quantity": 4}])
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 96)

    # What was not moved is not moved by the next edit either.
    desk.put_lines(number, [{**line, "quantity": 7}], move_stock=False)
    desk.put_lines(number, [{**line, "quantity": 8}])
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 95)


def test_row_10_a_line_is_set_to_zero_and_kept(desk: Desk):
    number = desk.place(lines=[a_line_request(name="甲"), a_line_request(name="乙")])
    first, second = desk.lines(number)

    changed = desk.put_lines(number, [first, {**second, "quantity": 0}])

    assert [(line["name"], line["quantity"]) for line in changed["lines"]] == [("甲", 1), ("乙", 0)]


def test_row_11_cancelling_returns_the_stock_and_keeps_the_record(desk: Desk, sku):
    expect(desk.staff.call("PUT", f"/stock/{sku}", {"level": 100}, if_none_match="*"), 200)
    number = desk.place(lines=[a_line_request(sku=sku, quantity=10)])
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 90)

    cancelled = desk.amend(number, handling_status="cancelled", return_stock=True)

    assert cancelled["handling_status_label"] == "キャンセル"
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 100)
    desk.amend(number, handling_status="new")
    wait_for(lambda: desk.get(f"/stock/{sku}")["level"] == 90)


def test_row_12_a_storefront_can_neither_edit_nor_cancel(desk: Desk):
    number = desk.place()

    for method, path, body in (
        ("PATCH", f"/orders/{number}", {"handling_status": "cancelled"}),
        ("PUT", f"/orders/{number}/lines", {"lines": desk.lines(number)}),
        ("POST", "/orders/statuses", {"numbers": [number], "handling_status": "cancelled"}),
    ):
        expect(desk.storefront.call(method, path, body, if_match='"1"'), 403)
    assert desk.order(number)["version"] == 1


def test_row_13_statuses_are_built_in_and_the_shop_s_own(desk: Desk):
    statuses = desk.get("/settings/statuses")
    assert [status["label"] for status in statuses[:5]] == ["新規注文", "処理中", "保留", "完了", "キャンセル"]
    own = {"key": f"picked_{uuid4().hex[:8]}", "label": "ピック済", "color": "#123456"}
    number = desk.place()

    desk.save_settings("statuses", [*statuses, own])
    # Other containers of the function may know the old settings for half a minute.
    wait_for(
        lambda: (
            desk.staff.call("PATCH", f"/orders/{number}", {"handling_status": own["key"]}, if_match='"1"').status == 200
        )
    )

    assert desk.order(number)["handling_status_label"] == "ピック済"


def test_row_14_statuses_change_one_by_one_and_in_bulk(desk: Desk):
    numbers = [desk.place() for _ in range(3)]
    desk.amend(numbers[0], handling_status="processing")

    body = {"numbers": numbers, "handling_status": "processing"}
    results = expect(desk.staff.call("POST", "/orders/statuses", body), 200).body["results"]

    assert [row["result"] for row in results] == ["unchanged", "changed", "changed"]


def test_row_15_no_step_is_compulsory_and_none_blocks_another(desk: Desk):
    number = desk.place(payment_method="bank_transfer")

    desk.amend(number, handling_status="completed")
    shipped = desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBER])
    paid = desk.amend(number, paid_on="2026-11-26")

    assert (shipped["status"], paid["handling_status"]) == ("shipped", "completed")


def test_row_18_waiting_for_payment_is_visible_in_the_list(desk: Desk, member_id):
    member = {"member_id": member_id, "company": "戊"}
    waiting = desk.place(member=member, payment_method="bank_transfer")
    later = desk.place(member=member, payment_method="account")

    assert desk.numbers(f"member={member_id}&payment=waiting") == [waiting]
    desk.amend(waiting, paid_on="2026-11-26")
    assert desk.numbers(f"member={member_id}&payment=waiting") == []
    assert desk.numbers(f"member={member_id}&payment=unpaid") == [later]


def test_row_19_a_payment_date_is_recorded_and_cleared_by_hand(desk: Desk):
    number = desk.place()

    assert desk.amend(number, paid_on="2026-11-20")["paid_on"] == "2026-11-20"
    assert desk.amend(number, paid_on=None)["paid_on"] is None


def test_row_21_what_is_paid_later_ships_before(desk: Desk):
    number = desk.place(payment_method="account")

    assert desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBER])["status"] == "shipped"
    wait_for(lambda: "shipped_member" in desk.mails(number))


def test_row_42_a_shipment_is_not_announced_twice_and_the_history_is_kept(desk: Desk):
    number = desk.place()
    for status in ("shipped", "not_shipped", "shipped"):
        desk.amend_shipment(f"{number}-1", status=status, tracking_numbers=[NUMBER])

    wait_for(lambda: len(desk.mails(number)) == 3)

    (mail,) = [mail for mail in desk.order(number)["mails"] if mail["template"] == "shipped_member"]
    assert (mail["state"], mail["to"]) == ("sent", "buyer1@example.jp")
    assert mail["finished_at"]
    assert mail["mime_key"]


def test_row_43_the_member_sees_the_message_and_never_the_memo(desk: Desk, member_id):
    number = desk.place(member={"member_id": member_id, "company": "己"})
    desk.amend(number, message_to_member="午前中に届きます", staff_memo="与信に注意")

    for path in (f"/members/{member_id}/orders", f"/members/{member_id}/orders/{number}"):
        seen = str(expect(desk.storefront.call("GET", path), 200).body)
        assert "午前中に届きます" in seen
        assert "与信に注意" not in seen
    assert desk.order(number)["staff_memo"] == "与信に注意"


def test_row_44_the_member_s_history_shows_state_date_link_and_message(desk: Desk, member_id):
    number = desk.place(member={"member_id": member_id, "company": "庚"})
    desk.amend_shipment(f"{number}-1", status="shipped", shipped_on="2026-11-25", tracking_numbers=[NUMBER])

    (order,) = expect(desk.storefront.call("GET", f"/members/{member_id}/orders"), 200).body["orders"]

    (shipment,) = order["shipments"]
    assert (shipment["status"], shipment["shipped_on"]) == ("shipped", "2026-11-25")
    assert shipment["tracking"][0]["url"].endswith(f"pno={NUMBER}")
    expect(desk.storefront.call("GET", f"/members/someone-else/orders/{number}"), 404)


def test_row_45_closing_sets_completed_and_leaves_the_list_of_work(desk: Desk, member_id):
    number = desk.place(member={"member_id": member_id, "company": "辛"})

    assert desk.amend(number, handling_status="completed")["handling_status_label"] == "完了"
    assert desk.numbers(f"member={member_id}&status=!completed,!cancelled") == []


def test_row_46_the_whole_course_is_one_timeline(desk: Desk):
    number = desk.place()
    desk.amend(number, shipping_fee=0, reason="お得意様")
    desk.amend_shipment(f"{number}-1", status="shipped", tracking_numbers=[NUMBER])
    wait_for(lambda: len(desk.mails(number)) == 3)

    entries = desk.get(f"/orders/{number}/timeline")["entries"]

    kinds = [entry["kind"] for entry in entries]
    assert (kinds.count("change"), kinds.count("mail")) == (3, 3)
    fee = next(entry for entry in entries if entry.get("reason") == "お得意様")
    assert {"送料"} <= {change["label"] for change in fee["changes"]}
    assert fee["actor"].startswith("staff:")


def send(desk: Desk, number: str, template: str, **more):
    return desk.staff.call(
        "POST", f"/orders/{number}/mails", {"template": template, **more}, idempotency_key=uuid4().hex
    )


def test_row_16_a_stock_out_mail_is_sent_from_a_template(desk: Desk):
    number = desk.place()

    expect(send(desk, number, "stock_out", opening="みりんが来週の入荷になります。"), 201)

    wait_for(lambda: "stock_out" in desk.mails(number))


def test_row_17_a_payment_request_is_sent_and_refused_where_none_is_awaited(desk: Desk):
    awaited, later = desk.place(payment_method="bank_transfer"), desk.place(payment_method="account")

    expect(send(desk, awaited, "payment_request"), 201)
    expect(send(desk, later, "payment_request"), 422)

    wait_for(lambda: "payment_request" in desk.mails(awaited))


def test_row_20_a_payment_confirmation_is_sent_once_however_often_it_is_clicked(desk: Desk):
    number = desk.place()
    desk.amend(number, paid_on="2026-11-20")
    key = uuid4().hex
    for _ in range(2):
        desk.staff.call("POST", f"/orders/{number}/mails", {"template": "payment_received"}, idempotency_key=key)

    wait_for(lambda: "payment_received" in desk.mails(number))
    assert desk.mails(number).count("payment_received") == 1
