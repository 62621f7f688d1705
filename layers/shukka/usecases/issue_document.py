"""帳票を発行する: issue a document of an order, or return the issued one if its content is still the same.

An issued document never changes: a changed order gets the next revision. Two simultaneous requests end with one
revision, because adding a record and giving it its outcome are both conditional, and the second one looks again.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from shukka.domain.documents.document import DocumentContent, document_content, fingerprint
from shukka.domain.errors import NotFoundError, VersionConflictError
from shukka.domain.order.outbox import Document, DocumentKind, DocumentState
from shukka.domain.settings import Settings
from shukka.domain.text.values import business_date
from shukka.usecases.ports import DocumentRecords, Files

PDF = "application/pdf"
_ATTEMPTS = 5

Renderer = Callable[[DocumentContent, int, date], bytes]
"""Content, revision and day of issue → PDF; the same arguments give the same bytes."""


def issue_document(
    number: str,
    kind: DocumentKind,
    now: datetime,
    records: DocumentRecords,
    settings: Settings,
    files: Files,
    render: Renderer,
) -> Document:
    """The newest revision if its content is that of the order now, otherwise the next one.

    Raises OrderNotFoundError, and VersionConflictError if others keep changing the order.
    """
    for _ in range(_ATTEMPTS):
        # Read before the order: adding or finishing a document fails if a revision was added since. So older content
        # never replaces newer content.
        revisions = records.list_documents(number, kind)
        content = document_content(records.get(number), settings, kind)
        issued = _newest_issued(revisions)
        if issued and issued.fingerprint == fingerprint(content):
            return issued
        requested = revisions[-1] if revisions else None
        if requested is None or requested.state is not DocumentState.PENDING:
            revision = requested.revision + 1 if requested else 1
            requested = Document(kind=kind, revision=revision, requested_at=now)
            if not records.add_document(number, requested):
                continue
        finished = _print(requested, content, files, render)
        if records.save_document(number, finished):
            return finished
    raise VersionConflictError(number)


def finish_document(
    number: str,
    kind: DocumentKind,
    revision: int,
    records: DocumentRecords,
    settings: Settings,
    files: Files,
    render: Renderer,
) -> None:
    """Makes the requested document, unless it is finished already. Raises NotFoundError."""
    revisions = records.list_documents(number, kind)
    requested = next((document for document in revisions if document.revision == revision), None)
    if requested is None:
        raise NotFoundError(f"受注 {number} の帳票 {kind}（第{revision}版）は見つかりません")
    if requested.state is not DocumentState.PENDING:
        return
    content = document_content(records.get(number), settings, kind)
    issued = _newest_issued(revisions)
    if issued and issued.fingerprint == fingerprint(content):
        # Nothing changed since the last one was issued, so that one is the requested document.
        finished = issued.model_copy(update={"revision": revision, "requested_at": requested.requested_at})
    else:
        finished = _print(requested, content, files, render)
    records.save_document(number, finished)


def _newest_issued(revisions: Sequence[Document]) -> Document | None:
    """Only the newest counts: a newer one has replaced any older one with the same content."""
    return next((document for document in reversed(revisions) if document.state is DocumentState.READY), None)


def _print(requested: Document, content: DocumentContent, files: Files, render: Renderer) -> Document:
    """Stores the PDF and returns the finished record.

    It is issued on the day of the request, so that all workers of the same record write the same bytes to the same key.
    """
    issued_on = business_date(requested.requested_at)
    mark = fingerprint(content)
    number, kind, revision = content.order_number, requested.kind, requested.revision
    key = f"documents/{kind}/{number}/{number}-{kind}-{revision}-{mark[:12]}.pdf"
    files.put(
        key,
        render(content, revision, issued_on),
        PDF,
        {
            "issued-on": issued_on.isoformat(),
            "transaction-date": content.transacted_to.isoformat(),
            "total": str(content.totals.total),
        },
    )
    return requested.model_copy(
        update={
            "state": DocumentState.READY,
            "fingerprint": mark,
            "issued_on": issued_on,
            "pdf_key": key,
            "total": content.totals.total,
        }
    )
