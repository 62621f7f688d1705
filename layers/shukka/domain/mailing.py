"""Whom a mail goes to, and whether it may go at all."""

from typing import NamedTuple

from shukka.domain.errors import ShipmentNotFoundError
from shukka.domain.import_job import ImportJob
from shukka.domain.order import CANCELLED, Order
from shukka.domain.outbox import Mail, Recipient
from shukka.domain.settings import Settings
from shukka.domain.shipment import ShippingStatus


class Envelope(NamedTuple):
    """Addresses of a mail: the shop's, which it comes from, and the one recipient's."""

    sender: str
    to: str


class Refusal(NamedTuple):
    """Why a mail does not go out. Japanese: staff read it beside the mail and act on it."""

    reason: str


_NO_ADDRESS_OF_SHOP = Refusal("設定 > 店舗情報にメールアドレスがありません")


def address_mail(mail: Mail, order: Order, settings: Settings) -> Envelope | Refusal:
    """Decided on the order as it is now, which may have moved on since the mail was queued.

    A receipt goes out even for an order that was cancelled since (it says so): the member has placed it. A shipping
    mail does not, and neither does one whose shipment is no longer 発送済 or lacks the number it is meant to tell.
    """
    sender = settings.shop.email
    if sender is None:
        return _NO_ADDRESS_OF_SHOP
    to = sender if mail.recipient is Recipient.SHOP else order.header.member.email
    if to is None:
        return Refusal("受注にお客様のメールアドレスがありません")
    if mail.shipment_n is not None:
        reason = _reason_to_keep_quiet(order, mail.shipment_n, settings)
        if reason:
            return Refusal(reason)
    return Envelope(sender, to)


def address_summary(_mail: Mail, _job: ImportJob, settings: Settings) -> Envelope | Refusal:
    """Of an import: the shop tells itself."""
    shop = settings.shop.email
    return Envelope(shop, shop) if shop else _NO_ADDRESS_OF_SHOP


def _reason_to_keep_quiet(order: Order, shipment_n: int, settings: Settings) -> str | None:
    if order.header.handling_status == CANCELLED:
        return "受注がキャンセルされているため、発送のお知らせを送りませんでした"
    try:
        shipment = order.shipment(shipment_n)
    except ShipmentNotFoundError as missing:
        return str(missing)
    if shipment.status is not ShippingStatus.SHIPPED:
        return "発送状況が発送済ではなくなったため、発送のお知らせを送りませんでした"
    carrier = settings.carrier(shipment.carrier)
    if carrier and carrier.numbers_its_parcels and not shipment.tracking_numbers:
        return f"送り状番号（{carrier.name}）が登録されていないため、発送のお知らせを送りませんでした"
    return None
