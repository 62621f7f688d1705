"""Mails that staff send, and their templates."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from order_api.schemas import View
from shukka.domain.errors import NotFoundError, ShukkaError
from shukka.domain.mail.template import Rendered, SavedTemplate, Template, TemplateInfo, TemplateState
from shukka.domain.order.outbox import Mail
from shukka.domain.text.values import Instant
from shukka.usecases.mail.preview import MailPreview, NoPreview
from shukka.usecases.mail.request import Requested


class RequestedMail(Mail):
    """The mail as it stands in the order's outbox. `order_version` is the order's, for its next change."""

    order_version: int


class MailResultKind(StrEnum):
    """`already_queued`: a request with the same key asked for it before. `refused`: `reason` says why."""

    QUEUED = "queued"
    ALREADY_QUEUED = "already_queued"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


class MailResult(View):
    number: str
    result: MailResultKind
    key: str | None = Field(default=None, description="The mail's, as in the order's `mails`")
    reason: str | None = None


class MailResults(View):
    """One result for each order, in the order of the request."""

    results: list[MailResult]


class MailPreviewView(View):
    """What would be sent. `refusal`: why it cannot go now; `doubt`: why it goes only with `force`."""

    number: str
    to: str | None
    subject: str
    text: str
    html: str | None
    template: str
    template_version: int
    refusal: str | None
    doubt: str | None


class MailPreviewResult(View):
    """`reason`: why there would be no mail, or none without `force`."""

    number: str
    would_send: bool
    to: str | None = None
    subject: str | None = None
    reason: str | None = None


class MailPreviewResults(View):
    """One result for each order, in the order of the request, and the first mail that would go in full."""

    results: list[MailPreviewResult]
    first: MailPreviewView | None


class TemplateRow(View):
    """`default`: as it ships; `changed`: with the shop's words; `own`: the shop's; `removed`: was the shop's."""

    key: str = Field(examples=["payment_request"])
    label: str = Field(examples=["入金案内"])
    state: TemplateState
    version: int


class TemplateField(View):
    """What a template can name. Fields of a list are those of its items: `{% for line in lines %}{{ line.name }}`."""

    name: str = Field(examples=["order.number"])
    sample: str = Field(examples=["100001"])


class TemplateList(View):
    templates: list[TemplateRow]
    fields: list[TemplateField]


class TemplateView(View):
    """A template with its words. `saved_at` and `saved_by` are null where the shop never touched it."""

    key: str
    label: str
    state: TemplateState
    version: int
    subject: str
    text: str
    html: str | None
    saved_at: Instant | None
    saved_by: str | None


class RenderedView(View):
    subject: str
    text: str
    html: str | None


def requested_mail(requested: Requested) -> RequestedMail:
    return RequestedMail.model_construct(**dict(requested.mail or ()), order_version=requested.order_version)


def mail_results(results: Sequence[Requested]) -> MailResults:
    return MailResults(results=[_mail_result(requested) for requested in results])


def _mail_result(requested: Requested) -> MailResult:
    if requested.mail is None:
        kind = MailResultKind.NOT_FOUND if isinstance(requested.error, NotFoundError) else MailResultKind.REFUSED
        return MailResult(number=requested.number, result=kind, reason=str(requested.error))
    kind = MailResultKind.QUEUED if requested.is_new else MailResultKind.ALREADY_QUEUED
    return MailResult(number=requested.number, result=kind, key=requested.mail.key)


def mail_preview(preview: MailPreview) -> MailPreviewView:
    return MailPreviewView(
        number=preview.number,
        to=preview.to,
        subject=preview.rendered.subject,
        text=preview.rendered.text,
        html=preview.rendered.html,
        template=preview.template.key,
        template_version=preview.template.version,
        refusal=preview.refusal,
        doubt=preview.doubt,
    )


def mail_previews(previews: Sequence[MailPreview | NoPreview], *, force: bool) -> MailPreviewResults:
    going = (preview for preview in previews if isinstance(preview, MailPreview) and not _reason(preview, force=force))
    first = next(going, None)
    return MailPreviewResults(
        results=[_preview_result(preview, force=force) for preview in previews],
        first=mail_preview(first) if first else None,
    )


def _preview_result(preview: MailPreview | NoPreview, *, force: bool) -> MailPreviewResult:
    if isinstance(preview, NoPreview):
        error: ShukkaError = preview.error
        return MailPreviewResult(number=preview.number, would_send=False, reason=str(error))
    reason = _reason(preview, force=force)
    return MailPreviewResult(
        number=preview.number,
        would_send=reason is None,
        to=preview.to,
        subject=preview.rendered.subject,
        reason=reason,
    )


def _reason(preview: MailPreview, *, force: bool) -> str | None:
    return preview.refusal or (None if force else preview.doubt)


def template_row(info: TemplateInfo) -> TemplateRow:
    return TemplateRow.model_construct(**info._asdict())


def template_view(info: TemplateInfo, saved: SavedTemplate | None, template: Template) -> TemplateView:
    return TemplateView(
        **info._asdict(),
        **template._asdict(),
        saved_at=saved.saved_at if saved else None,
        saved_by=saved.saved_by if saved else None,
    )


def rendered_view(rendered: Rendered) -> RenderedView:
    return RenderedView(**rendered._asdict())
