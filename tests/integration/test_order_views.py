"""What the desk and the storefront look at, through the gateway and with the roles of the template."""

import urllib.request
from urllib.parse import quote
from uuid import uuid4

from local.patience import HANG_SECONDS, wait_for
from tests.integration.desk import Desk, expect


def test_the_desk_s_first_look_counts_an_order_until_it_is_closed(desk: Desk):
    before = desk.get("/orders/summary")
    number = desk.place()

    wait_for(lambda: desk.get("/orders/summary")["waiting_for_payment"] == before["waiting_for_payment"] + 1)
    assert desk.get("/orders/summary")["open"] == before["open"] + 1

    desk.amend(number, handling_status="completed")

    wait_for(lambda: desk.get("/orders/summary")["open"] == before["open"])


def test_filters_that_are_misspelt_or_overwritten_are_refused_behind_the_gateway(desk: Desk):
    for query, field in (("staus=new", "staus"), ("q=a&q=b", "q"), ("status=", "status"), ("q=%20", "q")):
        answer = expect(desk.staff.call("GET", f"/orders?{query}"), 422)

        assert [error["field"] for error in answer.body["errors"]] == [field], query


def test_words_with_commas_and_any_script_are_searched_as_they_are(desk: Desk):
    company = f"Smith, Jones & 髙島 {uuid4().hex[:8]}"
    number = desk.place(member={"company": company})

    assert desk.numbers(f"q={quote(company)}") == [number]


def test_a_member_downloads_the_document_that_the_desk_issued(desk: Desk):
    member_id = f"M-{uuid4().hex[:10]}"
    number = desk.place(member={"member_id": member_id, "company": "髙島商店"})
    path = f"/members/{member_id}/orders/{number}"
    assert expect(desk.storefront.call("GET", path), 200).body["documents"] == []
    expect(desk.staff.call("GET", f"/orders/{number}/documents/invoice"), 302)

    (document,) = expect(desk.storefront.call("GET", path), 200).body["documents"]
    location = expect(desk.storefront.call("GET", document["path"]), 302).headers["location"]

    with urllib.request.urlopen(location, timeout=HANG_SECONDS) as download:
        assert download.read(5) == b"%PDF-"
    expect(desk.storefront.call("GET", document["path"].replace(member_id, "M-other")), 404)
