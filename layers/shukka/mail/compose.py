"""From an order to a mail that is ready to go."""

from datetime import datetime

from shukka.domain.mailing import Envelope
from shukka.domain.order import Order
from shukka.domain.outbox import Mail
from shukka.domain.settings import Settings
from shukka.mail.message import address, mime
from shukka.mail.rendering import default_template, render
from shukka.mail.view import mail_view
from shukka.usecases.ports import Letter


def compose(mail: Mail, order: Order, settings: Settings, envelope: Envelope, at: datetime) -> Letter:
    """The mail as it looks with the order as it is. Raises ValueError where an address is not one."""
    shipment = order.shipment(mail.shipment_n) if mail.shipment_n is not None else None
    rendered = render(default_template(mail.template), mail_view(order, shipment, settings))
    wire = Envelope(address(envelope.sender), address(envelope.to))
    return Letter(("order", order.number), wire, rendered.subject, mime(rendered, settings.shop.name, wire, at))
