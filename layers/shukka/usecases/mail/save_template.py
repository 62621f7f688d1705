"""メールテンプレートを変える: saving the shop's own words for a mail, removing them, and previewing them."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import MISSING, AfterValidator, StringConstraints

from shukka.domain.errors import MailTemplateNotFoundError, OrderNotFoundError, Rule, RuleError, SettingsConflictError
from shukka.domain.mail.template import (
    BUILT_IN,
    MAX_HTML,
    MAX_OWN_TEMPLATES,
    MAX_SUBJECT,
    MAX_TEXT,
    RESERVED_KEYS,
    Rendered,
    SavedTemplate,
    Template,
    TemplateInfo,
    TemplateState,
    info_of,
)
from shukka.domain.order.history import Context
from shukka.domain.order.order import Order
from shukka.domain.settings import Settings
from shukka.domain.text.values import Label, Name, Value
from shukka.domain.text.versions import ANY_VERSION, Versions
from shukka.usecases.mail.request import Opening, SendMail, draft_mail
from shukka.usecases.ports import MailRejectedError, MailRenderer, MailRequests, MailTemplates

TemplateCheck = Callable[[Template], None]
"""Raises RuleError, with the part and the line, for a template that is not allowed."""


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class TemplateSources(Value):
    """Jinja2 sources. GET /mail-templates says which fields they can name."""

    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_SUBJECT), AfterValidator(_lf)]
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_lf)]
    html: Annotated[str, StringConstraints(max_length=MAX_HTML), AfterValidator(_lf)] | None = None

    @property
    def template(self) -> Template:
        return Template(self.subject, self.text, self.html)


class SaveTemplate(TemplateSources):
    """`label` is the mail's name for staff; without one it stays as it is."""

    label: Name | MISSING = MISSING


class PreviewTemplate(TemplateSources):
    """Without `number`, the preview is about an order made up for it."""

    number: Label | None = None
    shipment_id: Label | None = None
    opening: Opening | None = None


def list_templates(templates: MailTemplates) -> Sequence[TemplateInfo]:
    """The built-in templates, then the shop's own."""
    saved = {template.key: template for template in templates.list_saved()}
    own = sorted(saved.keys() - BUILT_IN.keys())
    infos = [info_of(key, saved.get(key)) for key in (*BUILT_IN, *own)]
    return [info for info in infos if info.state is not TemplateState.REMOVED]


def get_template(key: str, templates: MailTemplates) -> tuple[TemplateInfo, SavedTemplate | None]:
    """Raises MailTemplateNotFoundError."""
    saved = templates.find(key)
    info = info_of(key, saved)
    if info.state is TemplateState.REMOVED:
        raise MailTemplateNotFoundError(key)
    return info, saved


def save_template(
    key: str,
    request: SaveTemplate,
    based_on: Versions,
    context: Context,
    templates: MailTemplates,
    check: TemplateCheck,
) -> TemplateInfo:
    """Stores the shop's words; mails sent from now on have them. A new key has version 0.

    Raises SettingsConflictError, and RuleError for a template that is not allowed.
    """
    saved = templates.find(key)
    info = info_of(key, saved)
    is_new = info.state is TemplateState.REMOVED
    # `*` matches any existing template, and a new one does not exist.
    if not based_on.include(0 if is_new else info.version) or (is_new and based_on == ANY_VERSION):
        raise SettingsConflictError(f"メールテンプレート {key}")
    if is_new:
        _check_new(key, request, templates)
    check(request.template)
    label = info.label if request.label is MISSING else request.label
    if saved and (saved.template, saved.label) == (request.template, label):
        return info
    return _save(key, label, request.template, saved, context, templates)


def remove_template(key: str, based_on: Versions, context: Context, templates: MailTemplates) -> TemplateInfo:
    """Goes back to the default, or removes a template of the shop's own.

    Raises MailTemplateNotFoundError and SettingsConflictError.
    """
    info, saved = get_template(key, templates)
    if not based_on.include(info.version):
        raise SettingsConflictError(f"メールテンプレート {key}")
    if saved is None or saved.template is None:
        return info
    return _save(key, info.label, None, saved, context, templates)


def preview_template(
    key: str,
    request: PreviewTemplate,
    context: Context,
    orders: MailRequests,
    sample: Order,
    check: TemplateCheck,
    render: MailRenderer,
    settings: Settings,
) -> Rendered:
    """A mail made from these sources. Raises OrderNotFoundError, and RuleError for sources that cannot be saved."""
    check(request.template)
    info = info_of(key, None)
    mail_request = SendMail(template=key, shipment_id=request.shipment_id, opening=request.opening)
    order = _order(request.number, orders) if request.number else sample
    mail = draft_mail(order.number, order, mail_request, info, "preview", context)
    tried = SavedTemplate(
        key=key,
        label=info.label,
        version=info.version,
        saved_at=context.at,
        saved_by=context.actor,
        template=request.template,
    )
    try:
        return render(mail, order, settings, tried)
    except MailRejectedError as rejection:
        raise RuleError(str(rejection), "text", Rule.UNUSABLE_TEMPLATE) from None


def _order(number: str, orders: MailRequests) -> Order:
    if number not in orders.load([], whole=(number,)):
        raise OrderNotFoundError(number)
    return orders.load_lines([number])[number]


def _check_new(key: str, request: SaveTemplate, templates: MailTemplates) -> None:
    if key in RESERVED_KEYS:
        raise RuleError(f"{key} は使えません。別のキーにしてください", "key", Rule.RESERVED_TEMPLATE_KEY)
    if request.label is MISSING:
        raise RuleError("新しいテンプレートには label（名前）が必要です", "label", Rule.TEMPLATE_LABEL_REQUIRED)
    own = [info for info in list_templates(templates) if info.state is TemplateState.OWN]
    if len(own) >= MAX_OWN_TEMPLATES:
        raise RuleError(f"独自のテンプレートは{MAX_OWN_TEMPLATES}個までです", "key", Rule.TOO_MANY_TEMPLATES)


def _save(
    key: str,
    label: str,
    template: Template | None,
    before: SavedTemplate | None,
    context: Context,
    templates: MailTemplates,
) -> TemplateInfo:
    saved = SavedTemplate(
        key=key,
        label=label,
        version=(before.version if before else 0) + 1,
        saved_at=context.at,
        saved_by=context.actor,
        template=template,
    )
    templates.save(saved)
    return info_of(key, saved)
