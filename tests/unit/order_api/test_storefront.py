"""What the storefront's token may read: what a checkout offers, stock as far as it is shown, and nothing else."""

import boto3
import pytest

from tests.builders import a_line, a_member, an_order_request
from tests.unit.order_api.conftest import STAFF, STOREFRONT

NOBODY = {"scope": "other/storefront", "client_id": "x"}


@pytest.fixture
def shop(api):
    """A shop with 3 of A, 100 of B, none of C, D without limit, and nothing known of E."""
    for sku, level in {"A": 3, "B": 100, "C": 0, "D": None}.items():
        api.call("PUT", f"/stock/{sku}", {"level": level}, headers={"if-none-match": "*"})
    return api


def show(api, **settings):
    current = api.call("GET", "/settings/storefront")
    saved = api.call("PUT", "/settings/storefront", settings, headers={"if-match": current.etag})
    assert saved.status == 200


def a_wish(*skus, **fields):
    lines = [a_line(sku=sku, quantity=quantity).model_dump(exclude={"line_id"}) for sku, quantity in skus]
    return an_order_request(lines=lines, **fields)


def preview(api, request, claims=STOREFRONT, **headers):
    return api.call("POST", "/orders", request, claims=claims, query={"dry_run": "true"}, headers=headers)


# --- options ---


def test_a_checkout_gets_its_options(api):
    methods = api.call("GET", "/settings/payment_methods")
    kept = [method | {"fee": 330} for method in methods.body if method["key"] != "account"]
    api.call("PUT", "/settings/payment_methods", kept, headers={"if-match": methods.etag})

    options = api.call("GET", "/storefront/options", claims=STOREFRONT)

    assert options.status == 200
    assert set(options.body) == {"prices", "payment_methods", "carriers", "default_carrier", "stock"}
    assert options.body["payment_methods"][0] == {
        "key": "bank_transfer", "label": "銀行振込", "fee": 330, "awaits_payment": True,
    }  # fmt: skip
    assert "account" not in [method["key"] for method in options.body["payment_methods"]]
    assert set(options.body["carriers"][0]) == {"key", "name", "time_slots"}
    assert options.body["carriers"][0]["time_slots"][0] == "午前中"
    assert (options.body["prices"], options.body["default_carrier"]) == ("tax_excluded", "yamato")
    assert options.body["stock"] == "hidden"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/storefront/options", None),
        ("POST", "/storefront/stock", {"skus": ["A"]}),
        ("POST", "/orders", an_order_request()),
    ],
)
def test_storefront_routes_are_open_to_storefront_and_staff_only(api, method, path, body):
    show(api, stock="level")
    query = {"dry_run": "true"} if path == "/orders" else {}

    statuses = [api.call(method, path, body, claims=who, query=query).status for who in (STAFF, STOREFRONT, NOBODY, {})]

    assert statuses == [200, 200, 403, 403]


@pytest.mark.parametrize("section", ["shop", "payment_methods", "carriers", "storefront", "mails", "statuses"])
def test_the_settings_themselves_stay_closed_to_the_storefront(api, section):
    for method, body in (("GET", None), ("PUT", [])):
        answer = api.call(method, f"/settings/{section}", body, claims=STOREFRONT, headers={"if-match": '"0"'})
        assert answer.status == 403


def test_stock_records_stay_closed_to_the_storefront(shop):
    show(shop, stock="level")

    for path in ("/stock", "/stock/A", "/stock/A/ledger"):
        assert shop.call("GET", path, claims=STOREFRONT).status == 403


# --- stock ---


def asked(api, *skus):
    return api.call("POST", "/storefront/stock", {"skus": list(skus)}, claims=STOREFRONT)


def test_stock_is_hidden_unless_the_shop_shows_it(shop):
    refused = asked(shop, "A")

    assert (refused.status, refused.body["type"]) == (422, "urn:shukka:problem:stock-hidden")
    assert "3" not in refused.body["title"]


def test_availability_tells_no_level(shop):
    show(shop, stock="availability", few_up_to=3)

    shown = asked(shop, "C", "A", "B", "D", "E", "A").body["stock"]

    assert [(one["sku"], one["availability"], one["counted"]) for one in shown] == [
        ("C", "none", True),
        ("A", "few", True),
        ("B", "available", True),
        ("D", "available", False),
        ("E", "available", False),
    ]
    assert {one["level"] for one in shown} == {None}


def test_levels_are_shown_where_the_shop_wants_it(shop):
    show(shop, stock="level")

    assert [one["level"] for one in asked(shop, "A", "B", "C", "D", "E").body["stock"]] == [3, 100, 0, None, None]


def test_a_sku_of_any_characters_can_be_asked_for(shop):
    show(shop, stock="level")

    for sku in ("A,B", "A/B?#%", "棚番 1", "＋¥\\"):
        assert [one["sku"] for one in asked(shop, sku).body["stock"]] == [sku]


@pytest.mark.parametrize("skus", [[], ["A"] * 101, [""], [1], "A", None])
def test_a_question_that_makes_no_sense_is_refused(api, skus):
    assert api.call("POST", "/storefront/stock", {"skus": skus}, claims=STOREFRONT).status == 422


# --- a checkout ---


def stored_items():
    names = ("orders", "settings", "stock", "imports")
    return {name: boto3.client("dynamodb").scan(TableName=name)["Items"] for name in names}


def test_a_preview_is_what_placing_would_come_to_and_writes_nothing(shop):
    show(shop, stock="level")
    before = stored_items()

    shown = preview(shop, a_wish(("A", 1)))

    assert (shown.status, shown.body["warnings"]) == (200, [])
    assert stored_items() == before
    placed = shop.place(a_wish(("A", 1)))
    assert (placed.status, placed.body["number"]) == (201, "100001")
    assert placed.body["totals"] == shown.body["totals"]


def test_a_preview_takes_no_notice_of_a_key(shop):
    placed = shop.place(a_wish(("A", 1)), "key-1")

    shown = preview(shop, a_wish(("A", 2)), **{"idempotency-key": "key-1"})

    assert shown.body["totals"]["goods"] == 2 * placed.body["totals"]["goods"]


def test_a_preview_breaks_the_rules_that_placing_breaks(api):
    for changes in ({"payment_method": "x"}, {"discount": 10**9}, {"shipping_fee": 99_999_999_999}, {"lines": []}):
        refused, placed = preview(api, an_order_request(**changes)), api.place(an_order_request(**changes))
        assert (refused.status, refused.body) == (placed.status, placed.body)


def test_a_preview_tells_what_is_short_or_unknown(shop):
    show(shop, stock="level")

    shown = preview(shop, a_wish(("B", 1), ("A", 2), ("A", 2), ("E", 1), ("D", 1_000), (None, 1))).body

    assert [(one["sku"], one["quantity"], one["level"], one["enough"]) for one in shown["stock"]] == [
        ("B", 1, 100, True),
        ("A", 4, 3, False),
        ("E", 1, None, True),
        ("D", 1_000, None, True),
    ]
    assert [(one["code"], one["field"]) for one in shown["warnings"]] == [
        ("short-stock", "lines.1.quantity"),
        ("unknown-sku", "lines.3.sku"),
    ]
    assert shown["warnings"][0]["message"] == "品番 A の在庫が足りません（注文 4、在庫 3）"


def test_a_shop_that_keeps_no_stock_is_not_warned_of_unknown_skus(api):
    show(api, stock="level")

    assert preview(api, a_wish(("A", 1))).body["warnings"] == []


def test_a_preview_shows_stock_as_the_setting_allows_and_all_of_it_to_staff(shop):
    request = a_wish(("A", 4))

    hidden, to_staff = preview(shop, request).body, preview(shop, request, STAFF).body
    show(shop, stock="availability")
    roughly = preview(shop, request).body

    assert (hidden["stock"], hidden["warnings"]) == ([], [])
    assert to_staff["stock"][0]["level"] == 3
    assert (roughly["stock"][0]["level"], roughly["stock"][0]["enough"]) == (None, False)
    assert [one["message"] for one in roughly["warnings"]] == ["品番 A の在庫が足りません（注文 4）"]


def test_a_preview_tells_of_a_member_without_an_address_for_mails(api):
    shown = preview(api, an_order_request(member=a_member(email=None).model_dump())).body

    assert [(one["code"], one["field"]) for one in shown["warnings"]] == [("no-email", "member.email")]


def test_a_preview_tells_of_a_customer_order_number_that_the_member_has_used(api):
    request = an_order_request(customer_order_number="PO-1")
    etag = api.place(request).etag
    other = request | {"member": a_member(member_id="M-2").model_dump()}

    (warning,) = preview(api, request).body["warnings"]

    assert (warning["code"], warning["field"]) == ("repeated-customer-order-number", "customer_order_number")
    assert "受注 100001" in warning["message"]
    assert preview(api, other).body["warnings"] == []
    api.patch("100001", {"handling_status": "cancelled"}, etag)
    assert preview(api, request).body["warnings"] == []
