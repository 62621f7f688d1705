"""Settings over HTTP."""

import pytest

from tests.unit.order_api.conftest import STOREFRONT


def put(api, section, value, etag):
    return api.call("PUT", f"/settings/{section}", value, headers={"if-match": etag})


def test_a_section_that_was_never_saved_has_its_default(api):
    carriers = api.call("GET", "/settings/carriers")

    assert (carriers.status, carriers.etag) == (200, '"0"')
    assert [carrier["key"] for carrier in carriers.body][:3] == ["yamato", "sagawa", "japan_post"]


def test_a_saved_section_is_what_orders_are_checked_against(api):
    statuses = api.call("GET", "/settings/statuses")
    picked = {"key": "picked", "label": "ピック済", "color": "#123456"}

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
        ("statuses", [{"key": "new", "label": "新規"}], "statuses"),
        ("payment_methods", [], "payment_methods"),
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
