"""発送: what a change of a shipment's status implies, and when its mail is due."""

from datetime import date

from shukka.domain.shipping.carrier import Carrier
from shukka.domain.shipping.shipment import Shipment, ShippingStatus


def shipped_on_after(shipment: Shipment, status: ShippingStatus, given: date | None, today: date) -> date | None:
    """発送日 after a change of status.

    The given date, if any. Otherwise switching to 発送済 keeps a stored date that is not in the future, or else takes
    today. Every other change leaves 発送日 as it is.
    """
    if given:
        return given
    becomes_shipped = status is ShippingStatus.SHIPPED and shipment.status is not ShippingStatus.SHIPPED
    if becomes_shipped and (shipment.shipped_on is None or shipment.shipped_on > today):
        return today
    return shipment.shipped_on


def doubtful_numbers(shipment: Shipment, carrier: Carrier | None) -> tuple[str, ...]:
    """The tracking numbers that do not look like the carrier's and that staff have not confirmed."""
    if carrier is None or carrier.vouches_for(shipment.tracking_numbers):
        return ()
    unconfirmed = (number for number in shipment.tracking_numbers if number not in shipment.confirmed_numbers)
    return tuple(number for number in unconfirmed if carrier.concern_about(number))


def shipping_mail_is_due(shipment: Shipment, carrier: Carrier | None) -> bool:
    """Whether 発送のお知らせ is due: shipped, not notified yet, and with a number where the carrier gives numbers.

    A parcel without its number would only make the member ask; the mail follows when the number is recorded.
    """
    if shipment.status is not ShippingStatus.SHIPPED or shipment.mail_settled:
        return False
    return bool(shipment.tracking_numbers) or not (carrier and carrier.numbers_its_parcels)
