"""The shop's own mail templates, over HTTP."""

import subprocess
import sys
from pathlib import Path

import pytest

from shukka.domain.mail.template import BUILT_IN, MAX_OWN_TEMPLATES
from tests.builders import an_order_request
from tests.unit.order_api.conftest import STOREFRONT, Answer, Api

ROOT = Path(__file__).parents[3]
WORDS = {
    "subject": "【{{ shop.name }}】入金のお願い（{{ order.number }}）",
    "text": "{{ member.company }} 様\n{% if opening %}\n{{ opening }}\n{% endif %}\nお支払い {{ payment.due|yen }}\n",
    "html": "<p>{{ member.company }} 様</p>\n{% if opening %}<p>{{ opening|br }}</p>{% endif %}\n",
}


def put(api: Api, key: str, version: int = 0, **request) -> Answer:
    return api.call("PUT", f"/mail-templates/{key}", {**WORDS, **request}, headers={"if-match": f'"{version}"'})


def delete(api: Api, key: str, version: int) -> Answer:
    return api.call("DELETE", f"/mail-templates/{key}", headers={"if-match": f'"{version}"'})


def states(api: Api) -> dict[str, tuple[str, int]]:
    rows = api.call("GET", "/mail-templates").body["templates"]
    return {row["key"]: (row["state"], row["version"]) for row in rows}


def preview(api: Api, key: str = "payment_request", **request) -> Answer:
    return api.call("POST", f"/mail-templates/{key}/preview", {**WORDS, **request})


# --- list and read ---


def test_all_mails_that_ship_are_there_with_labels_and_fields(api):
    answer = api.call("GET", "/mail-templates")

    assert answer.status == 200
    assert {row["key"]: row["label"] for row in answer.body["templates"]} == {
        key: built_in.label for key, built_in in BUILT_IN.items()
    }
    assert {(row["state"], row["version"]) for row in answer.body["templates"]} == {("default", 0)}
    fields = {field["name"]: field["sample"] for field in answer.body["fields"]}
    assert fields["order.number"] == "100001"
    assert fields["lines.name"] == "丸大豆しょうゆ 1.8L"
    assert fields["shipment.parcels.link"].startswith("https://")


def test_a_default_can_be_read_and_saved_as_it_is(api):
    template = api.call("GET", "/mail-templates/stock_out")

    assert template.status == 200
    assert (template.etag, template.body["state"], template.body["saved_by"]) == ('"0"', "default", None)
    assert "{# part:" not in template.body["text"] + template.body["html"]
    words = {name: template.body[name] for name in ("subject", "text", "html")}
    assert put(api, "stock_out", **words).status == 200


def test_an_unknown_template_is_not_found(api):
    assert api.call("GET", "/mail-templates/no_such").status == 404
    assert delete(api, "no_such", 0).status == 404
    assert api.call("GET", "/mail-templates/No-Such").status == 422


def test_only_staff_see_and_change_templates(api):
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/message", None),
        ("PUT", "/message", WORDS),
        ("DELETE", "/message", None),
        ("POST", "/message/preview", WORDS),
    ):
        answer = api.call(method, f"/mail-templates{path}", body, claims=STOREFRONT, headers={"if-match": '"0"'})
        assert answer.status == 403


# --- save, go back ---


def test_the_shop_s_words_are_used_from_then_on(api):
    api.place(an_order_request())

    saved = put(api, "payment_request", label="お支払いのお願い")

    assert (saved.status, saved.etag) == (200, '"1"')
    assert saved.body == {"key": "payment_request", "label": "お支払いのお願い", "state": "changed", "version": 1}
    template = api.call("GET", "/mail-templates/payment_request").body
    assert {name: template[name] for name in WORDS} == {**WORDS, "subject": WORDS["subject"]}
    assert template["saved_by"] == "staff:hanako"
    shown = api.call("POST", "/orders/100001/mails/preview", {"template": "payment_request", "opening": "一言"}).body
    assert shown["subject"] == "【出荷酒店】入金のお願い（100001）"
    assert shown["text"] == "株式会社髙島商店 様\n一言\nお支払い 5,351円\n"
    assert shown["template_version"] == 1


def test_versions_go_on_through_changes_and_back(api):
    put(api, "message")
    put(api, "message", 1, text="変更 {{ opening }}")
    assert states(api)["message"] == ("changed", 2)

    back = delete(api, "message", 2)

    assert (back.status, back.etag, back.body["state"]) == (200, '"3"', "default")
    assert back.body["label"] == BUILT_IN["message"].label
    assert "ご連絡いたします" in api.call("GET", "/mail-templates/message").body["text"]
    assert delete(api, "message", 3).etag == '"3"'
    assert put(api, "message", 3).etag == '"4"'


def test_saving_the_same_again_changes_nothing(api):
    put(api, "message")

    assert put(api, "message", 1).etag == '"1"'


@pytest.mark.parametrize("key", ["message", "year_end"])
def test_a_stale_version_is_refused(api, key):
    put(api, key, label="一")

    assert put(api, key, 0, text="別").status == 412
    assert delete(api, key, 0).status == 412
    assert api.call("PUT", f"/mail-templates/{key}", WORDS).status == 428
    assert api.call("DELETE", f"/mail-templates/{key}").status == 428
    assert states(api)[key][1] == 1


def test_two_who_save_at_once_do_not_overwrite_each_other(api):
    from order_api import wiring  # noqa: PLC0415

    store = wiring.mail_templates()
    find = store.find
    store.find = lambda key: put_once(key) or find(key)  # type: ignore[method-assign]

    def put_once(key):
        store.find = find
        before = find(key)
        put(api, "message", text="先に保存 {{ opening }}")
        store.find = lambda _: before

    try:
        assert put(api, "message", text="後から保存 {{ opening }}").status == 412
    finally:
        store.find = find
    assert api.call("GET", "/mail-templates/message").body["text"] == "先に保存 {{ opening }}"


# --- the shop's own ---


def test_a_mail_of_the_shop_s_own_can_be_made_sent_and_removed(api):
    api.place(an_order_request())
    assert put(api, "year_end", label="年末のご挨拶").body["state"] == "own"

    sent = api.call(
        "POST", "/orders/100001/mails", {"template": "year_end"}, headers={"idempotency-key": "click-1"}
    ).body
    assert (sent["key"], sent["label"], sent["recipient"]) == ("year_end#click-1", "年末のご挨拶", "member")
    removed = delete(api, "year_end", 1)

    assert (removed.status, removed.body["state"]) == (200, "removed")
    assert "year_end" not in states(api)
    assert api.call("GET", "/mail-templates/year_end").status == 404
    assert api.call("GET", "/orders/100001/timeline").body["entries"][0]["title"] == "年末のご挨拶"
    answer = api.call("POST", "/orders/100001/mails", {"template": "year_end"}, headers={"idempotency-key": "click-2"})
    assert answer.status == 422
    assert put(api, "year_end", 0, label="また").etag == '"3"'


def test_it_can_be_about_a_shipment(api):
    api.place(an_order_request())
    put(api, "delay", label="お届けの遅れ", text="{{ shipment.id }} が遅れます {{ opening }}", html=None)

    for request, key in (({}, "delay#c"), ({"shipment_id": "100001-1"}, "delay#100001-1#c")):
        body = {"template": "delay", **request}
        sent = api.call("POST", "/orders/100001/mails", body, headers={"idempotency-key": "c"})
        assert (sent.status, sent.body["key"]) == (201, key)
    text = api.call("POST", "/orders/100001/mails/preview", {"template": "delay", "shipment_id": "100001-1"}).body[
        "text"
    ]
    assert text == "100001-1 が遅れます "


@pytest.mark.parametrize(
    ("key", "sent", "field"),
    [
        ("year_end", {}, "label"),
        ("placed", {"label": "x"}, "key"),
        ("shipped", {"label": "x"}, "key"),
    ],
)
def test_a_new_mail_needs_a_name_and_a_free_key(api, key, sent, field):
    answer = put(api, key, **sent)

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


def test_there_is_a_limit_to_the_shop_s_own(api):
    for n in range(MAX_OWN_TEMPLATES):
        assert put(api, f"own_{n}", label=f"{n}").status == 200

    assert put(api, "one_more", label="x").status == 422
    assert put(api, "message").status == 200
    assert put(api, "own_0", 1, label="別名").status == 200


def test_words_that_would_be_lost_are_refused(api):
    api.place(an_order_request())
    put(api, "notice", label="告知", html="<p>本文だけ</p>")

    answer = api.call(
        "POST",
        "/orders/100001/mails",
        {"template": "notice", "opening": "一言"},
        headers={"idempotency-key": "click-1"},
    )

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "opening")


# --- what may not be saved ---


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"text": "一行\n{{ order.nunber }}"}, "text", "2行目: order.nunber という項目はありません"),
        ({"html": "<p>\n<b title={{ member.company }}>"}, "html", "2行目: {{ }} は、文の中か、引用符で囲んだ属性の値"),
        (
            {"subject": "{% for line in lines %}{{ line.name }}{% endfor %}"},
            "subject",
            "件名では {% for %} を使えません",
        ),
        ({"text": "{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}"}, "text", "繰り返しが多すぎます"),
        ({"text": "{{ 'a' * 10**9 }}"}, "text", "この書き方は使えません"),
        ({"text": "{% if order.short %}"}, "text", "{% if %} が閉じられていません"),
        ({"text": ""}, "text", "本文が空です"),
        ({"subject": " "}, "subject", "件名が空になることがあります"),
        ({"text": "a\u0000"}, "text", "使えない文字"),
        ({"text": "あ" * 20_001}, "text", "20000文字以内"),
    ],
)
def test_a_template_that_could_not_be_sent_is_refused_with_its_line(api, sent, field, words):
    for answer in (put(api, "message", **sent), preview(api, **sent)):
        assert answer.status == 422
        assert answer.body["errors"][0]["field"] == field
        assert words in answer.body["errors"][0]["reason"]
    assert states(api)["message"] == ("default", 0)


def test_line_ends_of_any_kind_become_one(api):
    put(api, "message", text="一\r\n二\r{{ opening }}")

    assert api.call("GET", "/mail-templates/message").body["text"] == "一\n二\n{{ opening }}"


# --- previews ---


def test_a_preview_about_an_order_made_up_for_it(api):
    shown = preview(api, opening="一言\n<b>")

    assert shown.status == 200
    assert shown.body["subject"] == "【出荷酒店】入金のお願い（100001）"
    assert "株式会社見本商店 様\n一言\n<b>\nお支払い 8,954円" in shown.body["text"]
    assert "<p>一言<br>&lt;b&gt;</p>" in shown.body["html"]
    assert preview(api, "shipped_member", text="{{ shipment.id }}", html=None).body["text"] == "100001-1"
    assert preview(api, "not_there_yet").status == 200


def test_a_preview_about_a_real_order(api):
    api.place(an_order_request())

    assert "株式会社髙島商店 様" in preview(api, number="100001").body["text"]
    shown = preview(api, "delay", number="100001", shipment_id="100001-1", text="{{ shipment.id }}", html=None)
    assert shown.body["text"] == "100001-1"
    assert preview(api, number="999999").status == 404
    assert preview(api, number="100001", shipment_id="100001-9").status == 422


def test_a_cold_start_does_not_pay_for_rendering():
    look = "import sys, order_api.app; print([name for name in sys.modules if name.split('.')[0] == 'jinja2'])"

    environment = {"PYTHONPATH": "layers:functions"}
    loaded = subprocess.run(
        [sys.executable, "-c", look], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"
