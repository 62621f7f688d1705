"""Changing the status of many orders at once."""

from tests.builders import an_order_request


def change(api, numbers, status, **more):
    return api.call("POST", "/orders/statuses", {"numbers": numbers, "handling_status": status, **more})


def test_each_order_has_its_own_result(api):
    for n in range(3):
        api.place(an_order_request(), key=f"key-{n}")
    api.patch("100002", {"handling_status": "processing"}, '"1"')

    answer = change(api, ["100001", "100002", "999999", "100003", "100001"], "processing", reason="出荷準備")

    assert answer.status == 200
    assert [(row["number"], row["result"]) for row in answer.body["results"]] == [
        ("100001", "changed"),
        ("100002", "unchanged"),
        ("999999", "not_found"),
        ("100003", "changed"),
    ]
    statuses = [order["handling_status"] for order in api.call("GET", "/orders").body["orders"]]
    assert statuses == ["processing"] * 3


def test_any_status_follows_any_other(api):
    api.place(an_order_request())

    for status in ("completed", "new", "cancelled", "on_hold", "completed", "cancelled", "new"):
        assert change(api, ["100001"], status).body["results"][0]["result"] == "changed"

    assert api.call("GET", "/orders/100001").body["version"] == 8


def test_more_than_a_hundred_and_none_are_refused(api):
    assert change(api, [str(100_001 + n) for n in range(101)], "processing").status == 422
    assert change(api, [], "processing").status == 422
    assert change(api, ["100001"], "no_such_status").status == 422
