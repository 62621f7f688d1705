"""Whom a mail goes to, and whether it may go at all."""

from typing import NamedTuple

from shukka.domain.errors import ShipmentNotFoundError
from shukka.domain.imports.job import ImportJob
from shukka.domain.mail import template as mail_template
from shukka.domain.order.order import CANCELLED, Order, OrderHeader
from shukka.domain.order.outbox import Mail, Recipient
from shukka.domain.settings import Settings
from shukka.domain.shipping.rules import doubtful_numbers
from shukka.domain.shipping.shipment import Shipment, ShippingStatus


class Envelope(NamedTuple):
    """Addresses of a mail: the shop's, which it comes from, and the one recipient's."""

    sender: str
    to: str


class MailRefusal(NamedTuple):
    """Why a mail does not go out. Japanese: staff read it beside the mail and act on it."""

    reason: str


_NO_ADDRESS_OF_SHOP = MailRefusal("設定 > 店舗情報にメールアドレスがありません")


def address_mail(mail: Mail, order: Order, settings: Settings) -> Envelope | MailRefusal:
    """Decided on the order as it is now, which may have moved on since the mail was queued.

    A receipt goes out even for an order that was cancelled since (it says so): the member has placed it. A shipping
    mail does not, and neither does one whose shipment is not 発送済 or lacks the number it is meant to tell.
    """
    sender = settings.shop.email
    if sender is None:
        return _NO_ADDRESS_OF_SHOP
    to = sender if mail.recipient is Recipient.SHOP else order.header.member.email
    if to is None:
        return MailRefusal("受注にお客様のメールアドレスがありません")
    if mail.shipment_n is not None:
        reason = _reason_to_keep_quiet(mail, order, mail.shipment_n, settings)
        if reason:
            return MailRefusal(reason)
    return Envelope(sender, to)


def doubt_about(mail: Mail, order: Order, settings: Settings) -> str | None:
    """Why staff should look twice before this mail goes to the member, who would be surprised; None mostly.

    Not asked of mails that go by themselves. Japanese.
    """
    match mail.template:
        case mail_template.PAYMENT_REQUEST:
            return _doubt_about_payment_request(order.header, settings)
        case mail_template.PAYMENT_RECEIVED if order.header.payment_due == order.header.totals.total > 0:
            return "入金が記録されていません"
        case mail_template.ORDER_CHANGED | mail_template.ORDER_CANCELLED:
            return _doubt_about_cancelling(mail, order.header)
        case mail_template.SHIPPED_MEMBER if mail.shipment_n is not None:
            return _doubt_about_numbers(order.shipment(mail.shipment_n), settings)
        case mail_template.STOCK_OUT if not (order.stock_short or mail.opening):
            return "在庫が不足している商品がありません。どの商品のことか、opening に書いてください"
    return None


def _doubt_about_cancelling(mail: Mail, header: OrderHeader) -> str | None:
    cancelled = header.handling_status == CANCELLED
    if cancelled == (mail.template == mail_template.ORDER_CANCELLED):
        return None
    return "受注がキャンセルされています" if cancelled else "受注がキャンセルされていません"


def _doubt_about_numbers(shipment: Shipment, settings: Settings) -> str | None:
    numbers = doubtful_numbers(shipment, settings.carrier(shipment.carrier))
    return f"確認の済んでいない送り状番号があります（{'、'.join(numbers)}）" if numbers else None


def _doubt_about_payment_request(header: OrderHeader, settings: Settings) -> str | None:
    if header.handling_status == CANCELLED:
        return "受注がキャンセルされています"
    if header.payment.method not in settings.awaited_methods:
        return f"決済方法「{settings.payment_label(header.payment.method)}」は、入金を待つ設定ではありません"
    if header.payment_due <= 0:
        return "全額が入金済みです"
    return None if settings.shop.bank_account else "設定 > 店舗情報に振込先がありません"


def address_summary(_mail: Mail, _job: ImportJob, settings: Settings) -> Envelope | MailRefusal:
    """Of an import: the shop tells itself."""
    shop = settings.shop.email
    return Envelope(shop, shop) if shop else _NO_ADDRESS_OF_SHOP


def _reason_to_keep_quiet(mail: Mail, order: Order, shipment_n: int, settings: Settings) -> str | None:
    try:
        shipment = order.shipment(shipment_n)
    except ShipmentNotFoundError as missing:
        return str(missing)
    if mail.template != mail_template.SHIPPED_MEMBER:
        return None
    if order.header.handling_status == CANCELLED:
        return "受注がキャンセルされているため、発送のお知らせを送れません"
    if shipment.status is not ShippingStatus.SHIPPED:
        return "発送状況が発送済ではないため、発送のお知らせを送れません"
    carrier = settings.carrier(shipment.carrier)
    if carrier and carrier.numbers_its_parcels and not shipment.tracking_numbers:
        return f"送り状番号（{carrier.name}）が登録されていないため、発送のお知らせを送れません"
    return None
