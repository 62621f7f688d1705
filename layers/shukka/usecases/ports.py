"""The ports of the use cases, each as small as its use case needs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from shukka.domain.imports.job import ImportJob
from shukka.domain.imports.recipient import Recipient
from shukka.domain.mail.addressing import Envelope, MailRefusal
from shukka.domain.mail.template import Rendered, SavedTemplate
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.order import Order, OrderHeader
from shukka.domain.order.outbox import Document, DocumentKind, FollowUp, Mail
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Shipment, ShipmentId


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware, in UTC."""


class SettingsSource(Protocol):
    def current(self) -> Settings:
        """The shop's settings; may be up to a minute old."""


class Placing(NamedTuple):
    """The Idempotency-Key of a placed order: its client, the key, and the SHA-256 of the request's body."""

    client: str
    key: str
    payload_hash: str


class Claim(NamedTuple):
    """The right to place the order of a key. `number` was drawn by an earlier attempt that stored no order."""

    placing: Placing
    token: str
    number: str | None = None


class Commit(NamedTuple):
    """One change of one order with its history and what must follow: stored together or not at all.

    `before` is None for a new order; otherwise the stored version must still be `before`'s. A `claim` must be valid.
    """

    before: Order | None
    after: Order
    entry: HistoryEntry
    follow_ups: tuple[FollowUp, ...] = ()
    claim: Claim | None = None


class ClaimLostError(Exception):
    """Another request with the same Idempotency-Key has taken the claim over. Nothing was stored."""


class OrderPlaces(Protocol):
    """What placing an order needs."""

    def find_placed(self, placing: Placing, now: datetime) -> OrderHeader | None:
        """The stored answer for the key, or None. Raises IdempotencyMismatchError."""

    def claim(self, placing: Placing, at: datetime) -> Claim | OrderHeader:
        """The claim, or the answer of the request that placed the order. Waits for a request that is running.

        Raises IdempotencyMismatchError.
        """

    def release(self, claim: Claim, number: str) -> None:
        """Ends the claim of an order that was not stored; the next try gets the number."""

    def next_number(self) -> str: ...

    def commit(self, change: Commit) -> None:
        """Raises ClaimLostError."""


class OrderEdits(Protocol):
    """What reading and changing one order needs."""

    def get(self, number: str) -> Order:
        """The whole order; raises OrderNotFoundError."""

    def commit(self, change: Commit) -> None:
        """Raises VersionConflictError."""


class ShipmentChanges(Protocol):
    """What changing the shipments of many orders needs."""

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> Mapping[str, Order]:
        """The orders by number, without lines; unknown orders are left out.

        They have the requested shipments that exist; orders with a number in `whole` have every shipment.
        """

    def load_lines(self, numbers: Iterable[str]) -> Mapping[str, Order]:
        """The orders by number, whole. Raises OrderNotFoundError."""

    def commit(self, changes: Sequence[Commit]) -> Sequence[Commit]:
        """Stores each change whole or not at all; returns those whose order was changed meanwhile."""


class ShipmentSearch(Protocol):
    """What finding shipments without their ids needs."""

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> Mapping[str, Order]:
        """See ShipmentChanges."""

    def find_by_code(self, codes: Collection[str], limit: int) -> Mapping[str, Sequence[ShipmentId]]:
        """At most `limit` shipments of each 出荷管理番号 (in the form of `plain_code`); may be some moments old."""

    def list_waiting(self) -> Sequence[tuple[ShipmentId, Shipment, Recipient]]:
        """Every unshipped shipment with its recipient; may be some moments old."""


class ImportedShipments(ShipmentChanges, ShipmentSearch, Protocol):
    """What an import needs: to find shipments, and to change them."""


class MailRequests(ShipmentChanges, Protocol):
    """What requesting mails about many orders needs."""

    def find_mails(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Mail]:
        """Those of the mails with these order numbers and keys that exist."""


class MailTemplates(Protocol):
    """The shop's own mail templates."""

    def find(self, key: str) -> SavedTemplate | None: ...

    def list_saved(self) -> Sequence[SavedTemplate]: ...

    def save(self, template: SavedTemplate) -> None:
        """Stores the next version. Raises SettingsConflictError if the stored version is not the previous one."""


class MailRenderer(Protocol):
    """Renders the mail of an order; raises MailRejectedError if its template cannot render."""

    def __call__(self, mail: Mail, order: Order, settings: Settings, saved: SavedTemplate | None, /) -> Rendered: ...


Subject_co = TypeVar("Subject_co", covariant=True)
"""What a mail is about: an order, or an import."""
Subject_contra = TypeVar("Subject_contra", contravariant=True)


class MailRecords(Protocol[Subject_co]):
    """What sending mails of one kind needs. `owner` is the number or id of what a mail is about."""

    def get(self, owner: str, /) -> Subject_co: ...

    def find_mail(self, owner: str, key: str, /) -> Mail | None: ...

    def save_mail(self, owner: str, mail: Mail, expected: Mail) -> bool:
        """Replaces the record; False if its state and lease are not `expected`'s: another worker has it."""


class Letter(NamedTuple):
    """A mail ready to be sent. `mime` is exactly what is archived and what the recipient gets.

    `about` names its subject to the mail service, such as `("order", "100001")`. `template_version` is None if the shop
    cannot have a template of its own.
    """

    about: tuple[str, str]
    envelope: Envelope
    subject: str
    mime: bytes
    template_version: int | None = None


class Addresser(Protocol[Subject_contra]):
    """Decides to whom a mail goes, or why it is not sent."""

    def __call__(self, mail: Mail, subject: Subject_contra, settings: Settings, /) -> Envelope | MailRefusal: ...


class Composer(Protocol[Subject_contra]):
    """Composes the mail about its subject; raises MailRejectedError if that fails."""

    def __call__(
        self, mail: Mail, subject: Subject_contra, settings: Settings, envelope: Envelope, at: datetime, /
    ) -> Letter: ...


class MailNotSentError(Exception):
    """The mail was certainly not sent, for a temporary reason or one that an operator removes: retry later."""

    def __init__(self, code: str) -> None:
        """`code` is the reason's name, never the provider's message, which may quote addresses."""
        super().__init__(code)
        self.code = code


class MailRejectedError(Exception):
    """The mail was not sent, and a retry would fail too."""


class MailOutcomeUnknownError(Exception):
    """The request left and no answer came: the mail may be on its way."""


class MailSender(Protocol):
    """The mail service."""

    def send(self, letter: Letter) -> str:
        """The service's message id. Raises MailNotSentError, MailRejectedError, MailOutcomeUnknownError."""


class DocumentRecords(Protocol):
    """What issuing a document needs."""

    def get(self, number: str) -> Order: ...

    def list_documents(self, number: str, kind: DocumentKind) -> Sequence[Document]:
        """All revisions, oldest first."""

    def add_document(self, number: str, document: Document) -> bool:
        """Adds the record; False where this revision exists."""

    def save_document(self, number: str, document: Document) -> bool:
        """Stores the outcome of a PENDING record; False if it already has one, which stays."""


class Files(Protocol):
    """The bucket."""

    def put(self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> None: ...

    def presigned_url(self, key: str, filename: str, content_type: str) -> str:
        """A short-lived link that downloads the object under `filename`."""


class UploadForm(NamedTuple):
    """Where a browser posts a file (multipart/form-data), with the fields that go in front of it."""

    url: str
    fields: Mapping[str, str]


class UploadForms(Protocol):
    """The bucket, for files that come from outside."""

    def presigned_post(self, key: str, metadata: Mapping[str, str], max_bytes: int) -> UploadForm:
        """A short-lived form that uploads one file of 1 to `max_bytes` bytes to `key`, with this metadata."""


class ImportJobs(Protocol):
    def save(self, job: ImportJob, expected: ImportJob | None) -> bool:
        """Stores the job if it is still `expected` (None: not there yet); otherwise False."""
