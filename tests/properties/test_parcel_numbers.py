"""However parcels are spread over files and rows, each shipment ends with the numbers that its last file lists.

And what the report says of each row is so, also where the import was cut off and its rows were taken up again.
"""

from datetime import timedelta

from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from shukka.domain.shipping.shipment import ShipmentId
from shukka.usecases.shipping.apply_rows import Outcome, RowSource, apply_shipments
from tests.builders import NOW, a_context, a_shipment, an_order, some_settings
from tests.unit.shipment_import.files import a_number
from tests.unit.shipping.test_apply_rows import Orders, a_row

SETTINGS = some_settings()
SHIPMENTS = [ShipmentId(number, n) for number in ("100001", "100002") for n in (1, 2)]
PARCELS = st.tuples(st.sampled_from(SHIPMENTS), st.sampled_from([a_number(n) for n in range(4)]))
FILES = st.lists(st.lists(PARCELS, min_size=1, max_size=8), min_size=1, max_size=4)


class File:
    """A file as its importer goes through it: in groups, and back to the last checkpoint where a run is cut off."""

    def __init__(self, parcels, n):
        self.parcels = parcels
        self.rows = [a_row(str(shipment), tracking_numbers=(number,)) for shipment, number in parcels]
        is_listed = lambda shipment, number: (shipment, number) in set(parcels)  # noqa: E731
        self.upload = RowSource(f"2026112603000{n}-0123456789ab", f"{n}.csv", is_listed=is_listed)
        self.context = a_context(at=NOW + timedelta(minutes=n))

    def apply(self, orders, start, end):
        return apply_shipments(self.rows[start:end], self.upload, self.context, orders, SETTINGS)


def two_orders():
    return Orders(*(an_order(number, shipments=(a_shipment(1), a_shipment(2))) for number in ("100001", "100002")))


def stored(orders, shipment):
    return set(orders.shipment(*shipment).tracking_numbers)


@limits(max_examples=300, deadline=None)
@given(files=FILES, data=st.data())
def test_the_last_file_that_names_a_shipment_settles_its_numbers(files, data):
    orders = two_orders()
    for n, parcels in enumerate(files):
        file = File(parcels, n)
        # What the file does, by a plain model: a set of numbers for each shipment.
        model = {shipment: stored(orders, shipment) for shipment in SHIPMENTS}
        listed = {shipment: {number for one, number in parcels if one == shipment} for shipment in SHIPMENTS}
        done = 0
        first_outcomes = []
        while done < len(parcels):
            end = data.draw(st.integers(done + 1, len(parcels)), label="group ends")
            first_outcomes += [result.outcome for result in file.apply(orders, done, end)]
            done = end
            if data.draw(st.booleans(), label="cut off"):
                back = data.draw(st.integers(0, done), label="checkpoint")
                again = [result.outcome for result in file.apply(orders, back, done)]
                assert again == first_outcomes[back:]
        for (shipment, number), outcome in zip(parcels, first_outcomes, strict=True):
            after = (model[shipment] & listed[shipment]) | {number}
            assert outcome is (Outcome.APPLIED if after != model[shipment] else Outcome.UNCHANGED)
            model[shipment] = after
        for shipment in SHIPMENTS:
            assert stored(orders, shipment) == model[shipment]
            if listed[shipment]:
                assert stored(orders, shipment) == listed[shipment]


@limits(max_examples=200, deadline=None)
@given(files=FILES, data=st.data())
def test_the_same_file_twice_changes_nothing(files, data):
    orders = two_orders()
    for n, parcels in enumerate([*files, data.draw(st.permutations(files[-1]))]):
        before = dict(orders.stored)
        file = File(parcels, n)
        outcomes = {result.outcome for row in range(len(parcels)) for result in file.apply(orders, row, row + 1)}

    assert orders.stored == before
    assert outcomes == {Outcome.UNCHANGED}


@limits(max_examples=200, deadline=None)
@given(first=st.lists(PARCELS, min_size=1, max_size=6), second=st.lists(PARCELS, min_size=1, max_size=6))
def test_two_files_in_either_order_end_as_the_newer_one_says(first, second):
    """A file that only confirms leaves no trace; so both say something new of the shipments that they share."""
    new = [(shipment, a_number(10 + int(number[-3:-1]))) for shipment, number in second]
    older, newer = File(first, 0), File(new, 1)
    ends = []
    for order in ([older, newer], [newer, older]):
        orders = two_orders()
        for file in order:
            results = file.apply(orders, 0, len(file.rows))
        ends.append({shipment: stored(orders, shipment) for shipment in SHIPMENTS})
    passed_over = [result.outcome is Outcome.PASSED_OVER for result in results]

    assert ends[0] == ends[1]
    assert passed_over == [shipment in dict(new) for shipment, _ in first]
