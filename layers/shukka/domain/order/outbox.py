"""What must follow from a change, and later the record of its outcome."""

from datetime import date
from enum import StrEnum

from shukka.domain.text.values import Instant, Value


class MailState(StrEnum):
    """PENDING → SENDING → SENT. UNKNOWN: it may have left, so it is never sent again automatically."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Recipient(StrEnum):
    MEMBER = "member"
    SHOP = "shop"


class Mail(Value):
    """A mail about an order, or about an import.

    `key` names its cause (`placed#member`, `shipped#100001-1`, `import#shop`), so a cause cannot send twice.

    `label`, `own_subject`, `opening` and `resend_of` belong to mails that staff requested: the name of the template,
    words for this one mail, and the key of the mail that it repeats.

    The sender writes the fields from `lease_until` on: what was sent, to whom, where its MIME is kept, with which
    version of the template (0: the default), or why it was not sent. `reason` is Japanese and meant for staff.
    """

    key: str
    template: str
    recipient: Recipient
    created_at: Instant
    shipment_n: int | None = None
    label: str | None = None
    own_subject: str | None = None
    opening: str | None = None
    resend_of: str | None = None
    state: MailState = MailState.PENDING
    lease_until: Instant | None = None
    to: str | None = None
    subject: str | None = None
    mime_key: str | None = None
    template_version: int | None = None
    message_id: str | None = None
    finished_at: Instant | None = None
    reason: str | None = None


class DocumentKind(StrEnum):
    """納品書, 請求書."""

    DELIVERY_NOTE = "delivery_note"
    INVOICE = "invoice"


class DocumentState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class Document(Value):
    """A document of an order. Once READY it never changes: a changed order gets the next revision.

    `fingerprint` is the SHA-256 of everything printed but the revision and the issue date; a document with the same
    fingerprint is returned again, and none is issued.
    """

    kind: DocumentKind
    revision: int
    requested_at: Instant
    state: DocumentState = DocumentState.PENDING
    fingerprint: str | None = None
    issued_on: date | None = None
    pdf_key: str | None = None
    total: int | None = None
    reason: str | None = None


class StockMoveState(StrEnum):
    PENDING = "pending"
    DONE = "done"


class StockMove(Value):
    """How version `version` of an order moves the levels, in sets by sku: negative takes stock.

    `finished_at` and `short`, the skus that were out of stock for the order, are written when the move is done.
    """

    version: int
    created_at: Instant
    actor: str
    moves: dict[str, int]
    state: StockMoveState = StockMoveState.PENDING
    short: tuple[str, ...] = ()
    finished_at: Instant | None = None


FollowUp = Mail | Document | StockMove
