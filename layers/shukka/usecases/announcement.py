"""発送のお知らせ: which mails follow from a change of shipments."""

from shukka.domain.history import Context
from shukka.domain.order import Order
from shukka.domain.outbox import FollowUp, Mail, Recipient
from shukka.domain.settings import Settings
from shukka.domain.shipment import Shipment
from shukka.domain.shipping import shipping_mail_is_due


def announced(
    order: Order, context: Context, settings: Settings, *, notify: bool = True
) -> tuple[Order, tuple[FollowUp, ...]]:
    """The order with every due announcement settled, and the mails that follow.

    Without `notify`, without an address and with automatic mails off, none follows and none will later: see
    docs/decisions/0006.
    """
    wanted = notify and settings.mails.shipped_to_member and bool(order.header.member.email)
    mails: list[FollowUp] = []
    for shipment in order.shipments:
        if shipping_mail_is_due(shipment, settings.carrier(shipment.carrier)):
            order = order.with_shipment(shipment.model_copy(update={"mail_settled": True}))
            if wanted:
                mails.append(_mail(order, shipment, context))
    return order, tuple(mails)


def _mail(order: Order, shipment: Shipment, context: Context) -> Mail:
    return Mail(
        key=f"shipped#{order.shipment_id(shipment)}",
        template="shipped_member",
        recipient=Recipient.MEMBER,
        created_at=context.at,
        shipment_n=shipment.n,
    )
