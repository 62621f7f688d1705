"""The timeline of an order on AWS's own engine."""

import pytest

from local.request_counter import count_requests
from order_api.schemas.timeline import timeline_view
from shukka.domain.errors import OrderNotFoundError
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import Document, DocumentKind, Mail, Recipient
from shukka.store.orders import OrderStore
from shukka.store.timeline import Timeline
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit
from tests.builders import NOW, a_context, a_line, an_order, some_settings

LAMBDA_ANSWER_BYTES = 6_000_000


@pytest.fixture
def store(dynamodb, tables):
    return OrderStore(dynamodb, tables.orders, tables.settings)


@pytest.fixture
def timeline(dynamodb, tables):
    return Timeline(dynamodb, tables.orders)


def place(store, order):
    entry = HistoryEntry(version=1, at=NOW, actor="staff:hanako", action="place_order", request_id="request-1")
    mail = Mail(key="placed#member", template="placed_member", recipient=Recipient.MEMBER, created_at=NOW)
    store.commit(Commit(None, order, entry, (mail,)))
    return order


def change(store, before, after, reason=None):
    commit = next_version(before, after, "replace_lines", a_context(), reason=reason)
    store.commit(commit)
    return commit.after


def read_through(timeline, number):
    pages, position = [], None
    while True:
        page = timeline.page(number, position)
        pages.append(page)
        position = page.next
        if position is None:
            return pages


def test_everything_is_read_in_one_request(dynamodb, store, timeline):
    order = place(store, an_order())
    change(store, order, order.with_header(staff_memo="電話"))
    store.add_document("100001", Document(kind=DocumentKind.INVOICE, revision=1, requested_at=NOW))

    with count_requests(dynamodb) as requests:
        page = timeline.page("100001", None)

    assert dict(requests) == {"Query": 1}
    assert [type(happening).__name__ for happening in page.happenings] == [
        "Document",
        "Mail",
        "HistoryEntry",
        "HistoryEntry",
    ]
    assert (page.line_names, page.next) == ({1: "丸大豆しょうゆ 1.8L"}, None)


def test_an_unknown_order_raises(timeline):
    with pytest.raises(OrderNotFoundError):
        timeline.page("999999", None)


def test_a_long_history_has_pages_of_one_request_that_fit_a_response(dynamodb, store, timeline):
    order = place(store, an_order(lines=tuple(a_line(n, name="長い商品名" * 40) for n in range(1, 2_001))))
    prices = range(700, 708)
    for price in prices:
        lines = tuple(line.model_copy(update={"unit_price": price}) for line in order.lines)
        order = change(store, order, order.with_lines(lines), reason=str(price))
    document = Document(kind=DocumentKind.INVOICE, revision=1, requested_at=NOW)
    store.add_document("100001", document)

    with count_requests(dynamodb) as requests:
        pages = read_through(timeline, "100001")

    assert 1 < len(pages) == requests.total()
    happenings = [happening for page in pages for happening in page.happenings]
    entries = [happening for happening in happenings if isinstance(happening, HistoryEntry)]
    assert [entry.version for entry in entries] == sorted((entry.version for entry in entries), reverse=True)
    shown = [change for entry in entries for change in entry.changes if change.field.endswith(".unit_price")]
    assert len(shown) == 2_000 * len(prices)
    assert happenings.count(document) == 1
    for page in pages:
        view = timeline_view("100001", page, page.next, some_settings())
        assert len(view.model_dump_json().encode()) < LAMBDA_ANSWER_BYTES
