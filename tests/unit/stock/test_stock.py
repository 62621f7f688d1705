"""What orders hold, what that moves, and who has to wait."""

import pytest

from shukka.domain.order.order import CANCELLED, Order
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.stock.stock import (
    Adjustment,
    StockLevel,
    WaitingOrder,
    adjusted,
    held_after,
    held_without,
    moves_between,
    quantities,
    short_orders,
)
from tests.builders import NOW, a_line, a_shipment, an_order


def holding(quantity: int, **header: object) -> Order:
    """An order of one sku that holds what its line says."""
    order = an_order(lines=(a_line(1, quantity=quantity),), **header)
    return order.model_copy(update={"held": quantities(order.lines)})


def with_quantity(order: Order, quantity: int, **line: object) -> Order:
    return order.with_lines((a_line(1, quantity=quantity, **line),))


def in_status(order: Order, status: str) -> Order:
    return order.with_header(handling_status=status)


def after(before: Order, request: Order, *, move_stock: bool = True) -> Order:
    """`request` with what it holds then, as a use case stores it."""
    return request.model_copy(update={"held": held_after(before, request, move_stock=move_stock)})


def level(count: int | None, **fields: object) -> StockLevel:
    return StockLevel(**{"sku": "SOY-180", "level": count, "version": 3, "updated_at": NOW, **fields})


def test_lines_of_one_sku_count_together_and_free_or_struck_lines_not_at_all():
    lines = (
        a_line(1, quantity=2),
        a_line(2, quantity=3, units_per_set=1),
        a_line(3, sku="RICE", quantity=0),
        a_line(4, sku=None, name="特別値引", quantity=1),
        a_line(5, sku="", quantity=1),
        a_line(6, quantity=1, kind="money"),
    )

    assert quantities(lines) == {"SOY-180": 5}


def test_a_changed_quantity_moves_the_difference():
    before = holding(5)

    assert held_after(before, with_quantity(before, 8)) == {"SOY-180": 8}
    assert moves_between({"SOY-180": 5}, {"SOY-180": 8}) == {"SOY-180": -3}
    assert moves_between({"SOY-180": 5}, {"RICE": 2}) == {"RICE": -2, "SOY-180": 5}
    assert moves_between({"SOY-180": 5}, {"SOY-180": 5}) == {}


def test_a_struck_or_removed_line_holds_nothing():
    before = holding(5)

    assert held_after(before, with_quantity(before, 0)) == {}
    assert held_after(before, before.with_lines((a_line(2, sku="RICE"),))) == {"RICE": 1}


def test_a_price_edit_moves_nothing_even_after_an_edit_that_left_the_stock_alone():
    before = holding(5)
    struck = after(before, with_quantity(before, 0), move_stock=False)

    repriced = after(struck, with_quantity(struck, 0, unit_price=1))

    assert (struck.held, repriced.held) == ({"SOY-180": 5}, {"SOY-180": 5})


def test_what_was_not_moved_is_not_moved_by_a_later_edit():
    before = holding(10)
    lowered = after(before, with_quantity(before, 7), move_stock=False)

    lowered_again = after(lowered, with_quantity(lowered, 6))

    assert moves_between(lowered.held, lowered_again.held) == {"SOY-180": 1}
    raised = after(lowered_again, with_quantity(lowered_again, 10))
    assert moves_between(lowered_again.held, raised.held) == {"SOY-180": -4}


def test_an_order_gives_back_no_more_than_it_took():
    before = holding(2)
    raised = after(before, with_quantity(before, 9), move_stock=False)

    assert after(raised, with_quantity(raised, 1)).held == {}


def test_cancelling_returns_everything_unless_it_keeps_it():
    before = holding(5)

    assert held_after(before, in_status(before, CANCELLED)) == {}
    assert held_after(before, in_status(before, CANCELLED), move_stock=False) == {"SOY-180": 5}


def test_a_cancelled_order_can_be_edited_without_inventing_stock():
    cancelled = after(holding(5), in_status(holding(5), CANCELLED))

    edited = after(cancelled, with_quantity(cancelled, 50))

    assert edited.held == {}


def test_reopening_takes_what_the_lines_say_now():
    cancelled = after(holding(5), in_status(holding(5), CANCELLED))
    edited = after(cancelled, with_quantity(cancelled, 7))

    assert held_after(edited, in_status(edited, "new")) == {"SOY-180": 7}
    assert held_after(edited, in_status(edited, "new"), move_stock=False) == {}


def test_cancelling_and_reopening_move_neither_what_was_written_off_nor_what_was_kept():
    before = holding(10)
    lowered = after(before, with_quantity(before, 7), move_stock=False)
    cancelled = after(lowered, in_status(lowered, CANCELLED))
    reopened = after(cancelled, in_status(cancelled, "new"))
    assert [order.held["SOY-180"] for order in (lowered, cancelled, reopened)] == [10, 3, 10]

    kept = after(before, in_status(before, CANCELLED), move_stock=False)
    reopened = after(kept, in_status(kept, "new"), move_stock=False)
    assert (kept.held, reopened.held) == ({"SOY-180": 10}, {"SOY-180": 10})


def test_cancelling_gives_back_what_has_not_left_and_reopening_takes_it_again():
    shipments = (
        a_shipment(1, status=ShippingStatus.SHIPPED, allocations={1: 3}),
        a_shipment(2, allocations={1: 2, 2: 4}),
    )
    lines = (a_line(1, quantity=5), a_line(2, sku="RICE", quantity=4))
    before = an_order(lines=lines, shipments=shipments).model_copy(update={"held": {"RICE": 4, "SOY-180": 5}})

    cancelled = after(before, in_status(before, CANCELLED))

    assert cancelled.held == {"SOY-180": 3}
    assert after(cancelled, in_status(cancelled, "new")).held == before.held


def test_a_shipment_of_a_cancelled_order_that_has_not_left_after_all_is_given_back():
    shipped = an_order(lines=(a_line(1, quantity=5),), shipments=(a_shipment(status=ShippingStatus.SHIPPED),))
    cancelled = in_status(shipped.model_copy(update={"held": {"SOY-180": 5}}), CANCELLED)

    here = cancelled.with_shipment(a_shipment(status=ShippingStatus.NOT_SHIPPED))

    assert held_after(cancelled, here) == {}


def test_goods_put_back_to_stock_are_not_held_any_more():
    assert held_without({"SOY-180": 5, "RICE": 1}, {"SOY-180": 2}) == {"RICE": 1, "SOY-180": 3}
    assert held_without({"SOY-180": 5}, {"SOY-180": 7}) == {}
    assert held_without({}, {"SOY-180": -2}) == {"SOY-180": 2}


def test_completing_an_order_keeps_what_it_holds():
    before = holding(5)

    assert held_after(before, in_status(before, "completed")) == {"SOY-180": 5}


def test_an_order_read_without_lines_can_be_changed_but_neither_cancelled_nor_reopened():
    partial = holding(5).model_copy(update={"lines": ()})
    assert held_after(partial, in_status(partial, "completed")) == {"SOY-180": 5}

    cancelled = in_status(partial, CANCELLED)
    for before, request in ((partial, cancelled), (cancelled, partial)):
        with pytest.raises(ValueError, match="lines"):
            held_after(before, request)


def test_levels_are_added_to_or_set():
    assert adjusted(level(5), Adjustment("SOY-180", -7), NOW).level == -2
    assert adjusted(level(5), Adjustment("SOY-180", 9, adds=False), NOW).level == 9
    assert adjusted(level(5), Adjustment("SOY-180", None, adds=False), NOW).level is None
    assert adjusted(None, Adjustment("SOY-180", 9, adds=False), NOW).version == 1
    assert adjusted(level(5, waiting=True), Adjustment("SOY-180", 1), NOW) == level(6, version=4, waiting=True)


@pytest.mark.parametrize("before", [None, level(None)])
def test_what_is_not_counted_stays_so(before):
    assert adjusted(before, Adjustment("SOY-180", -7), NOW) is None


@pytest.mark.parametrize(
    ("count", "short"),
    [
        (-9, {"100001", "100002", "100010"}),
        (-8, {"100001", "100002", "100010"}),
        (-7, {"100002", "100010"}),
        (-4, {"100002", "100010"}),
        (-3, {"100010"}),
        (-1, {"100010"}),
        (0, set()),
        (5, set()),
        (None, set()),
    ],
)
def test_what_is_missing_falls_on_the_latest_orders(count, short):
    waiting = [
        WaitingOrder("100010", 3, marked=True),
        WaitingOrder("100001", 2, marked=True),
        WaitingOrder("100002", 4, marked=False),
        WaitingOrder("100011", 0, marked=True),
    ]

    assert short_orders(count, waiting) == short
