"""Who gets past the gateway, and what it makes of roles, on the deployed template."""

from urllib.parse import quote, urljoin

import pytest

from local.api import Api
from local.stack import Stack, running_stack
from tests.builders import a_line, a_member, an_order_request

ORIGIN = "http://localhost:3000"


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs", "/docs/imports", "/docs/imports/template.csv"])
def test_the_open_routes_need_no_token(stack: Stack, path: str):
    assert Api(stack.api_url, None).call("GET", path).status == 200


@pytest.mark.parametrize("path", ["/orders", "/orders/100001", "/orders/100001/documents/invoice", "/no/such/route"])
def test_everything_else_does(stack: Stack, path: str):
    assert Api(stack.api_url, None).call("GET", path).status == 401


def test_a_token_that_somebody_changed_is_refused(stack: Stack):
    header, claims, signature = stack.staff_token().split(".")

    forged = Api(stack.api_url, f"{header}.{claims}.{signature[::-1]}")

    assert forged.call("GET", "/orders").status == 401


def test_the_group_of_a_cognito_user_is_the_role_of_staff(stack: Stack):
    assert Api(stack.api_url, stack.staff_token()).call("GET", "/orders").status == 200


def test_the_scope_of_a_storefront_does_not_open_what_is_for_staff(stack: Stack):
    answer = Api(stack.api_url, stack.storefront_token()).call("GET", "/orders")

    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_scope_of_a_storefront_opens_one_members_orders(stack: Stack):
    assert Api(stack.api_url, stack.storefront_token()).call("GET", "/members/M-0/orders").status == 200


@pytest.mark.parametrize("page", ["/openapi.json", "/docs"])
def test_a_call_can_be_tried_from_where_the_description_is_read(stack: Stack, page: str):
    description = Api(stack.api_url, None).call("GET", "/openapi.json").body

    server = urljoin(stack.api_url + page, description["servers"][0]["url"]).rstrip("/")

    assert Api(server, None).call("GET", "/health").body == {"status": "ok"}


IDS = ["Z/9", "A#1", 'A"1', "A\\1", "¥100", "＋1", "ア・イ", "「特」", "A%1", "100%", "A B", "a+b", "ledger", "髙﨑"]


@pytest.mark.parametrize("text", IDS)
def test_ids_with_any_character_come_through_the_gateway_as_they_are(stack: Stack, text: str):
    staff = Api(stack.api_url, stack.staff_token())
    line = a_line(sku=text).model_dump(mode="json", exclude={"line_id"})
    request = an_order_request(member=a_member(member_id=text).model_dump(mode="json"), lines=[line])
    number = staff.call("POST", "/orders", request, idempotency_key=f"id-{IDS.index(text)}").body["number"]
    encoded = quote(text, safe="")

    put = staff.call("PUT", f"/stock/{encoded}", {"level": 5}, if_none_match="*")
    listed = staff.call("GET", f"/members/{encoded}/orders")
    shown = staff.call("GET", f"/members/{encoded}/orders/{number}")

    assert (put.status, put.body["sku"]) == (200, text)
    assert staff.call("GET", f"/stock/{encoded}").body["sku"] == text
    assert staff.call("GET", f"/stock/{encoded}/ledger").status == 200
    assert [row["number"] for row in listed.body["orders"]] == [number]
    assert shown.body["lines"][0]["sku"] == text


@pytest.mark.parametrize("text", ["A?1", "A%41", "A//B", ".."])
def test_ids_that_no_path_can_carry_do_not_get_in(stack: Stack, text: str):
    request = an_order_request(member=a_member(member_id=text).model_dump(mode="json"))

    refused = Api(stack.api_url, stack.staff_token()).call("POST", "/orders", request, idempotency_key="bad-id")

    assert (refused.status, refused.body["type"]) == (422, "urn:shukka:problem:unusable-id")


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs"])
def test_head_needs_no_more_than_get(stack: Stack, path: str):
    head = Api(stack.api_url, None).call("HEAD", path)

    assert (head.status, head.body) == (200, None)


def test_the_route_of_documents_refuses_what_it_does_not_have(stack: Stack):
    staff = Api(stack.api_url, stack.staff_token())

    assert staff.call("POST", "/orders/1/documents/invoice").headers["allow"] == "GET, HEAD"
    assert staff.call("GET", "/orders/1/documents/invoice?revison=2").status == 422


def test_a_page_of_an_allowed_origin_may_create_a_stock_level():
    with running_stack(origins=[ORIGIN]) as stack:
        asked = {"origin": ORIGIN, "access_control_request_method": "PUT"}
        preflight = Api(stack.api_url, None).call(
            "OPTIONS", "/stock/SOY-180", access_control_request_headers="authorization,if-none-match", **asked
        )
        answer = Api(stack.api_url, stack.staff_token()).call(
            "PUT", "/stock/SOY-180", {"level": 5}, if_none_match="*", origin=ORIGIN
        )

    assert preflight.status in {200, 204}
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "if-none-match" in preflight.headers["access-control-allow-headers"]
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "retry-after" in answer.headers["access-control-expose-headers"]
