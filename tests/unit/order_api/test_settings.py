"""Settings over HTTP."""

import pytest

from tests.builders import an_order_request
from tests.unit.order_api.conftest import STOREFRONT


def put(api, section, value, etag):
    return api.call("PUT", f"/settings/{section}", value, headers={"if-match": etag})


def test_a_section_that_was_never_saved_has_its_default(api):
    carriers = api.call("GET", "/settings/carriers")

    assert (carriers.status, carriers.etag) == (200, '"0"')
    assert [carrier["key"] for carrier in carriers.body][:3] == ["yamato", "sagawa", "japan_post"]


def test_a_saved_section_is_what_orders_are_checked_against(api):
    statuses = api.call("GET", "/settings/statuses")
    picked = {"key": "picked", "label": "ピック済", "color": "#123456", "retired": False}

    saved = put(api, "statuses", [*statuses.body, picked], statuses.etag)

    assert (saved.status, saved.etag, saved.body[-1]) == (200, '"1"', picked)
    assert api.call("GET", "/settings/statuses").body == saved.body


def test_a_stale_section_is_412_and_one_without_if_match_428(api):
    tax = api.call("GET", "/settings/tax")
    put(api, "tax", {"rounding": "ceil"}, tax.etag)

    assert put(api, "tax", {"rounding": "half_up"}, tax.etag).status == 412
    assert put(api, "tax", {"rounding": "half_up"}, "nonsense").status == 412
    assert api.call("PUT", "/settings/tax", {"rounding": "half_up"}).status == 428
    assert api.call("GET", "/settings/tax").body["rounding"] == "ceil"


@pytest.mark.parametrize(
    ("section", "change", "field"),
    [
        ("shop", {"registration_number": "T123"}, "registration_number"),
        ("shop", {"registration_number": "T７０１０７０５０００７２５"}, "registration_number"),
        ("shop", {"email": "not an address"}, "email"),
        ("shop", {"default_carrier": "horse"}, "default_carrier"),
        ("carriers", [{"key": "x", "name": "X", "tracking_url": "javascript:alert({number})"}], "0.tracking_url"),
        ("carriers", [{"key": "x", "name": "X", "tracking_url": "https://x.example/"}], "0.tracking_url"),
        ("carriers", [{"key": "yamato", "name": "a"}, {"key": "yamato", "name": "b"}], "carriers.1.key"),
        (
            "carriers",
            [{"key": "yamato", "name": "黒猫"}, {"key": "x", "name": "b", "aliases": ["黒猫"]}],
            "carriers.1.aliases.0",
        ),
        ("imports", {"mappings": [{"name": "x", "columns": {"memo": "a", "status": "b"}}]}, "mappings.0"),
        ("statuses", [{"key": "new", "label": "新規"}], "statuses"),
        ("payment_methods", [], "payment_methods"),
        ("payment_methods", [{"key": "account", "label": "掛け払い", "retired": True}], "payment_methods"),
        ("carriers", [{"key": "yamato", "name": "ヤマト運輸", "retired": True}], "default_carrier"),
        ("carriers", [{"key": "own", "name": "自社便"}], "default_carrier"),
    ],
)
def test_what_a_shop_could_not_work_with_is_refused(api, section, change, field):
    current = api.call("GET", f"/settings/{section}")
    value = {**current.body, **change} if isinstance(change, dict) else change

    refused = put(api, section, value, current.etag)

    assert refused.status == 422
    assert [error["field"] for error in refused.body["errors"]] == [field]


def test_a_registration_number_that_fails_its_check_is_saved_with_a_warning(api):
    shop = api.call("GET", "/settings/shop")
    assert shop.body["warnings"] == []

    saved = put(api, "shop", {**shop.body, "registration_number": "T7010705000726"}, shop.etag)

    assert (saved.status, saved.body["registration_number"]) == (200, "T7010705000726")
    assert ["検査数字が合いません" in warning for warning in saved.body["warnings"]] == [True]
    read = api.call("GET", "/settings/shop")
    assert read.body == saved.body

    mended = put(api, "shop", {**read.body, "registration_number": "T7010705000725"}, read.etag)

    assert (mended.status, mended.body["warnings"]) == (200, [])


def test_settings_are_the_staff_s(api):
    assert api.call("GET", "/settings/shop", claims=STOREFRONT).status == 403


def test_an_unknown_section_is_404(api):
    assert api.call("GET", "/settings/weather").status == 404


# --- options that orders have ---


def without(api, section, key):
    """Saves the section without this entry."""
    current = api.call("GET", f"/settings/{section}")
    return put(api, section, [entry for entry in current.body if entry["key"] != key], current.etag)


@pytest.mark.parametrize(
    ("section", "key"),
    [("statuses", "processing"), ("payment_methods", "bank_transfer"), ("carriers", "sagawa")],
)
def test_an_option_that_is_left_out_is_retired(api, section, key):
    before = api.call("GET", f"/settings/{section}").body

    saved = without(api, section, key)

    retired = next(entry for entry in before if entry["key"] == key) | {"retired": True}
    assert (saved.status, saved.body) == (200, [*(entry for entry in before if entry["key"] != key), retired])
    assert api.call("GET", f"/settings/{section}").body == saved.body
    brought_back = put(api, section, [*saved.body[:-1], retired | {"retired": False}], saved.etag)
    assert brought_back.body[-1]["retired"] is False


def test_a_retired_payment_method_is_kept_and_not_given_anew(api):
    placed = api.place(an_order_request(payment_method="bank_transfer"))
    other = api.place(an_order_request(payment_method="account"), "key-2")
    without(api, "payment_methods", "bank_transfer")

    refused = [
        api.place(an_order_request(payment_method="bank_transfer"), "key-3"),
        api.patch(other.body["number"], {"payment_method": "bank_transfer"}, other.etag),
    ]
    kept = api.patch(placed.body["number"], {"payment_method": "bank_transfer", "staff_memo": "a"}, placed.etag)
    listed = api.call("GET", "/orders", query={"payment_method": "bank_transfer"}).body["orders"]

    assert {answer.body["type"] for answer in refused} == {"urn:shukka:problem:retired-option"}
    assert (kept.status, kept.body["payment_label"]) == (200, "銀行振込")
    assert [(order["number"], order["waiting_for_payment"]) for order in listed] == [("100001", True)]


def test_a_retired_status_is_kept_and_not_given_anew(api):
    statuses = api.call("GET", "/settings/statuses")
    put(api, "statuses", [*statuses.body, {"key": "picked", "label": "ピック済"}], statuses.etag)
    first, second = (api.place(an_order_request(), key) for key in ("key-1", "key-2"))
    first = api.patch("100001", {"handling_status": "picked"}, first.etag)
    without(api, "statuses", "picked")

    many = api.call("POST", "/orders/statuses", {"numbers": ["100002"], "handling_status": "picked"})
    one = api.patch("100002", {"handling_status": "picked"}, second.etag)
    kept = api.patch("100001", {"handling_status": "picked", "staff_memo": "a"}, first.etag)
    summary = api.call("GET", "/orders/summary").body["handling_status"]

    assert {answer.body["type"] for answer in (many, one)} == {"urn:shukka:problem:retired-option"}
    assert (kept.status, kept.body["handling_status_label"]) == (200, "ピック済")
    listed = api.call("GET", "/orders", query={"status": "picked"}).body["orders"]
    assert [order["number"] for order in listed] == ["100001"]
    assert {"key": "picked", "label": "ピック済", "count": 1} in summary


def test_a_retired_carrier_is_kept_with_its_links_and_not_given_anew(api):
    etag = api.place(an_order_request()).etag
    given = {"carrier": "sagawa", "tracking_numbers": ["390459983082"]}
    etag = api.call("PATCH", "/shipments/100001-1", given, headers={"if-match": etag}).etag
    other = api.place(an_order_request(), "key-2")
    without(api, "carriers", "sagawa")

    refused = api.call("PATCH", "/shipments/100002-1", {"carrier": "sagawa"}, headers={"if-match": other.etag})
    shipped = [{"shipment_id": "100002-1", "carrier": "sagawa", "tracking_numbers": ["390459983082"]}]
    (row,) = api.call("POST", "/shipments/ship", {"shipments": shipped}).body["results"]
    kept = api.call("PATCH", "/shipments/100001-1", {"carrier": "sagawa", "memo": "a"}, headers={"if-match": etag})
    (shipment,) = api.call("GET", "/orders/100001").body["shipments"]

    assert refused.body["type"] == "urn:shukka:problem:retired-option"
    assert "佐川急便（sagawa）は使用を終了しています" in str(row)
    assert kept.status == 200
    assert shipment["carrier_name"] == "佐川急便"
    assert "390459983082" in shipment["tracking"][0]["url"]
