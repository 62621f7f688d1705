"""Which shipment holds how many of which line, through edits."""

import pytest

from shukka.domain.errors import Rule, RuleError
from shukka.domain.order.allocation import quantities_of, reallocated, shipped_quantities, with_lines
from shukka.domain.order.line import LineInput, LineKind
from shukka.domain.order.order import OverallShippingStatus
from shukka.domain.shipping.shipment import ShippingStatus
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
    assert refused.value.rule is Rule.SHIPPED_QUANTITY
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


DISCOUNT = {"sku": None, "name": "特別値引", "unit_price": -500, "quantity": 1}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, LineKind.GOODS),
        ({"sku": None, "unit_price": 0}, LineKind.GOODS),
        ({"sku": None, "unit_price": -1}, LineKind.MONEY),
        ({"sku": "", "unit_price": -1}, LineKind.MONEY),
        ({"unit_price": -1}, LineKind.GOODS),
        ({"sku": None, "unit_price": 500, "kind": "money"}, LineKind.MONEY),
        ({"sku": None, "unit_price": -1, "kind": "goods"}, LineKind.GOODS),
    ],
)
def test_what_is_money_and_what_is_goods(fields, kind):
    line = a_line(1, **fields)

    assert line.kind_or_usual is kind
    assert LineInput.model_validate_json(line.model_dump_json(exclude={"line_id"})).kind_or_usual is kind
    # To say what goes without saying changes nothing.
    assert a_line(1, **{**fields, "kind": kind}) == line


def test_a_discount_on_a_shipped_order_makes_no_parcel():
    order = an_order(lines=(a_line(1, quantity=5),), shipments=(a_shipment(status=SHIPPED),))

    order = with_lines(order, (a_line(1, quantity=5), a_line(2, **DISCOUNT)))

    assert held(order) == [{1: 5}]
    assert order.header.shipping_status is OverallShippingStatus.SHIPPED
    assert order.header.totals.goods == 5 * 6 * 690 - 500 * 6


def test_money_is_in_no_shipment_when_goods_are_split():
    order = an_order(lines=(a_line(1, quantity=5), a_line(2, **DISCOUNT)))

    assert held(reallocated(order, [(1, {1: 2}), (None, {1: 3})])) == [{1: 2}, {1: 3}]
    with pytest.raises(RuleError, match="金額だけの明細") as refused:
        reallocated(order, [(1, {1: 5, 2: 1})])
    assert refused.value.rule is Rule.NOT_GOODS


def test_a_parcel_that_was_made_of_a_discount_can_be_dissolved():
    shipments = (a_shipment(1, allocations={1: 5}, status=SHIPPED), a_shipment(2, allocations={2: 1}))
    order = an_order(lines=(a_line(1, quantity=5), a_line(2, **DISCOUNT)), shipments=shipments)

    assert held(order) == [{1: 5}, {}]
    assert reallocated(order, []).header.shipping_status is OverallShippingStatus.SHIPPED


def test_shipped_goods_cannot_become_money():
    order = an_order(lines=(a_line(1, quantity=5),), shipments=(a_shipment(status=SHIPPED),))

    with pytest.raises(RuleError, match="金額だけの明細に") as refused:
        with_lines(order, (a_line(1, quantity=5, kind="money"),))
    assert refused.value.field == "lines.0.kind"
