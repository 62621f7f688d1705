"""経過 as staff read it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from order_api.change_wording import label_of, names_of_lines, text_of
from order_api.schemas import View
from shukka.domain.documents.document import TITLES
from shukka.domain.mail.template import info_of
from shukka.domain.order.goods_return import GoodsReturn, ReturnedLine
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import (
    Document,
    DocumentKind,
    DocumentState,
    Mail,
    MailState,
    StockMove,
    StockMoveState,
)
from shukka.domain.order.timeline import Happening, TimelinePage
from shukka.domain.settings import Settings


class ChangeView(View):
    """`label`, `before` and `after` are in the words of the desk; null before is new, null after is gone."""

    field: str = Field(examples=["handling_status"])
    label: str = Field(examples=["対応状況"])
    before: str | None = Field(examples=["新規注文"])
    after: str | None = Field(examples=["処理中"])


class ChangeEntry(View):
    """Somebody changed the order; `import`: a file did. `version` is the order's after it, `reason` as they gave it."""

    kind: Literal["change", "import"]
    at: datetime
    actor: str = Field(examples=["staff:hanako"])
    title: str
    reason: str | None
    version: int
    changes: list[ChangeView]


class MailEntry(View):
    """A mail and what became of it. `at` is when it was due, `finished_at` when it was sent or given up."""

    kind: Literal["mail"] = "mail"
    at: datetime
    title: str
    key: str
    state: MailState
    state_label: str
    to: str | None
    subject: str | None
    finished_at: datetime | None
    reason: str | None


class DocumentEntry(View):
    """A document. `at` is when it was asked for."""

    kind: Literal["document"] = "document"
    at: datetime
    title: str
    document: DocumentKind
    revision: int
    state: DocumentState
    state_label: str
    issued_on: date | None
    total: int | None
    reason: str | None


class StockEntry(View):
    """Stock that a change of the order moved, in sets by sku; negative took it. `short`: skus that did not suffice."""

    kind: Literal["stock"] = "stock"
    at: datetime
    actor: str
    title: str
    version: int
    state: StockMoveState
    state_label: str
    moves: dict[str, int]
    short: list[str]
    finished_at: datetime | None


class ReturnEntry(View):
    """Goods that were returned. `voided_at` is set where the return was taken back."""

    kind: Literal["return"] = "return"
    at: datetime
    actor: str
    title: str = Field(examples=["返品 1"])
    n: int
    returned_on: date
    reason: str | None
    lines: list[ReturnedLine]
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None


class TimelineView(View):
    """What happened to an order, newest first. `next_cursor` is null but for orders with a record of over 1 MB."""

    entries: list[ChangeEntry | MailEntry | DocumentEntry | StockEntry | ReturnEntry]
    next_cursor: str | None


_ACTIONS = {
    "place_order": "受注を登録しました",
    "amend_order": "受注を変更しました",
    "replace_lines": "受注商品を変更しました",
    "change_statuses": "対応状況を一括で変更しました",
    "amend_shipment": "出荷情報を変更しました",
    "return_goods": "返品を登録しました",
    "void_return": "返品を取り消しました",
    "allocate_shipments": "発送の分け方を変更しました",
    "ship": "発送済にしました",
    "ship_on_date": "発送指示の日が来たため発送済にしました",
    "import_shipments": "出荷実績を取り込みました",
    "send_mail": "メールの送信を指示しました",
}
_MAIL_STATES = {
    MailState.PENDING: "送信待ち",
    MailState.SENDING: "送信中",
    MailState.SENT: "送信済み",
    MailState.FAILED: "送信できませんでした",
    MailState.UNKNOWN: "送信できたか不明です",
    MailState.BOUNCED: "届きませんでした",
    MailState.COMPLAINED: "迷惑メールとして報告されました",
}
_DOCUMENT_STATES = {
    DocumentState.PENDING: "作成中",
    DocumentState.READY: "作成済み",
    DocumentState.FAILED: "作成できませんでした",
}
_STOCK_STATES = {StockMoveState.PENDING: "反映待ち", StockMoveState.DONE: "反映済み"}


def timeline_view(number: str, page: TimelinePage, next_cursor: str | None, settings: Settings) -> TimelineView:
    entries = [_entry(number, happening, page.line_names, settings) for happening in page.happenings]
    return TimelineView.model_construct(entries=entries, next_cursor=next_cursor)


def _entry(
    number: str, happening: Happening, line_names: Mapping[int, str], settings: Settings
) -> ChangeEntry | MailEntry | DocumentEntry | StockEntry | ReturnEntry:
    match happening:
        case HistoryEntry():
            return _change(number, happening, line_names, settings)
        case Mail():
            return _mail(happening)
        case Document():
            return _document(happening)
        case StockMove():
            return _stock(happening)
        case GoodsReturn():
            return _return(happening)


def _change(number: str, entry: HistoryEntry, line_names: Mapping[int, str], settings: Settings) -> ChangeEntry:
    names = names_of_lines(entry.changes, line_names)
    return ChangeEntry(
        kind="import" if entry.actor.startswith("import:") else "change",
        at=entry.at,
        actor=entry.actor,
        title=_ACTIONS.get(entry.action, entry.action),
        reason=entry.reason,
        version=entry.version,
        changes=[
            ChangeView(
                field=change.field,
                label=label_of(change.field, number, names),
                before=text_of(change.field, change.before, settings),
                after=text_of(change.field, change.after, settings),
            )
            for change in entry.changes
        ],
    )


def _mail(mail: Mail) -> MailEntry:
    return MailEntry(
        at=mail.created_at,
        title=mail.label or info_of(mail.template, None).label,
        key=mail.key,
        state=mail.state,
        state_label=_MAIL_STATES[mail.state],
        to=mail.to,
        subject=mail.subject,
        finished_at=mail.finished_at,
        reason=mail.reason,
    )


def _document(document: Document) -> DocumentEntry:
    return DocumentEntry(
        at=document.requested_at,
        title=f"{TITLES[document.kind]}（{document.revision}版）",
        document=document.kind,
        revision=document.revision,
        state=document.state,
        state_label=_DOCUMENT_STATES[document.state],
        issued_on=document.issued_on,
        total=document.total,
        reason=document.reason,
    )


def _stock(move: StockMove) -> StockEntry:
    return StockEntry(
        at=move.created_at,
        actor=move.actor,
        title="在庫が不足しています" if move.short else "在庫を動かしました",
        version=move.version,
        state=move.state,
        state_label=_STOCK_STATES[move.state],
        moves=move.moves,
        short=list(move.short),
        finished_at=move.finished_at,
    )


def _return(record: GoodsReturn) -> ReturnEntry:
    return ReturnEntry(
        at=record.recorded_at,
        actor=record.recorded_by,
        title=f"返品 {record.n}{'（取り消し済み）' if record.is_voided else ''}",
        n=record.n,
        returned_on=record.returned_on,
        reason=record.reason,
        lines=list(record.lines),
        voided_at=record.voided_at,
        voided_by=record.voided_by,
        void_reason=record.void_reason,
    )
