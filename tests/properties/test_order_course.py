"""Whatever happens to an order, in whatever order: sums agree, the history tells all of it, no mail goes twice.

Stock and totals are compared with models in plain arithmetic, which share no code with what they check: `Desk` keeps
the levels as somebody with a pencil would, and `plain_totals` adds up an invoice. Late, doubled and half-done stock
moves have their own machine in tests/store, on a real engine.
"""

from collections import Counter
from fractions import Fraction
from functools import partial

from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shukka.domain.documents.document import document_content
from shukka.domain.errors import OrderNotFoundError, RuleError, VersionConflictError
from shukka.domain.exports.columns import entries_of
from shukka.domain.exports.job import ExportKind
from shukka.domain.mail.addressing import address_mail
from shukka.domain.order.allocation import quantities_of, shipped_quantities
from shukka.domain.order.goods_return import ReturnedGoods
from shukka.domain.order.history import changes_between
from shukka.domain.order.outbox import DocumentKind, Mail, MailState, StockMove
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.text.versions import Versions
from shukka.mail.compose import compose
from shukka.usecases.mail.send import MailBusyError, send_mail
from shukka.usecases.order.amend import OrderAmendment, amend_order
from shukka.usecases.order.change_statuses import StatusChange, change_statuses
from shukka.usecases.order.place import PlaceOrder, place_order
from shukka.usecases.order.replace_lines import LineEdit, LinesReplacement, replace_lines
from shukka.usecases.order.return_goods import ReturnGoods, return_goods
from shukka.usecases.order.void_return import VoidReturn, void_return
from shukka.usecases.ports import Claim, Placing
from shukka.usecases.shipping.allocate import AllocateShipments, ShipmentPlan, allocate_shipments
from shukka.usecases.shipping.amend import ShipmentAmendment, amend_shipment
from shukka.usecases.shipping.apply_rows import RowSource, apply_shipments
from tests.builders import NOW, a_context, an_order_request, some_settings
from tests.fakes import FakeFiles, FakeMailSender, FakeSettings
from tests.unit.shipping.test_apply_rows import a_row

SETTINGS = some_settings()
NUMBER = "100001"
TRACKING = ("444413758703", "390459983082", "512547514334")

statuses = st.sampled_from([status.key for status in SETTINGS.statuses])
# Mostly shipped: much of what can happen to an order happens afterwards.
shipping = st.sampled_from([ShippingStatus.SHIPPED, ShippingStatus.SHIPPED, ShippingStatus.SHIPPED, *ShippingStatus])
tracking = st.lists(st.sampled_from(TRACKING), max_size=2, unique=True).map(tuple)
fees = st.integers(0, 5_000)
goods = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["A", "B", "A", None]),
        "name": st.just("品"),
        "units_per_set": st.integers(1, 3),
        "unit_price": st.integers(0, 3_000),
        "quantity": st.sampled_from([0, *range(1, 6)]),
        "tax_category": st.sampled_from(["standard", "reduced", "exempt"]),
    }
)
money = st.one_of(
    st.fixed_dictionaries(
        {"name": st.just("値引"), "unit_price": st.integers(-300, -1), "quantity": st.integers(0, 2)}
    ),
    st.fixed_dictionaries(
        {
            "name": st.just("手数料"),
            "sku": st.sampled_from(["A", None]),
            "unit_price": st.integers(0, 500),
            "quantity": st.integers(0, 2),
            "kind": st.just("money"),
        }
    ),
)
line_inputs = st.one_of(goods, goods, money)
ENOUGH = {"sku": "A", "name": "品", "unit_price": 3_000, "quantity": 1, "tax_category": "standard"}
RATES = {"standard": 10, "reduced": 8, "exempt": 0}


class Desk:
    """Stock by sku and what is charged by line, kept by hand.

    A level changes by what an act says: by the difference of the ordered quantities, by what a cancellation frees, by
    what a return puts back. An act that leaves stock alone changes nothing. `taken` is what the order took and did not
    give back; no edit gives back more.
    """

    def __init__(self):
        self.levels = Counter()
        self.taken = Counter()
        self.returned = Counter()

    def take(self, wanted):
        for sku, quantity in wanted.items():
            taken = max(quantity, -self.taken[sku])
            self.levels[sku] -= taken
            self.taken[sku] += taken

    def put_back(self, sku, quantity):
        self.levels[sku] += quantity
        self.taken[sku] = max(0, self.taken[sku] - quantity)


def is_money(line):
    return line.kind == "money" or (line.kind != "goods" and line.sku is None and line.unit_price < 0)


def left_by_line(order):
    """What has left, from the shipments themselves: a shipment without allocations holds every line of goods."""
    left = Counter()
    for shipment in order.shipments:
        if shipment.status == "shipped":
            for line in order.lines:
                carried = line.quantity if shipment.allocations is None else shipment.allocations.get(line.line_id, 0)
                left[line.line_id] += 0 if is_money(line) else carried
    return left


def claimed(order):
    """What an order needs of each sku; a cancelled one only what has left."""
    needed = Counter()
    left = left_by_line(order)
    for line in order.lines:
        if line.sku and not is_money(line):
            needed[line.sku] += left[line.line_id] if order.header.handling_status == "cancelled" else line.quantity
    return needed


def plain_totals(order, returned):
    """Goods, and gross by rate: prices are 税抜, tax is cut off once for each rate, discounts are split by rate."""
    totals = order.header.totals
    nets = dict.fromkeys(RATES, 0)
    for line in order.lines:
        charged = line.quantity - returned[line.line_id]
        nets[line.tax_category.value] += line.unit_price * line.units_per_set * charged
    goods = sum(nets.values())
    nets["standard"] += totals.shipping_fee + totals.payment_fee
    off, positive = totals.discount + totals.points_used, {rate: max(net, 0) for rate, net in nets.items()}
    if off:
        exact = {rate: Fraction(off * net, sum(positive.values())) for rate, net in positive.items()}
        share = {rate: int(amount) for rate, amount in exact.items()}
        for rate in sorted(exact, key=lambda rate: share[rate] - exact[rate])[: off - sum(share.values())]:
            share[rate] += 1
        nets = {rate: net - share[rate] for rate, net in nets.items()}
    return goods, sum(net + int(Fraction(net * RATES[rate], 100)) for rate, net in nets.items())


class OneOrder:
    """The ports of an order's use cases, for one order in memory, with the rules of the store."""

    def __init__(self):
        self.order = self.first = None
        self.history = []
        self.mails = {}
        self.levels = Counter()

    def next_number(self):
        return NUMBER

    def find_placed(self, placing, at):
        return None

    def claim(self, placing, at):
        return Claim(placing, "token")

    def get(self, number):
        if number != NUMBER:
            raise OrderNotFoundError(number)
        return self.order

    def load(self, ids, whole=()):
        return {NUMBER: self.order.model_copy(update={"lines": (), "returns": ()})}

    def load_lines(self, numbers):
        return dict.fromkeys(numbers, self.order)

    def commit(self, change):
        if isinstance(change, list):
            for one in change:
                kept = {
                    "lines": one.after.lines or self.order.lines,
                    "returns": one.after.returns or self.order.returns,
                }
                self.commit(one._replace(after=one.after.model_copy(update=kept)))
            return []
        if self.order is None:
            self.first = change.after
        elif change.before.version != self.order.version:
            raise VersionConflictError(NUMBER)
        self.order = change.after
        self.history.append(change.entry)
        for follow_up in change.follow_ups:
            if isinstance(follow_up, Mail):
                assert follow_up.key not in self.mails, "a cause was queued twice"
                self.mails[follow_up.key] = follow_up
            if isinstance(follow_up, StockMove):
                self.levels.update(follow_up.moves)
        return None

    def subject(self, number):
        return self.order

    def find_mail(self, number, key):
        return self.mails.get(key)

    def save_mail(self, number, mail, expected):
        stored = self.mails[mail.key]
        if (stored.state, stored.lease_until) != (expected.state, expected.lease_until):
            return False
        self.mails[mail.key] = mail
        return True


class Course(RuleBasedStateMachine):
    @initialize(lines=st.lists(line_inputs, min_size=1, max_size=4))
    def place(self, lines):
        self.world = OneOrder()
        self.sender = FakeMailSender()
        self.desk = Desk()
        try:
            self.place_lines(lines)
        except RuleError:
            # Discounts alone come to less than nothing, and that is no order.
            self.place_lines([*lines, ENOUGH])
        self.desk.take(claimed(self.world.order))

    def place_lines(self, lines):
        request = PlaceOrder.model_validate(an_order_request(lines=lines))
        place_order(request, Placing("shop", "key", "hash"), a_context(), self.world, SETTINGS)

    def read(self):
        """The version that a request is based on."""
        return Versions(frozenset({self.world.order.version}))

    def attempt(self, use_case, *arguments, move_stock=True):
        """A request may break a rule; then nothing has happened, and the answer is False."""
        before = self.world.order
        try:
            use_case(*arguments)
        except RuleError:
            assert self.world.order is before
            return False
        if move_stock:
            wanted = claimed(self.world.order)
            wanted.subtract(claimed(before))
            self.desk.take(wanted)
        return True

    @rule(fee=fees, discount=fees, points=fees, status=statuses, returns_stock=st.booleans(), moves_stock=st.booleans())
    def amend(self, fee, discount, points, status, returns_stock, moves_stock):
        request = OrderAmendment(
            shipping_fee=fee,
            discount=discount,
            points_used=points,
            handling_status=status,
            return_stock=returns_stock,
            move_stock=moves_stock,
        )
        moves = moves_stock and (returns_stock or status != "cancelled")
        self.attempt(amend_order, NUMBER, request, self.read(), a_context(), self.world, SETTINGS, move_stock=moves)

    @rule(status=statuses, returns_stock=st.booleans())
    def change_status_in_bulk(self, status, returns_stock):
        request = StatusChange(numbers=(NUMBER,), handling_status=status, return_stock=returns_stock)
        moves = returns_stock or status != "cancelled"
        self.attempt(change_statuses, request, a_context(), self.world, SETTINGS, move_stock=moves)

    @rule(
        inputs=st.lists(line_inputs, max_size=3),
        keep=st.lists(st.one_of(st.none(), st.just("as it is"), st.integers(0, 8)), min_size=6, max_size=6),
        moves=st.booleans(),
    )
    def replace(self, inputs, keep, moves):
        """Each line is removed, kept, or ordered in another quantity; others are added."""
        kept = [
            line.model_copy(update={} if quantity == "as it is" else {"quantity": quantity})
            for line, quantity in zip(self.world.order.lines, keep, strict=False)
            if quantity is not None
        ]
        lines = tuple(LineEdit.model_validate(line.model_dump(exclude={"returned"})) for line in kept)
        lines += tuple(LineEdit.model_validate(line) for line in inputs)
        if lines:
            request = LinesReplacement(lines=lines, move_stock=moves)
            self.attempt(replace_lines, NUMBER, request, self.read(), a_context(), self.world, move_stock=moves)

    def returnable(self):
        left = left_by_line(self.world.order) if hasattr(self, "world") else Counter()
        return left - self.desk.returned if left else left

    @precondition(lambda self: self.returnable())
    @rule(data=st.data(), restock=st.booleans(), lowers=st.booleans())
    def return_some(self, data, restock, lowers):
        line_id, left = data.draw(st.sampled_from(sorted(self.returnable().items())))
        goods = ReturnedGoods(line_id=line_id, quantity=data.draw(st.integers(1, left)), restock=restock)
        request = ReturnGoods(lines=(goods,), **({"discount": 0, "points_used": 0} if lowers else {}))
        if self.attempt(return_goods, NUMBER, request, self.read(), a_context(), self.world):
            self.desk.returned[line_id] += goods.quantity
            (line,) = (line for line in self.world.order.lines if line.line_id == line_id)
            if restock and line.sku:
                self.desk.put_back(line.sku, goods.quantity)

    @precondition(lambda self: self.returnable())
    @rule(data=st.data(), restock=st.booleans())
    def return_more_than_left(self, data, restock):
        order = self.world.order
        line = data.draw(st.sampled_from(order.lines))
        goods = ReturnedGoods(line_id=line.line_id, quantity=self.returnable()[line.line_id] + 1, restock=restock)
        request = ReturnGoods(lines=(goods,), discount=0, points_used=0)
        assert not self.attempt(return_goods, NUMBER, request, self.read(), a_context(), self.world)

    @precondition(lambda self: self.returnable())
    @rule()
    def return_everything(self):
        """Fit for sale, at no fees and discounts, so that hardly anything can stand against it."""
        request = ReturnGoods(
            lines=[{"line_id": n, "quantity": left, "restock": True} for n, left in self.returnable().items()],
            shipping_fee=0,
            payment_fee=0,
            discount=0,
            points_used=0,
        )
        lines = {line.line_id: line for line in self.world.order.lines}
        if self.attempt(return_goods, NUMBER, request, self.read(), a_context(), self.world):
            for entry in request.lines:
                self.desk.returned[entry.line_id] += entry.quantity
                if sku := lines[entry.line_id].sku:
                    self.desk.put_back(sku, entry.quantity)

    @precondition(lambda self: hasattr(self, "world") and self.world.order.returns)
    @rule(data=st.data())
    def void_a_return(self, data):
        standing = [record for record in self.world.order.returns if record.voided_at is None]
        record = data.draw(st.sampled_from(standing or self.world.order.returns))
        if self.attempt(void_return, NUMBER, record.n, VoidReturn(), self.read(), a_context(), self.world):
            assert record.voided_at is None
            for line in record.lines:
                self.desk.returned[line.line_id] -= line.quantity
                if line.restock and line.sku:
                    self.desk.levels[line.sku] -= line.quantity
                    self.desk.taken[line.sku] += line.quantity

    @rule(data=st.data(), status=shipping, numbers=tracking, notify=st.booleans())
    def amend_one_shipment(self, data, status, numbers, notify):
        shipment = data.draw(st.sampled_from(self.world.order.shipments))
        request = ShipmentAmendment(status=status, tracking_numbers=numbers, notify=notify)
        shipment_id = self.world.order.shipment_id(shipment)
        self.attempt(amend_shipment, shipment_id, request, self.read(), a_context(), self.world, SETTINGS)

    def plan(self, shipment, lines):
        return ShipmentPlan(shipment_id=self.world.order.shipment_id(shipment), lines=lines)

    @rule(data=st.data())
    def split(self, data):
        here = [one for one in self.world.order.shipments if one.status is not ShippingStatus.SHIPPED]
        if not here:
            return
        held = dict(quantities_of(here[0], self.world.order.lines))
        away = {line: data.draw(st.integers(0, quantity)) for line, quantity in held.items()}
        stays = {line: quantity - away[line] for line, quantity in held.items()}
        plans = [self.plan(here[0], stays), ShipmentPlan(lines=away)]
        plans += [self.plan(one, dict(quantities_of(one, self.world.order.lines))) for one in here[1:]]
        request = AllocateShipments(shipments=tuple(plans))
        self.attempt(allocate_shipments, NUMBER, request, self.read(), a_context(), self.world)

    @rule(
        data=st.data(),
        status=shipping,
        numbers=tracking,
        upload=st.sampled_from(["one", "two"]),
        handling_status=st.sampled_from([None, None, "processing", "cancelled"]),
    )
    def drop_a_file(self, data, status, numbers, upload, handling_status):
        shipment = data.draw(st.sampled_from(self.world.order.shipments))
        cells = {"status": status, "tracking_numbers": numbers or None, "handling_status": handling_status}
        row = a_row(str(ShipmentId(NUMBER, shipment.n)), **cells)
        self.attempt(apply_shipments, [row, row], RowSource(upload, "a.csv"), a_context(), self.world, SETTINGS)

    @rule(data=st.data())
    def deliver_a_mail(self, data):
        """Any mail of the outbox, also one that was delivered before."""
        if not self.world.mails:
            return
        key = data.draw(st.sampled_from(sorted(self.world.mails)))
        send = partial(
            send_mail,
            records=self.world,
            settings=FakeSettings(SETTINGS),
            address=address_mail,
            compose=partial(compose, find_template=lambda _: None),
            files=FakeFiles(),
            sender=self.sender,
            clock=lambda: NOW,
        )
        try:
            send(NUMBER, key)
        except MailBusyError as busy:
            raise AssertionError from busy

    @invariant()
    def sums_agree(self):
        totals = self.world.order.header.totals
        assert totals.total == sum(rate.gross for rate in totals.rates) == totals.net + totals.tax
        assert (totals.goods, totals.total) == plain_totals(self.world.order, self.desk.returned)
        content = document_content(self.world.order, SETTINGS, DocumentKind.INVOICE)
        assert sum(line.unit_price * line.units_per_set * line.quantity for line in content.lines) == totals.goods
        entries = entries_of(ExportKind.ORDER_LINES, self.world.order, SETTINGS)
        rows = [(entry.line, entry.quantity, entry.returned) for entry in entries]
        assert sum(line.unit_price * line.units_per_set * (n - back) for line, n, back in rows) == totals.goods

    @invariant()
    def stock_is_what_the_desk_wrote_down(self):
        assert +self.world.levels == +self.desk.levels
        assert -self.world.levels == -self.desk.levels
        assert self.world.order.held == +self.desk.taken

    @invariant()
    def returns_are_on_record_and_never_exceed_what_left(self):
        recorded = Counter()
        for record in self.world.order.returns:
            for line in record.lines:
                recorded[line.line_id] += 0 if record.voided_at else line.quantity
        assert +recorded == +self.desk.returned
        assert {line.line_id: line.returned for line in self.world.order.lines if line.returned} == +recorded
        assert self.world.order.header.returned == recorded.total()
        assert all(quantity <= left_by_line(self.world.order)[line] for line, quantity in recorded.items())

    @invariant()
    def every_piece_is_in_one_shipment(self):
        order = self.world.order
        held: Counter[int] = Counter()
        for shipment in order.shipments:
            held.update(quantities_of(shipment, order.lines))
        assert +held == +Counter({line.line_id: line.quantity for line in order.lines if not is_money(line)})
        money = {line.line_id for line in order.lines if is_money(line)}
        assert all(money.isdisjoint(shipment.allocations or ()) for shipment in order.shipments)
        if any(shipment.allocations is None for shipment in order.shipments):
            assert len(order.shipments) == 1
        ordered = {line.line_id: line.quantity for line in order.lines}
        assert all(quantity <= ordered[line] for line, quantity in shipped_quantities(order).items())
        assert {shipment.n: shipment.digest for shipment in order.shipments} == order.header.shipments

    @invariant()
    def the_history_tells_all_of_it(self):
        assert [entry.version for entry in self.world.history] == list(range(1, self.world.order.version + 1))
        shown = {}
        for entry in self.world.history:
            for change in entry.changes:
                first = shown.get(change.field, (change.before, None))[0]
                shown[change.field] = (first, change.after)
        moved = {field: ends for field, ends in shown.items() if ends[0] != ends[1]}
        happened = changes_between(self.world.first, self.world.order)
        assert moved == {change.field: (change.before, change.after) for change in happened}

    @invariant()
    def no_mail_went_twice(self):
        sent = [mail for mail in self.world.mails.values() if mail.state is MailState.SENT]
        assert len(self.sender.accepted) == len(sent)


TestCourse = Course.TestCase
TestCourse.settings = limits(max_examples=60, stateful_step_count=30, deadline=None)
