"""メールのプレビュー: what a mail would say, and whether it would go. Nothing is written."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shukka.domain.errors import OrderNotFoundError, Rule, RuleError, ShukkaError
from shukka.domain.mail.addressing import MailRefusal, address_mail, doubt_about
from shukka.domain.mail.template import Rendered, TemplateInfo
from shukka.domain.order.history import Context
from shukka.domain.order.order import Order
from shukka.domain.settings import Settings
from shukka.usecases.mail.request import SendMail, draft_mail, template_of
from shukka.usecases.ports import MailRejectedError, MailRenderer, MailRequests, MailTemplates


class MailPreview(NamedTuple):
    """`refusal`: why the mail cannot be sent. `doubt`: why it needs `force`. `to` is None if it has no recipient."""

    number: str
    to: str | None
    rendered: Rendered
    template: TemplateInfo
    refusal: str | None
    doubt: str | None


class NoPreview(NamedTuple):
    """Why there is no preview."""

    number: str
    error: ShukkaError


def preview_mail(
    number: str,
    request: SendMail,
    context: Context,
    orders: MailRequests,
    templates: MailTemplates,
    render: MailRenderer,
    settings: Settings,
) -> MailPreview:
    """Raises OrderNotFoundError, and RuleError if the request does not fit the order or the template."""
    (preview,) = preview_mails((number,), request, context, orders, templates, render, settings)
    if isinstance(preview, NoPreview):
        raise preview.error
    return preview


def preview_mails(
    numbers: Iterable[str],
    request: SendMail,
    context: Context,
    orders: MailRequests,
    templates: MailTemplates,
    render: MailRenderer,
    settings: Settings,
) -> Sequence[MailPreview | NoPreview]:
    """One for each order, in the order of the request."""
    template, saved = template_of(request, templates)
    asked = list(dict.fromkeys(numbers))
    known = orders.load_lines(orders.load([], whole=asked))

    def preview(number: str, order: Order | None) -> MailPreview:
        if order is None:
            raise OrderNotFoundError(number)
        mail = draft_mail(number, order, request, template, "preview", context)
        addressed = address_mail(mail, order, settings)
        try:
            rendered = render(mail, order, settings, saved)
        except MailRejectedError as rejection:
            raise RuleError(str(rejection), "template", Rule.UNUSABLE_TEMPLATE) from None
        return MailPreview(
            number,
            to=None if isinstance(addressed, MailRefusal) else addressed.to,
            rendered=rendered,
            template=template,
            refusal=addressed.reason if isinstance(addressed, MailRefusal) else None,
            doubt=doubt_about(mail, order, settings),
        )

    previews: list[MailPreview | NoPreview] = []
    for number in asked:
        try:
            previews.append(preview(number, known.get(number)))
        except ShukkaError as error:
            previews.append(NoPreview(number, error))
    return previews
