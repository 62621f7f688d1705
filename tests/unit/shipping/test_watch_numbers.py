"""Which orders share a tracking number, whatever comes in what order and however often."""

from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.shipping.shipment import ShipmentId
from shukka.usecases.shipping.watch_numbers import NumberChange, other_owners, watch_numbers
from tests.builders import NOW
from tests.fakes import FakeNumberOwners


def changed(shipment_id: str, gained: str = "", lost: str = "") -> NumberChange:
    shipment = ShipmentId.parse(shipment_id)
    assert shipment
    return NumberChange(shipment, frozenset(gained.split()), frozenset(lost.split()))


def test_two_orders_with_the_same_number_are_both_marked():
    owners = FakeNumberOwners()

    assert watch_numbers([changed("100001-1", "4444 5555")], owners, NOW) == set()
    assert watch_numbers([changed("100002-1", "4444")], owners, NOW) == {"4444"}

    assert owners.marks == {"100001": {"4444"}, "100002": {"4444"}}


def test_two_shipments_of_one_order_may_share_a_parcel():
    owners = FakeNumberOwners()

    assert watch_numbers([changed("100001-1", "4444"), changed("100001-2", "4444")], owners, NOW) == set()

    assert owners.marks == {}


def test_a_corrected_number_takes_the_marks_away():
    owners = FakeNumberOwners()
    watch_numbers([changed("100001-1", "4444"), changed("100002-1", "4444")], owners, NOW)

    assert watch_numbers([changed("100002-1", "4455", lost="4444")], owners, NOW) == set()

    assert owners.marks == {"100001": set(), "100002": set()}


def test_of_three_orders_the_two_that_are_left_stay_marked():
    owners = FakeNumberOwners()
    watch_numbers([changed(f"10000{n}-1", "4444") for n in (1, 2, 3)], owners, NOW)

    watch_numbers([changed("100003-1", lost="4444")], owners, NOW)

    assert owners.marks == {"100001": {"4444"}, "100002": {"4444"}, "100003": set()}


def test_an_order_that_comes_in_between_is_seen():
    owners = FakeNumberOwners()
    watch_numbers([changed("100001-1", "4444")], owners, NOW)
    owners.before_marking = [lambda: owners.add({"4444": frozenset({ShipmentId("100009", 1)})}, NOW)]

    watch_numbers([changed("100002-1", "4444")], owners, NOW)

    assert owners.marks == {"100001": {"4444"}, "100002": {"4444"}, "100009": {"4444"}}


def test_others_with_a_number_are_named_and_one_s_own_are_not():
    owners = FakeNumberOwners()
    watch_numbers([changed("100001-1", "4444"), changed("100002-2", "4444"), changed("100001-2", "5555")], owners, NOW)

    assert other_owners({"4444", "5555", "6666"}, "100001", owners) == {"4444": [ShipmentId("100002", 2)]}
    assert other_owners(set(), "100001", None) == {}, "nothing to ask, nothing asked"


ids = st.sampled_from([ShipmentId(number, n) for number in ("100001", "100002", "100003") for n in (1, 2)])
some_numbers = st.frozensets(st.sampled_from(["4444", "5555", "6666"]))


@given(st.lists(st.lists(st.tuples(ids, some_numbers), max_size=4), max_size=8), st.data())
def test_marks_are_those_of_a_plain_model(batches, data):
    """Each batch may come twice, as Lambda gives it again when it failed."""
    owners, held = FakeNumberOwners(), dict[ShipmentId, frozenset[str]]()
    for batch in batches:
        changes = []
        for shipment, numbers in batch:
            before = held.get(shipment, frozenset())
            held[shipment] = numbers
            changes.append(NumberChange(shipment, numbers - before, before - numbers))
        for _ in range(data.draw(st.integers(1, 2))):
            watch_numbers(changes, owners, NOW)

    orders = {
        number: {shipment.order_number for shipment, numbers in held.items() if number in numbers}
        for number in ("4444", "5555", "6666")
    }
    expected = {
        order: {number for number, holders in orders.items() if order in holders and len(holders) > 1}
        for order in ("100001", "100002", "100003")
    }
    assert {order: owners.marks.get(order, set()) for order in expected} == expected
