"""Instructed shipments leave on their day."""

from datetime import date

from shukka.domain.lists.summary import summary_of
from shukka.domain.lists.unshipped import ShipmentFilter, ShipmentPage, WaitingShipment
from shukka.domain.settings import ShippingRules
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.usecases.shipping.ship_on_date import Shipped, ship_on_date
from tests.builders import a_context, a_shipment, an_order, some_settings
from tests.fakes import FakeSettings
from tests.unit.shipping.test_apply_rows import NUMBER, Orders

TODAY = date(2026, 11, 26)


def instructed(number, shipped_on, **fields):
    fields = {"tracking_numbers": (NUMBER,), **fields}
    shipment = a_shipment(status=ShippingStatus.INSTRUCTED, shipped_on=shipped_on, **fields)
    return an_order(number, shipments=(shipment,))


class Waiting:
    """The index: two shipments a page."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def page(self, wanted: ShipmentFilter, after: str | None, limit: int) -> ShipmentPage:
        entries = [
            WaitingShipment(summary_of(order), shipment)
            for order in self._orders.stored.values()
            for shipment in order.shipments
            if shipment.status in wanted.statuses and order.number > (after or "")
        ]
        return ShipmentPage(tuple(entries[:2]), entries[1].order.number if len(entries) > 2 else None)


def run(orders, *, on=True, has_time=lambda: True):
    settings = FakeSettings(some_settings(shipping=ShippingRules(ship_on_date=on)))
    return ship_on_date(a_context(), waiting=Waiting(orders), orders=orders, settings=settings, has_time=has_time)


def test_what_is_due_is_shipped_on_its_own_day_and_announced():
    orders = Orders(
        instructed("100001", TODAY),
        instructed("100002", date(2026, 11, 24)),
        instructed("100003", date(2026, 11, 27)),
        instructed("100004", None),
        instructed("100005", TODAY),
    )

    assert run(orders) == Shipped(shipped=3)

    statuses = [order.shipments[0].status.value for order in orders.stored.values()]
    assert statuses == ["shipped", "shipped", "instructed", "instructed", "shipped"]
    assert orders.shipment("100002").shipped_on == date(2026, 11, 24)
    assert orders.mails == ["shipped#100001-1", "shipped#100002-1", "shipped#100005-1"]
    assert {change.entry.action for change in orders.history} == {"ship_on_date"}


def test_a_second_run_ships_nothing():
    orders = Orders(instructed("100001", TODAY))
    run(orders)

    assert run(orders) == Shipped()
    assert orders.mails == ["shipped#100001-1"]


def test_a_shop_that_does_not_want_it_is_left_alone():
    orders = Orders(instructed("100001", TODAY))

    assert run(orders, on=False) == Shipped()
    assert orders.shipment().status is ShippingStatus.INSTRUCTED


def test_without_time_nothing_is_begun():
    orders = Orders(instructed("100001", TODAY))

    assert run(orders, has_time=lambda: False) == Shipped()
