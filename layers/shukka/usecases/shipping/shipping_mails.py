"""発送のお知らせ: which mails follow from a change of shipments."""

from shukka.domain.order.history import Context
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import FollowUp, Mail, Recipient
from shukka.domain.settings import Settings
from shukka.domain.shipping.rules import doubtful_numbers, shipping_mail_is_due
from shukka.domain.shipping.shipment import Shipment


def with_shipping_mails(
    order: Order, context: Context, settings: Settings, *, notify: bool = True
) -> tuple[Order, tuple[FollowUp, ...]]:
    """The order with every due shipping mail settled, and the mails to send.

    Without `notify`, without an address or with automatic mails off, no mail is sent now or later: see
    docs/decisions/0006. A mail with a doubtful number waits: see docs/decisions/0021.
    """
    wanted = notify and mails_are_wanted(order, settings)
    mails: list[FollowUp] = []
    for shipment in order.shipments:
        if not shipping_mail_is_due(shipment, settings.carrier(shipment.carrier)):
            continue
        if wanted and mail_waits(shipment, settings):
            continue
        order = order.with_shipment(shipment.model_copy(update={"mail_settled": True}))
        if wanted:
            mails.append(_mail(order, shipment, context))
    return order, tuple(mails)


def mails_are_wanted(order: Order, settings: Settings) -> bool:
    """Whether the shop sends shipping mails and the member has an address for them."""
    return settings.mails.shipped_to_member and bool(order.header.member.email)


def mail_waits(shipment: Shipment, settings: Settings) -> bool:
    """Whether the shipment's mail is due, and waits until a doubtful number is confirmed or corrected."""
    carrier = settings.carrier(shipment.carrier)
    return (
        settings.mails.hold_doubtful_numbers
        and shipping_mail_is_due(shipment, carrier)
        and bool(doubtful_numbers(shipment, carrier))
    )


def _mail(order: Order, shipment: Shipment, context: Context) -> Mail:
    return Mail(
        key=f"shipped#{order.shipment_id(shipment)}",
        template="shipped_member",
        recipient=Recipient.MEMBER,
        created_at=context.at,
        shipment_n=shipment.n,
    )
