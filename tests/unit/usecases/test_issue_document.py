"""Issuing documents: what is made anew, what is handed out again, and what two at once come to."""

from datetime import UTC, date, datetime

import pytest

from shukka.domain.errors import NotFoundError, OrderNotFoundError, VersionConflictError
from shukka.domain.order.outbox import Document, DocumentKind, DocumentState
from shukka.usecases.issue_document import finish_document, issue_document
from tests.builders import NOW, a_line, an_order, some_settings

INVOICE = DocumentKind.INVOICE


class Desk:
    """Records and files in memory, with the conditions that the store has. `meanwhile` runs when the order is read."""

    def __init__(self):
        self.order = an_order()
        self.documents = {}
        self.objects = {}
        self.rendered = []
        self.meanwhile = lambda: None

    def get(self, number):
        if number != self.order.number:
            raise OrderNotFoundError(number)
        order = self.order
        self.meanwhile()
        return order

    def list_documents(self, number, kind):
        revisions = sorted(key for key in self.documents if key[:2] == (number, kind))
        return [self.documents[key] for key in revisions]

    def add_document(self, number, document):
        return self.documents.setdefault((number, document.kind, document.revision), document) is document

    def save_document(self, number, document):
        key = number, document.kind, document.revision
        if self.documents[key].state is not DocumentState.PENDING:
            return False
        self.documents[key] = document
        return True

    def put(self, key, body, content_type, metadata=None):
        assert self.objects.setdefault(key, body) == body, "an issued file was overwritten with another"

    def render(self, content, revision, issued_on):
        self.rendered.append((revision, issued_on))
        return f"{content.lines[0].quantity} of revision {revision}, {issued_on}".encode()

    def issue(self, kind=INVOICE, now=NOW, number="100001"):
        return issue_document(number, kind, now, self, some_settings(), self, self.render)

    def finish(self, revision=1):
        finish_document("100001", INVOICE, revision, self, some_settings(), self, self.render)

    def order_quantity(self, quantity):
        self.order = an_order(lines=(a_line(quantity=quantity),))

    def requested(self, revision=1, at=NOW):
        assert self.add_document("100001", Document(kind=INVOICE, revision=revision, requested_at=at))


@pytest.fixture
def desk():
    return Desk()


def test_the_first_document_is_put_under_its_own_name_and_recorded(desk):
    issued = desk.issue()

    assert (issued.revision, issued.state, issued.issued_on) == (1, DocumentState.READY, date(2026, 11, 26))
    assert issued.total == desk.order.header.totals.total
    assert issued.pdf_key == f"documents/invoice/100001/100001-invoice-1-{issued.fingerprint[:12]}.pdf"
    assert desk.objects[issued.pdf_key] == b"1 of revision 1, 2026-11-26"
    assert desk.list_documents("100001", INVOICE) == [issued]


def test_a_document_that_says_the_same_is_handed_out_again(desk):
    first = desk.issue()
    again = desk.issue(now=datetime(2026, 12, 24, tzinfo=UTC))

    assert again == first
    assert len(desk.rendered) == 1


def test_a_changed_order_gets_the_next_revision_and_the_first_stays(desk):
    first = desk.issue()
    desk.order_quantity(2)
    second = desk.issue()

    assert second.revision == 2
    assert desk.objects == {
        first.pdf_key: b"1 of revision 1, 2026-11-26",
        second.pdf_key: b"2 of revision 2, 2026-11-26",
    }


def test_a_change_that_was_taken_back_gets_a_revision_too(desk):
    desk.issue()
    desk.order_quantity(2)
    desk.issue()
    desk.order_quantity(1)

    assert desk.issue().revision == 3


def test_kinds_are_numbered_apart(desk):
    desk.issue()

    assert desk.issue(DocumentKind.DELIVERY_NOTE).revision == 1


def test_the_day_of_issue_is_tokyos(desk):
    assert desk.issue(now=datetime(2026, 11, 26, 15, tzinfo=UTC)).issued_on == date(2026, 11, 27)


def test_an_unknown_order_has_no_document(desk):
    with pytest.raises(OrderNotFoundError):
        desk.issue(number="999999")

    assert desk.documents == {}


def test_two_at_once_give_one_revision(desk):
    others = []

    def another_comes_first():
        desk.meanwhile = lambda: None
        others.append(desk.issue(now=NOW.replace(day=27)))

    desk.meanwhile = another_comes_first
    mine = desk.issue()

    assert others == [mine]
    assert list(desk.documents.values()) == [mine]


def test_what_was_read_before_another_issued_never_replaces_the_newer_content(desk):
    def the_order_changes_and_another_issues():
        desk.meanwhile = lambda: None
        desk.order_quantity(2)
        desk.issue()

    desk.meanwhile = the_order_changes_and_another_issues
    mine = desk.issue()

    assert (mine.revision, desk.objects[mine.pdf_key]) == (1, b"2 of revision 1, 2026-11-26")


def test_an_order_that_never_rests_is_a_conflict(desk):
    quantities = iter(range(2, 100))
    turns = []

    def another_changes_and_issues():
        if not turns:
            turns.append("other")
            desk.order_quantity(next(quantities))
            desk.issue()
            desk.order_quantity(next(quantities))
            turns.clear()

    desk.meanwhile = another_changes_and_issues

    with pytest.raises(VersionConflictError):
        desk.issue()


def test_a_request_that_waits_in_the_queue_is_finished_by_the_one_who_asks_in_person(desk):
    desk.requested(at=NOW.replace(day=25))

    assert (desk.issue().revision, desk.issue().issued_on) == (1, date(2026, 11, 25))


def test_a_requested_document_is_finished_once(desk):
    desk.requested()

    desk.finish()
    desk.order_quantity(2)
    desk.finish()

    assert list(desk.objects.values()) == [b"1 of revision 1, 2026-11-26"]


def test_a_requested_document_that_would_say_the_same_is_the_one_that_was_issued(desk):
    first = desk.issue()
    desk.requested(revision=2)

    desk.finish(revision=2)

    second = desk.documents["100001", INVOICE, 2]
    assert (second.state, second.pdf_key) == (DocumentState.READY, first.pdf_key)
    assert len(desk.objects) == 1


def test_a_document_that_nobody_requested_cannot_be_finished(desk):
    with pytest.raises(NotFoundError):
        desk.finish()


def test_a_failed_revision_is_followed_by_the_next(desk):
    desk.requested()
    failed = desk.documents["100001", INVOICE, 1].model_copy(update={"state": DocumentState.FAILED})
    desk.documents["100001", INVOICE, 1] = failed

    assert desk.issue().revision == 2
