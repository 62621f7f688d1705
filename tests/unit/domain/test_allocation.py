"""Which shipment holds how many of which line, through edits."""

import pytest

from shukka.domain.allocation import quantities_of, shipped_quantities, with_lines
from shukka.domain.errors import RuleError
from shukka.domain.shipment import ShippingStatus
from tests.builders import a_line, a_shipment, an_order

SHIPPED = ShippingStatus.SHIPPED


def held(order):
    return [dict(quantities_of(shipment, order.lines)) for shipment in order.shipments]


def test_the_only_shipment_holds_whatever_the_lines_become():
    order = with_lines(an_order(lines=(a_line(1, quantity=5),)), (a_line(1, quantity=2), a_line(2, quantity=7)))

    assert held(order) == [{1: 2, 2: 7}]
    assert order.shipments[0].allocations is None


def test_what_has_left_cannot_become_less():
    order = an_order(lines=(a_line(1, quantity=5), a_line(2)), shipments=(a_shipment(status=SHIPPED),))

    with pytest.raises(RuleError, match="5個を発送済み") as refused:
        with_lines(order, (a_line(1, quantity=4), a_line(2)))
    assert refused.value.field == "lines.0.quantity"
    with pytest.raises(RuleError, match="削除できません"):
        with_lines(order, (a_line(1, quantity=5),))


def test_more_after_everything_left_makes_a_new_shipment():
    order = an_order(lines=(a_line(1, quantity=5),), shipments=(a_shipment(status=SHIPPED),))

    order = with_lines(order, (a_line(1, quantity=8), a_line(2, quantity=1)))

    assert held(order) == [{1: 5}, {1: 3, 2: 1}]
    assert [digest.status for digest in order.header.shipments.values()] == ["shipped", "not_shipped"]


def test_a_price_may_change_after_everything_left():
    order = an_order(lines=(a_line(1, quantity=5),), shipments=(a_shipment(status=SHIPPED),))

    order = with_lines(order, (a_line(1, quantity=5, unit_price=1),))

    assert held(order) == [{1: 5}]
    assert shipped_quantities(order) == {1: 5}


def test_less_is_taken_from_the_last_shipment_that_is_still_here():
    shipments = (
        a_shipment(1, allocations={1: 2}, status=SHIPPED),
        a_shipment(2, allocations={1: 3}),
        a_shipment(3, allocations={1: 4}),
    )
    order = an_order(lines=(a_line(1, quantity=9),), shipments=shipments)

    assert held(with_lines(order, (a_line(1, quantity=4),))) == [{1: 2}, {1: 2}, {}]
    assert held(with_lines(order, (a_line(1, quantity=10),))) == [{1: 2}, {1: 4}, {1: 4}]


def test_a_shipment_that_came_back_alone_holds_everything_again():
    gone = an_order(lines=(a_line(1, quantity=2), a_line(2, quantity=0)), shipments=(a_shipment(status=SHIPPED),))
    pinned = with_lines(gone, (a_line(1, quantity=2),))
    (shipment,) = pinned.shipments
    back = pinned.with_shipment(shipment.model_copy(update={"status": ShippingStatus.NOT_SHIPPED}))

    assert held(with_lines(back, (a_line(1, quantity=2), a_line(3, quantity=1)))) == [{1: 2, 3: 1}]
