"""Whatever is done to orders, and however often, late or half their stock moves arrive: stock adds up."""

from collections import Counter
from contextlib import suppress
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule, run_state_machine_as_test

from shukka.domain.errors import RuleError
from shukka.domain.order.goods_return import ReturnedGoods
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.outbox import StockMove
from shukka.domain.order.returns import with_return
from shukka.domain.stock.stock import Adjustment, Movement, MovementKind, moves_between, quantities
from shukka.store.orders import OrderStore
from shukka.store.stock import StockMoveStore, StockStore
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit
from shukka.usecases.stock.adjust import adjust_stock
from shukka.usecases.stock.move import move_stock
from shukka.usecases.stock.settle_shortage import settle_shortage
from tests.builders import NOW, a_context, a_line, a_shipment, an_order

KINDS = ("A", "B", "C")
quantity = st.integers(0, 6)
wanted = st.fixed_dictionaries(dict.fromkeys(KINDS, quantity))


class WorkerDiedError(Exception):
    pass


class DyingMoves(StockMoveStore):
    """The worker dies after the stock has moved, before it can say so."""

    def save_stock_move(self, number, move):
        raise WorkerDiedError


def left_the_house(order):
    return order.header.shipping_status == "shipped"


def machine(dynamodb, tables):
    orders = OrderStore(dynamodb, tables.orders, tables.settings)
    stock = StockStore(dynamodb, tables.stock, tables.orders)
    moves = StockMoveStore(dynamodb, tables.orders)
    dying = DyingMoves(dynamodb, tables.orders)
    runs = count(1)

    class Shop(RuleBasedStateMachine):
        placed = Bundle("placed")
        delivered = Bundle("delivered")

        def __init__(self):
            super().__init__()
            run = next(runs)
            self.skus = {kind: f"{kind}-{run}" for kind in KINDS}
            self.numbers = (str(n) for n in count(run * 1_000))
            self.all_numbers = []
            self.messages = []
            self.given = Counter()
            self.left_alone = set()
            self.returned = set()

        @initialize(levels=st.fixed_dictionaries(dict.fromkeys(KINDS, st.integers(0, 12))))
        def set_levels(self, levels):
            self.given.update(levels)
            requests = [Adjustment(self.skus[kind], level, adds=False) for kind, level in levels.items()]
            adjust_stock(requests, Movement("SET#1", MovementKind.SET, NOW, "staff:hanako"), stock)

        @rule(target=placed, wanted=wanted)
        def place(self, wanted):
            number = next(self.numbers)
            order = an_order(number, lines=self.lines(wanted))
            order = order.model_copy(update={"held": quantities(order.lines)})
            entry = HistoryEntry(version=1, at=NOW, actor="staff:a", action="place_order", request_id="r")
            move = StockMove(version=1, created_at=NOW, actor="staff:a", moves=moves_between({}, order.held))
            self.commit(Commit(None, order, entry, (move,) if move.moves else ()))
            self.all_numbers.append(number)
            return number

        @rule(number=placed, wanted=wanted, price=st.integers(1, 3), move=st.booleans())
        def edit_lines(self, number, wanted, price, move):
            before = orders.get(number)
            if not left_the_house(before):
                self.change(before, before.with_lines(self.lines(wanted, price)), move=move)

        @rule(number=placed, status=st.sampled_from(["new", "completed", "cancelled"]), move=st.booleans())
        def set_status(self, number, status, move):
            before = orders.get(number)
            self.change(before, before.with_header(handling_status=status), move=move)

        @rule(number=placed)
        def ship(self, number):
            before = orders.get(number)
            if number not in self.returned:
                self.change(before, before.with_shipment(a_shipment(status="shipped")), move=True)

        @rule(number=placed, kind=st.sampled_from(KINDS), wanted=st.integers(1, 3), restock=st.booleans())
        def return_goods(self, number, kind, wanted, restock):
            before = orders.get(number)
            goods = ReturnedGoods(line_id=KINDS.index(kind) + 1, quantity=wanted, restock=restock)
            with suppress(RuleError):
                after = with_return(before, [goods], a_context())
                restocked = after.returns[-1].restocked
                self.returned.add(number)
                # The order may have taken less than was carried: what comes on the shelf is there all the same.
                for sku, quantity in restocked.items():
                    self.given[kind] += max(0, quantity - before.held.get(sku, 0))
                self.commit(next_version(before, after, "return_goods", a_context(), restocked=restocked))

        @rule(kind=st.sampled_from(KINDS), arrived=st.integers(1, 5))
        def receive_goods(self, kind, arrived):
            self.given[kind] += arrived
            key = f"ARRIVAL#{self.given.total()}#{kind}"
            request = Adjustment(self.skus[kind], arrived)
            adjust_stock([request], Movement(key, MovementKind.IMPORT, NOW, "staff:a"), stock)
            settle_shortage(self.skus[kind], stock)

        @rule(target=delivered, data=st.data(), dies=st.booleans())
        def deliver(self, data, dies):
            """Any message that waits, in any order."""
            if not self.messages:
                return None
            message = self.messages.pop(data.draw(st.integers(0, len(self.messages) - 1)))
            if dies:
                self.messages.append(message)
            self.keep(message, dying if dies else moves)
            return message

        @rule(message=consumes(delivered))
        def deliver_again(self, message):
            if message:
                self.keep(message, moves)

        def teardown(self):
            for message in list(self.messages):
                self.keep(message, moves)
                self.keep(message, moves)
            self.check()

        def check(self):
            held = Counter()
            lacking = Counter()
            for number in self.all_numbers:
                order = orders.get(number)
                held.update(order.held)
                lacking.update({sku: order.held.get(sku, 0) for sku in order.stock_short})
                assert all(order.held.get(sku) for sku in order.stock_short)
                if number not in self.left_alone | self.returned:
                    given_back = order.header.handling_status == "cancelled" and not left_the_house(order)
                    assert order.held == ({} if given_back else quantities(order.lines))
            levels = stock.load(self.skus.values())
            for kind, sku in self.skus.items():
                if sku not in levels:
                    continue
                assert levels[sku].level == self.given[kind] - held[sku]
                assert lacking[sku] >= -levels[sku].level
                assert (sku in lacking) == levels[sku].is_short
                entries = stock.ledger(sku, None, 1_000).entries
                keys = [(entry.order_number, entry.order_version) for entry in entries if entry.order_number]
                assert len(keys) == len(set(keys))
                assert sum((entry.after or 0) - (entry.before or 0) for entry in entries) == levels[sku].level

        def lines(self, wanted, price=1):
            lines = [
                a_line(n, sku=self.skus[kind], quantity=wanted[kind], unit_price=price)
                for n, kind in enumerate(KINDS, start=1)
            ]
            return (*lines, a_line(9, sku=None, name="特別値引", unit_price=0, quantity=1))

        def change(self, before, request, *, move):
            if not move:
                self.left_alone.add(before.number)
            change = next_version(before, request, "amend_order", a_context(), move_stock=move)
            if change:
                self.commit(change)

        def commit(self, change):
            orders.commit(change)
            self.messages += [
                (change.after.number, follow_up.version)
                for follow_up in change.follow_ups
                if isinstance(follow_up, StockMove)
            ]

        @staticmethod
        def keep(message, moves):
            with suppress(WorkerDiedError):
                move_stock(*message, moves, stock, stock, lambda: NOW)

    return Shop


def test_stock_is_what_it_was_less_what_orders_hold(dynamodb, tables):
    run_state_machine_as_test(
        machine(dynamodb, tables),
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
