"""From an order to a mail that is ready to go."""

from collections.abc import Callable
from datetime import datetime

from jinja2 import TemplateError

from shukka.domain.mail.addressing import Envelope
from shukka.domain.mail.template import BUILT_IN, Rendered, SavedTemplate, Template
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import Mail
from shukka.domain.settings import Settings
from shukka.mail.message import address, mime
from shukka.mail.rendering import MAX_RENDERED, TooLongError, default_template, render
from shukka.mail.view import mail_view, one_line
from shukka.usecases.ports import Letter, MailRejectedError


def compose(
    mail: Mail,
    order: Order,
    settings: Settings,
    envelope: Envelope,
    at: datetime,
    *,
    find_template: Callable[[str], SavedTemplate | None],
) -> Letter:
    """The mail as it looks with the order and the template as they are.

    Raises MailRejectedError where the template makes no mail of it, ValueError where an address is not one.
    """
    saved = find_template(mail.template)
    rendered = render_mail(mail, order, settings, saved)
    wire = Envelope(address(envelope.sender), address(envelope.to))
    return Letter(
        ("order", order.number),
        wire,
        rendered.subject,
        mime(rendered, settings.shop.name, wire, at),
        template_version=saved.version if saved else 0,
    )


def render_mail(mail: Mail, order: Order, settings: Settings, saved: SavedTemplate | None) -> Rendered:
    """What the mail says. Raises MailRejectedError where the template makes no mail of it."""
    template = template_in_use(mail.template, saved)
    if template is None:
        raise MailRejectedError(f"メールテンプレート {mail.template} は削除されています")
    if mail.opening and not template.takes_opening:
        raise MailRejectedError("メールテンプレートに、担当者が書き添えた文（opening）を入れる場所がありません")
    shipment = order.shipment(mail.shipment_n) if mail.shipment_n is not None else None
    try:
        rendered = render(template, mail_view(order, shipment, settings, mail.opening))
    except TooLongError:
        raise MailRejectedError(f"できあがるメールが{MAX_RENDERED:,}文字を超えました") from None
    except TemplateError:
        # Only a template from before the guard knew better.
        raise MailRejectedError("メールテンプレートを使ってメールを作れませんでした") from None
    return rendered._replace(subject=one_line(mail.own_subject)) if mail.own_subject else rendered


def template_in_use(key: str, saved: SavedTemplate | None) -> Template | None:
    """The shop's own words or the default; None where there are neither."""
    if saved and saved.template:
        return saved.template
    return default_template(key) if key in BUILT_IN else None
