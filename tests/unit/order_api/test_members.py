"""What a member sees of the orders, over HTTP: the storefront's window, and nothing of the staff's."""

import json

import pytest

from shukka.domain.order.outbox import Document, DocumentKind, DocumentState
from tests.builders import NOW, a_line, a_member, an_order_request
from tests.unit.order_api.conftest import STAFF, STOREFRONT

ORDER = "/members/M-1001/orders/100001"

# A new field has to be listed here: may a member see it?
ROW = {
    *("number", "placed_at", "handling_status", "handling_status_label", "shipping_status", "shipping_status_label"),
    *("total", "customer_order_number", "message_to_member", "shipments"),
}
DETAIL = (ROW - {"total"}) | {
    *(
        "payment_label",
        "paid_on",
        "requested_date",
        "time_slot",
        "message_from_member",
        "lines",
        "totals",
        "returns",
        "documents",
    ),
}
SHIPMENT = {"shipment_id", "status", "status_label", "carrier_name", "tracking", "shipped_on"}
SHIPMENT_DETAIL = SHIPMENT | {"delivered_on", "requested_date", "time_slot"}
LINE = {
    *("line_id", "sku", "name", "units_per_set", "unit", "unit_price", "quantity", "returned", "tax_category"),
    "line_amount",
}
TOTALS = {
    *("prices", "goods", "shipping_fee", "payment_fee", "discount", "points_used", "rates", "net", "tax", "total"),
}
DOCUMENT = {"kind", "title", "issued_on", "total", "path"}
SECRET = "社外秘"


@pytest.fixture
def shipped(api):
    """An order on which the staff has written whatever staff can write, shipped in one parcel."""
    etag = api.place(an_order_request(), claims=STOREFRONT).etag
    notes = {"staff_memo": SECRET, "message_to_member": "本日発送します。", "reason": SECRET}
    etag = api.patch("100001", notes, etag).etag
    parcel = {
        "status": "shipped",
        "shipped_on": "2026-11-26",
        "tracking_numbers": ["444413758703"],
        "memo": SECRET,
        "external_shipment_code": SECRET,
        "reason": SECRET,
    }
    assert api.call("PATCH", "/shipments/100001-1", parcel, headers={"if-match": etag}).status == 200
    return api


def record_document(kind, revision, state, **fields):
    from order_api import wiring  # noqa: PLC0415 - as the fixture has set it up

    document = Document(kind=kind, revision=revision, requested_at=NOW, state=state, **fields)
    assert wiring.orders().add_document("100001", document)


def test_a_member_sees_state_parcels_message_and_documents(shipped):
    record_document(DocumentKind.INVOICE, 1, DocumentState.READY, total=1, pdf_key="documents/1.pdf")
    record_document(DocumentKind.INVOICE, 2, DocumentState.READY, total=5_351, pdf_key="documents/2.pdf")
    record_document(DocumentKind.INVOICE, 3, DocumentState.PENDING)
    record_document(DocumentKind.DELIVERY_NOTE, 1, DocumentState.FAILED)

    order = shipped.call("GET", ORDER, claims=STOREFRONT)

    assert (order.status, order.headers["cache-control"]) == (200, "no-store")
    assert (order.body["handling_status_label"], order.body["shipping_status_label"]) == ("新規注文", "発送済")
    assert order.body["message_to_member"] == "本日発送します。"
    assert [(line["name"], line["line_amount"]) for line in order.body["lines"]] == [("丸大豆しょうゆ 1.8L", 4_140)]
    assert order.body["totals"]["total"] == 5_351
    (shipment,) = order.body["shipments"]
    assert (shipment["status_label"], shipment["carrier_name"]) == ("発送済", "ヤマト運輸")
    assert shipment["tracking"] == [
        {
            "number": "444413758703",
            "url": "https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno=444413758703",
        }
    ]
    assert [(document["title"], document["total"], document["path"]) for document in order.body["documents"]] == [
        ("請求書", 5_351, "/members/M-1001/orders/100001/documents/invoice")
    ]


def test_no_internal_field_reaches_a_member(shipped):
    record_document(DocumentKind.INVOICE, 1, DocumentState.READY, reason=SECRET, pdf_key="documents/1.pdf")

    for claims in (STOREFRONT, STAFF):
        order = shipped.call("GET", ORDER, claims=claims).body
        (row,) = shipped.call("GET", "/members/M-1001/orders", claims=claims).body["orders"]

        assert SECRET not in json.dumps([order, row], ensure_ascii=False)
        assert set(row) == ROW
        assert set(row["shipments"][0]) == SHIPMENT
        assert set(order) == DETAIL
        assert set(order["shipments"][0]) == SHIPMENT_DETAIL
        assert set(order["lines"][0]) == LINE
        assert set(order["totals"]) == TOTALS
        assert set(order["totals"]["rates"][0]) == {"tax_category", "rate", "net", "tax", "gross"}
        assert set(order["documents"][0]) == DOCUMENT


def test_another_members_order_looks_like_one_that_does_not_exist(api):
    api.place(an_order_request(member=a_member(member_id="M-2").model_dump(mode="json")))
    api.place(an_order_request(member=a_member(member_id=None).model_dump(mode="json")), key="key-2")

    for path in ("", "/documents/invoice"):
        unknown = api.call("GET", f"/members/M-1001/orders/999999{path}", claims=STOREFRONT)
        for number in ("100001", "100002"):
            answer = api.call("GET", f"/members/M-1001/orders/{number}{path}", claims=STOREFRONT)

            reported = json.dumps(answer.body).replace(number, "999999")
            assert (answer.status, json.loads(reported), answer.headers) == (404, unknown.body, unknown.headers)
    assert api.call("GET", "/members/M-1001/orders", claims=STOREFRONT).body == {"orders": [], "next_cursor": None}


def test_a_member_s_list_goes_page_by_page(api):
    for n in range(5):
        api.place(an_order_request(), key=f"key-{n}")
    api.place(an_order_request(member=a_member(member_id="M-2").model_dump(mode="json")), key="key-other")

    first = api.call("GET", "/members/M-1001/orders", claims=STOREFRONT, query={"limit": "3"}).body
    cursor = {"cursor": first["next_cursor"]}
    rest = api.call("GET", "/members/M-1001/orders", claims=STOREFRONT, query=cursor).body

    assert [order["number"] for order in first["orders"]] == ["100005", "100004", "100003"]
    assert [order["number"] for order in rest["orders"]] == ["100002", "100001"]
    assert rest["next_cursor"] is None
    assert api.call("GET", "/members/M-2/orders", claims=STOREFRONT, query=cursor).status == 400
    assert api.call("GET", "/members/M-1001/orders", claims=STOREFRONT, query={"status": "new"}).status == 422


def test_a_member_downloads_the_newest_document_that_is_ready(shipped):
    record_document(DocumentKind.INVOICE, 1, DocumentState.READY, pdf_key="documents/1.pdf")
    record_document(DocumentKind.INVOICE, 2, DocumentState.READY, pdf_key="documents/2.pdf")
    record_document(DocumentKind.INVOICE, 3, DocumentState.PENDING)

    download = shipped.call("GET", f"{ORDER}/documents/invoice", claims=STOREFRONT)

    assert (download.status, download.headers["cache-control"]) == (302, "no-store")
    assert "documents/2.pdf" in download.headers["location"]
    missing = shipped.call("GET", f"{ORDER}/documents/delivery_note", claims=STOREFRONT)
    assert (missing.status, missing.body["detail"]) == (404, "納品書はまだ発行されていません")
    assert shipped.call("GET", f"{ORDER}/documents/nonsense", claims=STOREFRONT).status == 422


def test_a_struck_line_stays_visible_to_the_member(api):
    etag = api.place(an_order_request()).etag
    line = {**a_line().model_dump(mode="json"), "quantity": 0}
    api.call("PUT", "/orders/100001/lines", {"lines": [line]}, headers={"if-match": etag})

    (shown,) = api.call("GET", ORDER, claims=STOREFRONT).body["lines"]

    assert (shown["quantity"], shown["line_amount"]) == (0, 0)
