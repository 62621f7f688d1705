"""The timeline of an order over HTTP."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from order_api.change_wording import label_of, names_of_lines, text_of
from order_api.schemas.timeline import _ACTIONS, timeline_view
from shukka import usecases
from shukka.domain.order import history
from shukka.domain.order.history import Change, HistoryEntry
from shukka.domain.order.line import Line
from shukka.domain.order.order import OrderHeader
from shukka.domain.order.outbox import (
    Document,
    DocumentKind,
    DocumentState,
    Mail,
    MailState,
    Recipient,
    StockMove,
    StockMoveState,
)
from shukka.domain.order.timeline import TimelinePage, newest_first
from shukka.domain.shipping.shipment import Shipment, ShippingStatus
from tests.builders import NOW, a_line, an_order_request, some_settings


def timeline(api, number="100001", **query):
    answer = api.call("GET", f"/orders/{number}/timeline", query=query)
    assert answer.status == 200, answer.body
    return answer.body


def test_progress_is_read_from_one_list_newest_first(api):
    etag = api.place(an_order_request()).etag
    changes = {"handling_status": "processing", "shipping_fee": 1_200, "reason": "電話で確認"}
    api.patch("100001", changes, etag)

    entries = timeline(api)["entries"]

    assert [(entry["kind"], entry["title"]) for entry in entries] == [
        ("change", "受注を変更しました"),
        ("mail", "注文受付メール"),
        ("mail", "注文受付メール（店舗あて）"),
        ("stock", "在庫を動かしました"),
        ("change", "受注を登録しました"),
    ]
    amended = entries[0]
    assert (amended["actor"], amended["reason"], amended["version"]) == ("staff:hanako", "電話で確認", 2)
    assert {(change["label"], change["before"], change["after"]) for change in amended["changes"]} == {
        ("対応状況", "新規注文", "処理中"),
        ("送料", "800円", "1,200円"),
        ("税抜合計", "4,940円", "5,340円"),
        ("消費税", "411円", "451円"),
        ("合計金額", "5,351円", "5,791円"),
    }
    assert entries[3]["moves"] == {"SOY-180": -1}


def test_changes_of_lines_and_shipments_have_names(api):
    lines = [a_line().model_dump(mode="json", exclude={"line_id"}) | {"name": name} for name in ("甲", "乙")]
    etag = api.place(an_order_request(lines=lines)).etag
    kept = {**lines[0], "line_id": 1, "quantity": 3}
    etag = api.call("PUT", "/orders/100001/lines", {"lines": [kept]}, headers={"if-match": etag}).etag
    shipped = {"status": "shipped", "shipped_on": "2026-11-26", "tracking_numbers": ["444413758703"]}
    assert api.call("PATCH", "/shipments/100001-1", shipped, headers={"if-match": etag}).status == 200

    entries = {entry["version"]: entry for entry in timeline(api)["entries"] if entry["kind"] == "change"}

    reported = {(change["label"], change["before"], change["after"]) for change in entries[2]["changes"]}
    assert ("「甲」の数量", "1", "3") in reported
    assert ("「乙」の単価", "690円", None) in reported
    reported = {(change["label"], change["before"], change["after"]) for change in entries[3]["changes"]}
    assert reported == {
        ("発送 100001-1 の発送状況", "未発送", "発送済"),
        ("発送 100001-1 の送り状番号", None, "444413758703"),
        ("発送 100001-1 の発送日", None, "2026-11-26"),
    }


def test_an_unknown_order_has_no_timeline(api):
    assert api.call("GET", "/orders/999999/timeline").body["type"] == "urn:shukka:problem:not-found"


def test_a_cursor_of_another_order_is_400(api):
    api.place(an_order_request())

    assert api.call("GET", "/orders/100001/timeline", query={"cursor": "x"}).status == 400
    assert api.call("GET", "/orders/100001/timeline", query={"page": "2"}).status == 422


# --- what an entry says ---


def an_entry(**fields) -> HistoryEntry:
    defaults = {"version": 2, "at": NOW, "actor": "staff:hanako", "action": "amend_order", "request_id": "request-1"}
    return HistoryEntry(**{**defaults, **fields})


def shown(*happenings, line_names=None):
    page = TimelinePage(newest_first(happenings), line_names or {}, None)
    return json.loads(timeline_view("100001", page, None, some_settings()).model_dump_json())["entries"]


def test_a_change_that_a_file_made_is_an_import():
    (entry,) = shown(an_entry(actor="import:2026-11-26-b2", action="import_shipments", reason="b2.csv"))

    assert (entry["kind"], entry["title"], entry["reason"]) == ("import", "出荷実績を取り込みました", "b2.csv")
    assert entry["actor"] == "import:2026-11-26-b2"


@pytest.mark.parametrize("state", MailState)
def test_a_mail_shows_its_outcome(state):
    mail = Mail(
        key="shipped#100001-1",
        template="shipped_member",
        recipient=Recipient.MEMBER,
        created_at=NOW,
        state=state,
        to="buyer1@example.jp",
        reason="理由",
    )

    (entry,) = shown(mail)

    assert (entry["title"], entry["state"], entry["to"]) == ("発送のお知らせメール", state, "buyer1@example.jp")
    assert entry["state_label"] != state


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("state", DocumentState)
def test_a_document_tells_its_revision_and_state(kind, state):
    (entry,) = shown(Document(kind=kind, revision=2, requested_at=NOW, state=state))

    assert entry["title"].endswith("（2版）")
    assert entry["state_label"] != state


@pytest.mark.parametrize("state", StockMoveState)
def test_a_stock_move_tells_what_was_short(state):
    move = StockMove(
        version=1, created_at=NOW, actor="staff:hanako", moves={"SOY-180": -3}, state=state, short=("SOY-180",)
    )

    (entry,) = shown(move)

    assert (entry["title"], entry["short"]) == ("在庫が不足しています", ["SOY-180"])
    assert entry["state_label"] != state


def test_what_follows_stands_above_its_cause_at_the_same_moment():
    move = StockMove(version=2, created_at=NOW, actor="staff:hanako", moves={})
    mail = Mail(key="a", template="placed_member", recipient=Recipient.MEMBER, created_at=NOW)

    assert [entry["kind"] for entry in shown(mail, an_entry(), move)] == ["mail", "stock", "change"]


def test_a_long_name_is_shown_cut():
    label = label_of("lines.1.quantity", "100001", {1: "長" * 255})

    assert label == f"「{'長' * 40}」の数量"


def test_a_line_without_a_known_name_is_shown_by_its_number():
    assert label_of("lines.7.quantity", "100001", {}) == "「明細7」の数量"


def test_a_renamed_line_is_known_by_its_name_of_now():
    changes = (
        Change(field="lines.1.name", before="旧", after="新"),
        Change(field="lines.2.name", before="無", after=None),
    )

    assert names_of_lines(changes, {1: "今"}) == {1: "今", 2: "無"}


@pytest.mark.parametrize(
    ("field", "fact", "text"),
    [
        ("payment.method", "bank_transfer", "銀行振込"),
        ("payment.method", "barter", "barter"),
        ("handling_status", "cancelled", "キャンセル"),
        ("shipments.1.carrier", "sagawa", "佐川急便"),
        ("shipments.1.carrier", "gone", "gone"),
        ("shipments.1.status", ShippingStatus.INSTRUCTED.value, "発送指示"),
        ("lines.1.tax_category", "reduced", "軽減税率"),
        ("lines.1.unit_price", -1_000, "-1,000円"),
        ("lines.1.quantity", 1_000, "1000"),
        ("totals.total", 0, "0円"),
        ("staff_memo", None, None),
    ],
)
def test_facts_are_shown_as_people_write_them(field, fact, text):
    assert text_of(field, fact, some_settings()) == text


# --- nothing is shown by its program name ---

UNRECORDED = {*history._UNRECORDED_HEADER_FIELDS, *history._UNRECORDED_SHIPMENT_FIELDS, "line_id"} - {"totals"}
UNRECORDED |= {f"totals.{part}" for part in history._UNRECORDED_HEADER_FIELDS["totals"]}


def paths(model: type[BaseModel]) -> Iterator[str]:
    """The path of every field that a history can tell a change of."""
    for name, field in model.model_fields.items():
        parts = [
            part for part in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(part, type)
        ]
        inner = next((part for part in parts if issubclass(part, BaseModel)), None)
        if inner:
            yield from (f"{name}.{path}" for path in paths(inner))
        else:
            yield name


@pytest.mark.parametrize(
    "field",
    [
        field
        for prefix, model in (("", OrderHeader), ("lines.1.", Line), ("shipments.1.", Shipment))
        for field in (
            prefix + path
            for path in paths(model)
            if not any(path == hidden or path.startswith(f"{hidden}.") for hidden in UNRECORDED)
        )
    ],
)
def test_every_field_has_a_name_in_the_words_of_the_desk(field):
    """A field without one is shown by its path: give it a name in order_api/change_wording.py."""
    last = field.rpartition(".")[2]

    assert last not in label_of(field, "100001", {1: "商品"})


def verbs() -> Iterator[str]:
    """What use cases give as their action: by keyword, as a default, or as the third argument."""
    for path in Path(usecases.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            given = []
            if isinstance(node, ast.Call):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
                given += node.args[2:3] if getattr(node.func, "id", "") in {"next_version", "commit_edit"} else []
            elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "action":
                given = [node.value]
            yield from (value.value for value in given if isinstance(value, ast.Constant))


def test_every_action_has_a_title():
    """An action without one is shown by its verb: give it a title in order_api/schemas/timeline.py."""
    found = set(verbs())

    assert {"place_order", "amend_order", "import_shipments"} <= found
    assert found - set(_ACTIONS) == set()
