"""What orders hold, what that moves, and who has to wait."""

import pytest

from shukka.domain.order import CANCELLED, Order
from shukka.domain.stock import (
    Adjustment,
    StockLevel,
    WaitingOrder,
    adjusted,
    held_after,
    moves_between,
    quantities,
    short_orders,
)
from tests.builders import NOW, a_line, an_order


def holding(quantity: int, **header: object) -> Order:
    """An order of one sku that holds what its line says."""
    order = an_order(lines=(a_line(1, quantity=quantity),), **header)
    return order.model_copy(update={"held": quantities(order.lines)})


def with_quantity(order: Order, quantity: int, **line: object) -> Order:
    return order.with_lines((a_line(1, quantity=quantity, **line),))


def in_status(order: Order, status: str) -> Order:
    return order.with_header(handling_status=status)


def after(before: Order, wish: Order, *, move_stock: bool = True) -> Order:
    """`wish` with what it holds then, as a use case stores it."""
    return wish.model_copy(update={"held": held_after(before, wish, move_stock=move_stock)})


def level(count: int | None, **fields: object) -> StockLevel:
    return StockLevel(**{"sku": "SOY-180", "level": count, "version": 3, "updated_at": NOW, **fields})


def test_lines_of_one_sku_count_together_and_free_or_struck_lines_not_at_all():
    lines = (
        a_line(1, quantity=2),
        a_line(2, quantity=3, units_per_set=1),
        a_line(3, sku="RICE", quantity=0),
        a_line(4, sku=None, name="特別値引", quantity=1),
        a_line(5, sku="", quantity=1),
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


def test_an_edit_back_that_moves_stock_finds_what_the_order_still_holds():
    """Up or down without moving stock, then back with moving it: nothing was moved, so nothing moves."""
    before = holding(5)
    for quantity in (2, 9):
        edited = after(before, with_quantity(before, quantity), move_stock=False)
        back = after(edited, with_quantity(edited, 5))

        assert moves_between(edited.held, back.held) == {}


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


def test_reopening_an_order_that_kept_its_stock_takes_only_the_difference():
    kept = after(holding(5), in_status(holding(5), CANCELLED), move_stock=False)
    for lines, moves in (
        ((a_line(1, quantity=3), a_line(2, sku="RICE", quantity=1)), {"RICE": -1, "SOY-180": 2}),
        ((a_line(2, sku="RICE", quantity=1),), {"RICE": -1, "SOY-180": 5}),
    ):
        edited = after(kept, kept.with_lines(lines))
        reopened = after(edited, in_status(edited, "processing"))

        assert moves_between(edited.held, reopened.held) == moves


def test_completing_an_order_keeps_what_it_holds():
    before = holding(5)

    assert held_after(before, in_status(before, "completed")) == {"SOY-180": 5}


def test_an_order_read_without_lines_can_be_cancelled_but_not_reopened():
    whole = holding(5)
    partial = whole.model_copy(update={"lines": ()})
    assert held_after(partial, in_status(partial, CANCELLED)) == {}

    cancelled = in_status(partial, CANCELLED)
    with pytest.raises(AssertionError):
        held_after(cancelled, in_status(cancelled, "new"))


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
