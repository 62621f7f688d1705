"""Who gets past the gateway, and what it makes of roles, on the deployed template."""

from urllib.parse import urljoin

import pytest

from local.api import Api
from local.stack import Stack


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
