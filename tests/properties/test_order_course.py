"""Whatever happens to an order, in whatever order: sums agree, the history tells all of it, no mail goes twice.

Stock has its own machine in tests/store, on a real engine.
"""

from collections import Counter
from functools import partial

from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shukka.domain.allocation import quantities_of, shipped_quantities
from shukka.domain.errors import OrderNotFoundError, RuleError, VersionConflictError
from shukka.domain.history import changes_between
from shukka.domain.mailing import address_mail
from shukka.domain.outbox import Mail, MailState
from shukka.domain.shipment import ShipmentId, ShippingStatus
from shukka.mail.compose import compose
from shukka.usecases.allocate_shipments import AllocationWish, ShipmentPlan, allocate_shipments
from shukka.usecases.amend_order import OrderAmendment, amend_order
from shukka.usecases.amend_shipment import ShipmentAmendment, amend_shipment
from shukka.usecases.apply_shipments import Upload, apply_shipments
from shukka.usecases.place_order import OrderWish, place_order
from shukka.usecases.ports import Claim, Placing
from shukka.usecases.replace_lines import LineEdit, LinesReplacement, replace_lines
from shukka.usecases.send_mail import MailBusyError, send_mail
from tests.builders import NOW, a_context, an_order_wish, some_settings
from tests.fakes import FakeFiles, FakeMailSender, FakeSettings
from tests.unit.usecases.test_apply_shipments import a_row

SETTINGS = some_settings()
NUMBER = "100001"
TRACKING = ("444413758703", "390459983082", "512547514334")

statuses = st.sampled_from([status.key for status in SETTINGS.statuses])
shipping = st.sampled_from(ShippingStatus)
tracking = st.lists(st.sampled_from(TRACKING), max_size=2, unique=True).map(tuple)
fees = st.integers(0, 5_000)
line_inputs = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["A", "B", None]),
        "name": st.just("品"),
        "units_per_set": st.integers(1, 3),
        "unit_price": st.integers(0, 3_000),
        "quantity": st.integers(0, 5),
        "tax_category": st.sampled_from(["standard", "reduced", "exempt"]),
    }
)


class OneOrder:
    """The ports of an order's use cases, for one order in memory, with the rules of the store."""

    def __init__(self):
        self.order = self.first = None
        self.history = []
        self.mails = {}
        self.letters = []

    def next_number(self):
        return NUMBER

    def claim(self, placing, at):
        return Claim(placing, "token")

    def get(self, number):
        if number != NUMBER:
            raise OrderNotFoundError(number)
        return self.order

    def load(self, ids, whole=()):
        return {NUMBER: self.order.model_copy(update={"lines": ()})}

    def commit(self, change):
        if isinstance(change, list):
            for one in change:
                lines = self.order.lines if one.after.lines == () else one.after.lines
                self.commit(one._replace(after=one.after.model_copy(update={"lines": lines})))
            return []
        if self.order is None:
            self.first = change.after
        elif change.before.version != self.order.version:
            raise VersionConflictError(NUMBER)
        self.order = change.after
        self.history.append(change.entry)
        for mail in change.follow_ups:
            if isinstance(mail, Mail):
                assert mail.key not in self.mails, "a cause was queued twice"
                self.mails[mail.key] = mail
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
        wish = OrderWish.model_validate(an_order_wish(lines=lines))
        place_order(wish, Placing("shop", "key", "hash"), a_context(), self.world, SETTINGS)

    def attempt(self, use_case, *arguments):
        """A wish may break a rule; then nothing has happened."""
        before = self.world.order
        try:
            use_case(*arguments)
        except RuleError:
            assert self.world.order is before

    @rule(fee=fees, discount=fees, points=fees, status=statuses)
    def amend(self, fee, discount, points, status):
        wish = OrderAmendment(shipping_fee=fee, discount=discount, points_used=points, handling_status=status)
        self.attempt(amend_order, NUMBER, wish, self.world.order.version, a_context(), self.world, SETTINGS)

    @rule(inputs=st.lists(line_inputs, max_size=3), keep=st.lists(st.booleans(), min_size=6, max_size=6))
    def replace(self, inputs, keep):
        kept = [line for line, stays in zip(self.world.order.lines, keep, strict=False) if stays]
        lines = tuple(LineEdit.model_validate(line.model_dump()) for line in kept)
        lines += tuple(LineEdit.model_validate(line) for line in inputs)
        if lines:
            wish = LinesReplacement(lines=lines)
            self.attempt(replace_lines, NUMBER, wish, self.world.order.version, a_context(), self.world)

    @rule(data=st.data(), status=shipping, numbers=tracking, notify=st.booleans())
    def amend_one_shipment(self, data, status, numbers, notify):
        shipment = data.draw(st.sampled_from(self.world.order.shipments))
        wish = ShipmentAmendment(status=status, tracking_numbers=numbers, notify=notify)
        shipment_id = self.world.order.shipment_id(shipment)
        self.attempt(amend_shipment, shipment_id, wish, self.world.order.version, a_context(), self.world, SETTINGS)

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
        wish = AllocationWish(shipments=tuple(plans))
        self.attempt(allocate_shipments, NUMBER, wish, self.world.order.version, a_context(), self.world)

    @rule(data=st.data(), status=shipping, numbers=tracking, upload=st.sampled_from(["one", "two"]))
    def drop_a_file(self, data, status, numbers, upload):
        shipment = data.draw(st.sampled_from(self.world.order.shipments))
        row = a_row(str(ShipmentId(NUMBER, shipment.n)), status=status, tracking_numbers=numbers or None)
        apply_shipments([row, row], Upload(upload, "a.csv"), a_context(), self.world, SETTINGS)

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
        assert totals.goods == sum(line.amount for line in self.world.order.lines)

    @invariant()
    def every_piece_is_in_one_shipment(self):
        order = self.world.order
        held: Counter[int] = Counter()
        for shipment in order.shipments:
            held.update(quantities_of(shipment, order.lines))
        assert +held == +Counter({line.line_id: line.quantity for line in order.lines})
        ordered = {line.line_id: line.quantity for line in order.lines}
        assert all(quantity <= ordered[line] for line, quantity in shipped_quantities(order).items())
        assert {shipment.n: shipment.digest for shipment in order.shipments} == order.header.shipments

    @invariant()
    def the_history_tells_all_of_it(self):
        assert [entry.version for entry in self.world.history] == list(range(1, self.world.order.version + 1))
        told = {}
        for entry in self.world.history:
            for change in entry.changes:
                first = told.get(change.field, (change.before, None))[0]
                told[change.field] = (first, change.after)
        moved = {field: ends for field, ends in told.items() if ends[0] != ends[1]}
        happened = changes_between(self.world.first, self.world.order)
        assert moved == {change.field: (change.before, change.after) for change in happened}

    @invariant()
    def no_mail_went_twice(self):
        sent = [mail for mail in self.world.mails.values() if mail.state is MailState.SENT]
        assert len(self.sender.accepted) == len(sent)


TestCourse = Course.TestCase
TestCourse.settings = limits(max_examples=60, stateful_step_count=30, deadline=None)
