"""A storefront's checkout on the local stack: options, stock, preview, order, and the buyer's number on documents."""

import email
import email.policy
import io
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen
from uuid import uuid4

import pytest
from pypdf import PdfReader

from local.patience import wait_for
from tests.builders import a_line, an_order_request
from tests.integration.desk import Desk, expect

PO = "PO-2026/0815,甲"


@pytest.fixture
def sku():
    return f"A/B,{uuid4().hex[:8]}"


def a_checkout(sku, **fields):
    line = a_line(sku=sku, quantity=3).model_dump(mode="json", exclude={"line_id"})
    request = an_order_request(lines=[line], **fields)
    del request["payment_fee"]
    return request


def until(status, call):
    """Repeats a call until it answers so: a container may know the settings of half a minute ago."""
    answers = []
    wait_for(lambda: answers.append(call()) or answers[-1].status == status)
    return answers[-1]


def test_from_the_checkout_to_the_invoice(desk: Desk, sku):
    desk.save_settings("storefront", {"stock": "availability", "few_up_to": 5})
    arrived = {"mode": "overwrite", "csv": f'品番,在庫数\n"{sku}",2\n'}
    expect(desk.staff.call("POST", "/stock/import", arrived, idempotency_key=uuid4().hex), 200)
    options = expect(desk.storefront.call("GET", "/storefront/options"), 200).body
    question = {"skus": [sku, "無い"]}
    stock = until(200, lambda: desk.storefront.call("POST", "/storefront/stock", question)).body["stock"]
    request = a_checkout(
        sku, payment_method=options["payment_methods"][0]["key"], customer_order_number=PO, external_id=sku
    )

    preview = expect(desk.storefront.call("POST", "/orders?dry_run=true", request), 200).body
    number = desk.place(**request)

    assert [one["availability"] for one in stock] == ["few", "available"]
    assert [warning["code"] for warning in preview["warnings"]] == ["short-stock"]
    assert preview["totals"] == desk.order(number)["totals"]
    wait_for(lambda: len(desk.mails(number)) == 2)
    s3 = desk.stack.client("s3")
    for key, label in (("placed.member", "貴社注文番号"), ("placed.shop", "客先注文番号")):
        body = s3.get_object(Bucket=desk.stack.bucket, Key=f"mails/{number}/{key}.eml")["Body"].read()
        received = email.message_from_bytes(body, policy=email.policy.default)
        assert f"{label}：{PO}" in received.get_body(("plain",)).get_content()
    document = until(302, lambda: desk.staff.call("GET", f"/orders/{number}/documents/invoice"))
    with urlopen(document.headers["location"]) as pdf:
        assert PO in PdfReader(io.BytesIO(pdf.read())).pages[0].extract_text()


def test_what_others_call_an_order_finds_it(desk: Desk, sku):
    number = desk.place(**a_checkout(sku, customer_order_number=PO, external_id=sku))

    assert desk.numbers(f"external_id={sku.replace('/', '%2F').replace(',', '%2C')}") == [number]
    assert number in desk.numbers("customer_order_number=PO-2026%2F0815%2C%E7%94%B2")
    assert desk.numbers(f"external_id={sku[:-1]}") == []


def test_five_clicks_at_once_place_one_order_and_leave_no_gap(desk: Desk, sku):
    key = uuid4().hex
    before = int(desk.place())
    refused = a_checkout(sku, payment_method="none")
    expect(desk.storefront.call("POST", "/orders", refused, idempotency_key=uuid4().hex), 422)

    with ThreadPoolExecutor(5) as clicks:
        answers = list(
            clicks.map(
                lambda _: desk.storefront.call("POST", "/orders", a_checkout(sku), idempotency_key=key), range(5)
            )
        )

    assert {answer.body["number"] for answer in answers if answer.status == 201} == {str(before + 1)}
    assert {answer.status for answer in answers} <= {201, 503}
    assert int(desk.place()) == before + 2


def test_a_retired_payment_method_stays_with_its_orders(desk: Desk, sku):
    methods = desk.get("/settings/payment_methods")
    own = f"own_{uuid4().hex[:10]}"
    desk.save_settings("payment_methods", [*methods, {"key": own, "label": "旧カード"}])
    request, key = a_checkout(sku, payment_method=own), uuid4().hex
    number = until(201, lambda: desk.storefront.call("POST", "/orders", request, idempotency_key=key)).body["number"]
    desk.save_settings("payment_methods", methods)

    until(422, lambda: desk.storefront.call("POST", "/orders", request, idempotency_key=uuid4().hex))
    amended = desk.amend(number, staff_memo="a")

    assert amended["payment_label"] == "旧カード"
    assert desk.numbers(f"payment_method={own}")[-1] == number
    retired = desk.get("/settings/payment_methods")[-1]
    assert (retired["key"], retired["retired"]) == (own, True)
    offered = expect(desk.storefront.call("GET", "/storefront/options"), 200).body["payment_methods"]
    assert "旧カード" not in {method["label"] for method in offered}
