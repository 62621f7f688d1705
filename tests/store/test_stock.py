"""Levels, ledger and waiting orders on AWS's own engine."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from local.request_counter import count_requests
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import StockMove, StockMoveState
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind, moves_between, quantities
from shukka.store.orders import OrderStore
from shukka.store.stock import StockMoveStore, StockStore
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit
from shukka.usecases.stock.adjust import AdjustResult, adjust_stock
from shukka.usecases.stock.move import StockMoveNotFoundError, move_stock
from shukka.usecases.stock.settle_shortage import settle_shortage
from tests.builders import NOW, a_context, a_line, an_order


@pytest.fixture
def orders(dynamodb, tables):
    return OrderStore(dynamodb, tables.orders, tables.settings)


@pytest.fixture
def stock(dynamodb, tables):
    return StockStore(dynamodb, tables.stock, tables.orders)


@pytest.fixture
def moves(dynamodb, tables):
    return StockMoveStore(dynamodb, tables.orders)


@pytest.fixture
def keep(moves, stock):
    """Delivers an order's stock move."""
    return lambda number, version=1: move_stock(number, version, moves, stock, stock, lambda: NOW)


def movement(key="SET#1", **fields):
    return Movement(key, MovementKind.SET, NOW, "staff:hanako", **fields)


def set_levels(stock, **levels):
    requests = [Adjustment(sku, level, adds=False) for sku, level in levels.items()]
    return adjust_stock(requests, movement(f"SET#{uuid4()}"), stock)


def level_of(stock, sku):
    return stock.load([sku])[sku].level


def place(orders, number, **wanted):
    """An order of these quantities by sku."""
    lines = tuple(a_line(n, sku=sku, quantity=quantity) for n, (sku, quantity) in enumerate(wanted.items(), start=1))
    order = an_order(number, lines=lines).model_copy(update={"held": quantities(lines)})
    entry = HistoryEntry(version=1, at=NOW, actor="staff:hanako", action="place_order", request_id="request-1")
    move = StockMove(version=1, created_at=NOW, actor="staff:hanako", moves=moves_between({}, order.held))
    orders.commit(Commit(None, order, entry, (move,)))
    return order


def cancel(orders, number):
    order = orders.get(number)
    orders.commit(next_version(order, order.with_header(handling_status="cancelled"), "amend_order", a_context()))


def reopen(orders, number):
    order = orders.get(number)
    orders.commit(next_version(order, order.with_header(handling_status="new"), "amend_order", a_context()))


def short(orders, number):
    return orders.get(number).stock_short


def test_an_order_takes_its_stock_once_however_often_it_is_delivered(orders, stock, moves, keep):
    set_levels(stock, SOY=10, RICE=5)
    place(orders, "100001", SOY=3, RICE=5, SALT=1)

    done = keep("100001")

    assert (done.state, done.short) == (StockMoveState.DONE, ())
    assert keep("100001") is None
    assert (level_of(stock, "SOY"), level_of(stock, "RICE")) == (7, 0)
    assert stock.load(["SALT"]) == {}
    assert moves.stock_moves("100001", 1)[0] == done


def test_a_move_that_was_cut_off_before_its_record_moves_nothing_again(orders, stock, moves, keep):
    set_levels(stock, SOY=10)
    place(orders, "100001", SOY=3)
    move = moves.stock_moves("100001", 1)[0]
    cause = Movement("100001#00000001", MovementKind.ORDER, NOW, "staff:hanako", "100001", 1)
    adjust_stock([Adjustment("SOY", -3)], cause, stock)

    assert adjust_stock([Adjustment("SOY", -3)], cause, stock)["SOY"].result is AdjustResult.MOVED_BEFORE
    assert keep("100001").state is StockMoveState.DONE
    assert level_of(stock, "SOY") == 7
    assert move.state is StockMoveState.PENDING


def test_a_move_that_nobody_asked_for_is_refused(keep):
    with pytest.raises(StockMoveNotFoundError):
        keep("999999")


def test_many_skus_take_few_requests_and_all_move(orders, stock, keep, dynamodb):
    skus = {f"SKU-{n:03}": 2 for n in range(250)}
    set_levels(stock, **dict.fromkeys(skus, 5))
    place(orders, "100001", **skus)

    with count_requests(dynamodb) as requests:
        keep("100001")

    assert dict(requests) == {"Query": 1, "BatchGetItem": 3, "TransactWriteItems": 5, "PutItem": 1}
    assert {level.level for level in stock.load(skus).values()} == {3}


def test_a_usual_order_takes_four_requests(orders, stock, keep, dynamodb):
    set_levels(stock, SOY=10, RICE=5)
    place(orders, "100001", SOY=3, RICE=5)

    with count_requests(dynamodb) as requests:
        keep("100001")

    assert dict(requests) == {"Query": 1, "BatchGetItem": 1, "TransactWriteItems": 1, "PutItem": 1}


def test_nobody_who_moves_a_sku_at_the_same_time_is_lost(orders, stock, keep):
    set_levels(stock, SOY=100)
    numbers = [str(100_001 + n) for n in range(12)]
    for number in numbers:
        place(orders, number, SOY=2, RICE=1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, [*numbers, *numbers]))

    assert level_of(stock, "SOY") == 100 - 24
    entries = stock.ledger("SOY", None, 100).entries
    assert sorted(entry.order_number for entry in entries if entry.order_number) == numbers
    assert sorted(entry.after for entry in entries) == list(range(76, 101, 2))


def test_the_ledger_is_paged_newest_first(orders, stock, keep):
    set_levels(stock, SOY=10)
    for n in range(3):
        place(orders, str(100_001 + n), SOY=1)
        keep(str(100_001 + n))

    first = stock.ledger("SOY", None, 3)
    second = stock.ledger("SOY", first.next, 3)

    assert [(entry.before, entry.after) for entry in first.entries] == [(8, 7), (9, 8), (10, 9)]
    assert [(entry.before, entry.after) for entry in second.entries] == [(None, 10)]
    assert stock.ledger("NONE", None, 3) == ((), None)


def test_skus_are_listed_by_sku_by_beginning_and_by_shortage(orders, stock, keep, dynamodb):
    set_levels(stock, **{"A-1": 1, "A-2": None, "B": 0, "あ": 3})
    place(orders, "100001", **{"A-1": 2})
    keep("100001")

    with count_requests(dynamodb) as requests:
        first = stock.page("", None, 2, short=False)
    second = stock.page("", first.next, 2, short=False)

    assert [level.sku for level in (*first.levels, *second.levels)] == ["A-1", "A-2", "B", "あ"]
    assert [level.level for level in first.levels] == [-1, None]
    assert dict(requests) == {"Query": 1, "BatchGetItem": 1}
    assert [level.sku for level in stock.page("A-", None, 9, short=False).levels] == ["A-1", "A-2"]
    assert [level.sku for level in stock.page("", None, 9, short=True).levels] == ["A-1"]
    assert stock.page("A-2", None, 9, short=True).levels == ()
    set_levels(stock, **{"A-1": 4})
    assert stock.page("", None, 9, short=True).levels == ()


def test_orders_wait_from_the_latest_and_what_arrives_serves_the_oldest(orders, stock, keep):
    set_levels(stock, SOY=4)
    for number, quantity in (("100001", 4), ("100002", 3), ("100003", 5)):
        place(orders, number, SOY=quantity)
        keep(number)
    assert [short(orders, number) for number in ("100001", "100002", "100003")] == [(), ("SOY",), ("SOY",)]

    adjust_stock([Adjustment("SOY", 3)], movement("ARRIVAL"), stock)
    settle_shortage("SOY", stock)
    assert [short(orders, number) for number in ("100002", "100003")] == [(), ("SOY",)]

    adjust_stock([Adjustment("SOY", 5)], movement("ARRIVAL 2"), stock)
    settle_shortage("SOY", stock)
    assert short(orders, "100003") == ()
    assert level_of(stock, "SOY") == 0
    assert not stock.load(["SOY"])["SOY"].waiting


def test_a_cancelled_order_waits_no_longer_and_serves_others(orders, stock, keep):
    set_levels(stock, SOY=0, RICE=0)
    place(orders, "100001", SOY=2, RICE=1)
    place(orders, "100002", SOY=1)
    keep("100001")
    assert keep("100002").short == ("SOY",)

    cancel(orders, "100001")
    keep("100001", 2)

    assert short(orders, "100001") == ()
    assert short(orders, "100002") == ("SOY",)
    cancel(orders, "100002")
    keep("100002", 2)
    assert (level_of(stock, "SOY"), level_of(stock, "RICE")) == (0, 0)
    assert stock.find_shortage("SOY") is None


def test_an_order_s_moves_are_done_in_their_order_whichever_comes_first(orders, stock, moves, keep):
    set_levels(stock, SOY=0)
    place(orders, "100001", SOY=2)
    keep("100001")
    place(orders, "100002", SOY=4)
    cancel(orders, "100002")

    keep("100002", 2)

    assert [entry.after for entry in stock.ledger("SOY", None, 3).entries] == [-2, -6, -2]
    assert [move.state for move in moves.stock_moves("100002", 2)] == [StockMoveState.DONE] * 2
    assert keep("100002") is None
    assert (short(orders, "100001"), short(orders, "100002")) == (("SOY",), ())


def test_a_change_that_is_known_but_not_yet_delivered_lets_nobody_go(orders, stock, keep):
    set_levels(stock, SOY=2)
    place(orders, "100001", SOY=4)
    keep("100001")
    place(orders, "100002", SOY=9)

    cancel(orders, "100001")
    settle_shortage("SOY", stock)

    assert short(orders, "100001") == ("SOY",)
    keep("100001", 2)
    assert short(orders, "100001") == ()


def test_what_is_given_back_and_taken_again_counts_once(orders, stock, keep):
    set_levels(stock, SOY=5)
    place(orders, "100001", SOY=5)
    keep("100001")
    for number in ("100002", "100003"):
        place(orders, number, SOY=3)
        keep(number)
    assert short(orders, "100001") == ()

    cancel(orders, "100001")
    keep("100001", 2)
    assert (level_of(stock, "SOY"), short(orders, "100002"), short(orders, "100003")) == (-1, (), ("SOY",))
    reopen(orders, "100001")
    keep("100001", 3)

    assert level_of(stock, "SOY") == -6
    assert (short(orders, "100001"), short(orders, "100002"), short(orders, "100003")) == (("SOY",), (), ("SOY",))


def test_a_worker_that_died_before_it_let_anybody_go_leaves_a_list_that_is_right(orders, stock, keep):
    set_levels(stock, SOY=0)
    place(orders, "100009", SOY=4)
    keep("100009")
    adjust_stock([Adjustment("SOY", 4)], movement("ARRIVAL"), stock)
    cancel(orders, "100009")
    cause = Movement("100009#00000002", MovementKind.ORDER, NOW, "staff:hanako", "100009", 2)
    adjust_stock([Adjustment("SOY", 4)], cause, stock)

    place(orders, "100002", SOY=6)
    keep("100002")

    assert level_of(stock, "SOY") == -2
    assert (short(orders, "100002"), short(orders, "100009")) == (("SOY",), ())


def test_a_mark_does_not_stand_in_the_way_of_an_edit(orders, stock, keep):
    set_levels(stock, SOY=0)
    before = place(orders, "100001", SOY=2)
    keep("100001")

    orders.commit(next_version(before, before.with_header(staff_memo="急ぎ"), "amend_order", a_context()))

    order = orders.get("100001")
    assert (order.version, order.header.staff_memo, order.stock_short) == (2, "急ぎ", ("SOY",))


def test_marks_come_out_right_when_the_level_moves_while_they_are_made(orders, stock, keep):
    set_levels(stock, SOY=0)
    place(orders, "100001", SOY=2)
    keep("100001")
    outdated = stock.find_shortage("SOY")
    adjust_stock([Adjustment("SOY", 2)], movement("ARRIVAL"), stock)

    assert not stock.settle(outdated, set())
    assert short(orders, "100001") == ("SOY",)
    settle_shortage("SOY", stock)

    assert short(orders, "100001") == ()


def test_more_orders_than_a_transaction_holds_are_let_go(orders, stock, keep):
    set_levels(stock, SOY=0)
    for n in range(60):
        place(orders, str(100_001 + n), SOY=1)
        keep(str(100_001 + n))
    assert all(short(orders, str(100_001 + n)) for n in range(60))

    set_levels(stock, SOY=None)
    settle_shortage("SOY", stock)

    assert not any(short(orders, str(100_001 + n)) for n in range(60))
    assert stock.find_shortage("SOY") is None


def test_an_import_s_key_stands_for_one_file(stock):
    assert stock.claim_import("key", "payload")
    assert stock.claim_import("key", "payload")
    assert not stock.claim_import("key", "another")
