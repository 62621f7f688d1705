"""Rows of carriers' files onto shipments."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import count

import pytest

from shukka.domain.imports.row import Clear, ShipmentRow
from shukka.domain.order.goods_return import ReturnedGoods
from shukka.domain.order.history import Context
from shukka.domain.order.order import CANCELLED, Order
from shukka.domain.order.returns import with_return
from shukka.domain.settings import BUILT_IN_STATUSES, AutomaticMails, HandlingStatus
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit
from shukka.usecases.shipping.apply_rows import Outcome, RowResult, RowSource, apply_shipments
from tests.builders import NOW, a_context, a_line, a_member, a_shipment, an_order, some_settings

APPLIED, UNCHANGED = RowResult(Outcome.APPLIED), RowResult(Outcome.UNCHANGED)
FIRST, SECOND = RowSource("import-1", "yamato.csv"), RowSource("import-2", "yamato2.csv")
NUMBER, OTHER, THIRD = "444413758703", "390459983082", "512547514334"
LOST_ZERO, DOUBTFUL = "12345678903", "444413758704"
TODAY = date(2026, 11, 26)


LINES = count(2)


def a_row(shipment: str = "100001-1", **cells: object) -> ShipmentRow:
    """A row further down in the file than all before."""
    parsed = ShipmentId.parse(shipment)
    assert parsed
    row = ShipmentRow(next(LINES), parsed, *[None] * 11, status_follows_from_date=False, warnings=())
    return row._replace(**cells)


def a_shipped_row(shipment: str = "100001-1", number: str = NUMBER, **cells: object) -> ShipmentRow:
    cells = {"tracking_numbers": (number,), "status": ShippingStatus.SHIPPED, **cells}
    return a_row(shipment, **cells)


class Orders:
    """Orders in memory, with the store's rule: a change needs the version that it was based on."""

    def __init__(self, *orders: Order) -> None:
        self.stored = {order.number: order for order in orders}
        self.history: list[Commit] = []
        self.intruder: Commit | None = None

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> dict[str, Order]:
        known = {number: self.stored[number] for number, _ in ids if number in self.stored}
        return {n: order.model_copy(update={"lines": (), "returns": ()}) for n, order in known.items()}

    def load_lines(self, numbers: Iterable[str]) -> dict[str, Order]:
        return {number: self.stored[number] for number in numbers}

    def commit(self, changes: Sequence[Commit]) -> list[Commit]:
        if self.intruder:
            intruder, self.intruder = self.intruder, None
            self.commit([intruder])
        lost = []
        for change in changes:
            assert change.before
            if self.stored[change.after.number].version != change.before.version:
                lost.append(change)
                continue
            lines = change.after.lines or self.stored[change.after.number].lines
            self.stored[change.after.number] = change.after.model_copy(update={"lines": lines})
            self.history.append(change)
        return lost

    def shipment(self, number: str = "100001", n: int = 1):
        return self.stored[number].shipment(n)

    @property
    def mails(self) -> list[str]:
        return [mail.key for change in self.history for mail in change.follow_ups]


def apply(
    orders: Orders, *rows: ShipmentRow, upload: RowSource = FIRST, context: Context | None = None, **sections: object
):
    return apply_shipments(rows, upload, context or a_context(), orders, some_settings(**sections))


def test_a_shipped_row_sets_number_status_and_today_and_mails_once():
    orders = Orders(an_order())

    assert apply(orders, a_shipped_row(carrier="sagawa")) == [APPLIED]

    shipment = orders.shipment()
    assert (shipment.tracking_numbers, shipment.status) == ((NUMBER,), ShippingStatus.SHIPPED)
    assert (shipment.shipped_on, shipment.carrier) == (TODAY, "sagawa")
    assert orders.stored["100001"].header.shipping_status == "shipped"
    assert orders.mails == ["shipped#100001-1"]


@pytest.mark.parametrize("upload", [FIRST, SECOND])
def test_the_same_rows_again_change_nothing_and_send_nothing(upload):
    orders = Orders(an_order())
    rows = [a_shipped_row(shipped_on=TODAY, memo="m", message_to_member="お知らせ", handling_status="processing")]
    apply(orders, *rows)
    before = orders.stored.copy()

    (again,) = apply(orders, *rows, upload=upload)

    assert orders.stored == before
    assert orders.mails == ["shipped#100001-1"]
    # An interrupted import that starts again reports what it had applied; another upload finds nothing to do.
    assert again.outcome is (Outcome.APPLIED if upload is FIRST else Outcome.UNCHANGED)


def test_a_run_that_starts_again_leaves_alone_what_it_did_whatever_happened_since():
    orders = Orders(an_order())
    rows = [a_row(memo="先の行"), a_row(memo="後の行", message_to_member="発送しました")]
    for row in rows:
        apply(orders, row)
    apply(orders, a_row(message_to_member="訂正しました"), upload=SECOND)
    before = orders.stored.copy()

    assert apply(orders, *rows) == [APPLIED, APPLIED]

    assert orders.stored == before
    assert orders.shipment().memo == "後の行"


def test_a_run_that_starts_again_goes_on_behind_what_it_did():
    orders = Orders(an_order())
    rows = [a_row(memo="先の行"), a_row(memo="後の行")]
    apply(orders, rows[0])

    assert apply(orders, *rows) == [APPLIED, APPLIED]
    assert orders.shipment().memo == "後の行"
    assert orders.stored["100001"].version == 3


def test_an_order_remembers_the_last_imports_only():
    orders = Orders(an_order())

    for n in range(8):
        apply(orders, a_row(memo=str(n)), upload=RowSource(f"import-{n}", None))

    assert list(orders.stored["100001"].header.imported_lines) == [f"import-{n}" for n in range(3, 8)]


def test_a_row_that_cancels_is_taken_once_and_lets_nothing_through_afterwards():
    orders = Orders(an_order())
    cancelling = a_row(handling_status=CANCELLED, memo="取り消し")
    shipping = a_shipped_row()

    assert [result.outcome for result in apply(orders, cancelling, shipping)] == ["applied", "rejected"]
    assert [result.outcome for result in apply(orders, cancelling, shipping)] == ["applied", "rejected"]
    assert apply(orders, cancelling, upload=SECOND) == [UNCHANGED]
    (refused,) = apply(orders, a_shipped_row(handling_status=CANCELLED), upload=SECOND)
    assert refused == RowResult(Outcome.REJECTED, ("受注 100001 はキャンセルされています",))
    assert orders.shipment().status is ShippingStatus.NOT_SHIPPED


def test_a_row_that_cancels_gives_back_what_has_not_left():
    here, gone = a_shipment(1, allocations={1: 2}), a_shipment(2, allocations={1: 3}, status=ShippingStatus.SHIPPED)
    order = an_order(lines=(a_line(quantity=5),), shipments=(here, gone))
    orders = Orders(order.model_copy(update={"held": {"SOY-180": 5}}))

    apply(orders, a_row(handling_status=CANCELLED))

    (change,) = orders.history
    assert [move.moves for move in change.follow_ups] == [{"SOY-180": 2}]
    assert orders.stored["100001"].held == {"SOY-180": 3}


def test_a_row_cannot_take_back_a_parcel_whose_goods_were_returned():
    shipped = an_order(lines=(a_line(quantity=5),), shipments=(a_shipment(status=ShippingStatus.SHIPPED),))
    goods = ReturnedGoods(line_id=1, quantity=1, restock=True)
    orders = Orders(with_return(shipped, [goods], a_context()))

    (refused,) = apply(orders, a_row(status=ShippingStatus.NOT_SHIPPED))
    (corrected,) = apply(orders, a_row(memo="箱つぶれ"))

    assert (refused.outcome, corrected.outcome) == (Outcome.REJECTED, Outcome.APPLIED)
    assert "返品が登録されている" in refused.notes[0]


def test_parcels_of_one_file_add_up_and_another_file_corrects():
    orders = Orders(an_order())

    assert apply(orders, a_shipped_row(), a_shipped_row(number=OTHER)) == [APPLIED, APPLIED]
    assert orders.shipment().tracking_numbers == (NUMBER, OTHER)

    (corrected,) = apply(orders, a_shipped_row(number="512547514334", carrier="sagawa"), upload=SECOND)
    assert orders.shipment().tracking_numbers == ("512547514334",)
    dropped = f"登録済みの送り状番号 {NUMBER}、{OTHER} は、このファイルにないため外しました"
    assert corrected == RowResult(Outcome.APPLIED, (dropped, "発送済の内容を訂正しました"))
    assert orders.mails == ["shipped#100001-1"]


def listing(*rows: ShipmentRow) -> RowSource:
    """A second upload of these rows, whichever are applied together."""
    named = {(row.shipment, number) for row in rows for number in row.tracking_numbers or ()}
    return SECOND._replace(is_listed=lambda shipment, number: (shipment, number) in named)


@pytest.mark.parametrize("at_once", [1, 2, 3])
@pytest.mark.parametrize("stored", [(NUMBER,), (NUMBER, OTHER), (OTHER, "390459983083")])
def test_what_an_upload_confirms_is_its_own_as_well(stored, at_once):
    """An export of the whole day, after a parcel was added."""
    orders = Orders(an_order())
    apply(orders, a_shipped_row(tracking_numbers=stored))
    rows = [a_shipped_row(number=number) for number in (NUMBER, OTHER, THIRD)]

    results = []
    for start in range(0, len(rows), at_once):
        results += apply(orders, *rows[start : start + at_once], upload=listing(*rows))

    assert set(orders.shipment().tracking_numbers) == {NUMBER, OTHER, THIRD}
    # The first row also takes away what the upload leaves out.
    new = {NUMBER, OTHER, THIRD} - set(stored) | ({NUMBER} if len(set(stored) - {NUMBER, OTHER}) else set())
    assert [result.outcome for result in results] == [
        "applied" if row.tracking_numbers[0] in new else "unchanged" for row in rows
    ]


def test_the_rows_of_one_shipment_do_not_confirm_the_numbers_of_another():
    orders = Orders(an_order(shipments=(a_shipment(1), a_shipment(2))))
    apply(orders, a_shipped_row("100001-1"), a_shipped_row("100001-2", number=OTHER))

    apply(orders, a_shipped_row("100001-1", number=OTHER), a_shipped_row("100001-2", number=NUMBER), upload=SECOND)

    assert [orders.shipment(n=n).tracking_numbers for n in (1, 2)] == [(OTHER,), (NUMBER,)]


def test_a_run_that_starts_again_reports_of_each_row_what_it_reported_before():
    orders = Orders(an_order())
    rows = [
        a_shipped_row(),
        a_shipped_row(),
        a_shipped_row(number="444413758709"),
        a_shipped_row(number=OTHER),
    ]
    first = [*apply(orders, *rows[:2]), *apply(orders, *rows[2:])]

    again = apply(orders, *rows)

    assert [result.outcome for result in first] == ["applied", "unchanged", "rejected", "applied"]
    assert [result.outcome for result in again] == [result.outcome for result in first]


# --- older and newer ---

EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def test_an_older_upload_does_not_win_over_a_newer_one():
    orders = Orders(an_order())
    apply(orders, a_shipped_row(), upload=SECOND)
    before = orders.stored.copy()

    (result,) = apply(orders, a_shipped_row(number=OTHER), context=a_context(at=EARLIER))

    assert result == RowResult(
        Outcome.PASSED_OVER,
        ("このファイルより新しい変更（2026-11-26 12:00）と食い違うため、反映していません",),
    )
    assert orders.stored == before


def test_an_older_upload_that_agrees_changes_nothing_and_one_of_other_facts_is_applied():
    orders = Orders(an_order())
    apply(orders, a_shipped_row(), a_shipped_row(number=OTHER), upload=SECOND)

    assert apply(orders, a_shipped_row(), context=a_context(at=EARLIER)) == [UNCHANGED]
    assert apply(orders, a_row(memo="割れ物"), context=a_context(at=EARLIER)) == [APPLIED]

    assert (orders.shipment().tracking_numbers, orders.shipment().memo) == ((NUMBER, OTHER), "割れ物")


@pytest.mark.parametrize(("at", "outcome"), [(EARLIER, Outcome.PASSED_OVER), (LATER, Outcome.APPLIED)])
def test_a_persons_later_correction_wins_over_a_file_and_a_newer_file_over_it(at, outcome):
    orders = Orders(an_order())
    apply(orders, a_shipped_row(), context=a_context(at=EARLIER - timedelta(days=1)))
    before = orders.stored["100001"]
    corrected = before.with_shipment(before.shipment(1).model_copy(update={"tracking_numbers": (OTHER,)}))
    orders.commit([next_version(before, corrected, "amend_shipment", a_context())])

    (result,) = apply(orders, a_row(tracking_numbers=(NUMBER,)), upload=SECOND, context=a_context(at=at))

    assert result.outcome is outcome


def test_an_older_upload_does_not_change_what_the_order_says_either():
    orders = Orders(an_order())
    apply(orders, a_row(message_to_member="新しいお知らせ", handling_status="processing"))

    for row in (a_row(message_to_member="古いお知らせ"), a_row(handling_status="completed")):
        (result,) = apply(orders, row, upload=SECOND, context=a_context(at=EARLIER))
        assert result.outcome is Outcome.PASSED_OVER


# --- doubtful numbers ---


def test_the_mail_waits_while_a_number_is_doubtful_and_goes_with_the_correction():
    orders = Orders(an_order())

    (doubted,) = apply(orders, a_shipped_row(number=DOUBTFUL))

    assert doubted.outcome is Outcome.APPLIED
    assert "検査数字" in doubted.notes[0]
    assert "確認されるまで" in doubted.notes[1]
    assert (orders.shipment().status, orders.mails) == (ShippingStatus.SHIPPED, [])

    apply(orders, a_shipped_row(number=NUMBER), upload=SECOND)
    assert orders.mails == ["shipped#100001-1"]


@pytest.mark.parametrize("silence", ["upload", "no address"])
def test_a_mail_that_was_not_wanted_does_not_wait_either(silence):
    member = a_member(email=None) if silence == "no address" else a_member()
    orders = Orders(an_order(member=member))

    (doubted,) = apply(orders, a_shipped_row(number=DOUBTFUL), upload=FIRST._replace(notify=silence != "upload"))
    orders.stored["100001"] = orders.stored["100001"].with_header(member=a_member())
    apply(orders, a_shipped_row(number=NUMBER), upload=SECOND)

    assert len(doubted.notes) == 1
    assert orders.mails == []


def test_a_shop_may_choose_to_mail_doubtful_numbers_at_once():
    orders = Orders(an_order())

    apply(orders, a_shipped_row(number=DOUBTFUL), mails=AutomaticMails(hold_doubtful_numbers=False))

    assert orders.mails == ["shipped#100001-1"]


# --- less than the clerk expects ---


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"tracking_numbers": (NUMBER,)}, "番号を登録しました。発送日がないため発送済にはしていません"),
        ({"shipped_on": TODAY}, "発送日を登録しました。送り状番号がないため発送済にはしていません"),
        ({"memo": "m"}, "発送日も送り状番号もないため発送済にはしていません"),
    ],
)
def test_a_carriers_row_that_does_not_ship_says_why(cells, reason):
    orders = Orders(an_order())

    (result,) = apply(orders, a_row(status_follows_from_date=True, **cells))

    assert result == RowResult(Outcome.APPLIED, (), reason)
    assert orders.shipment().status is ShippingStatus.NOT_SHIPPED


@pytest.mark.parametrize(
    "row",
    [
        a_row(tracking_numbers=(NUMBER,)),
        a_row(tracking_numbers=(NUMBER,), status=ShippingStatus.SHIPPED, status_follows_from_date=True),
        a_row(tracking_numbers=(NUMBER,), status=ShippingStatus.INSTRUCTED, status_follows_from_date=True),
    ],
)
def test_a_row_that_does_as_it_says_needs_no_word(row):
    assert apply(Orders(an_order()), row) == [APPLIED]


def test_of_a_shipment_that_has_left_nothing_is_missing():
    orders = Orders(an_order(shipments=(a_shipment(status=ShippingStatus.SHIPPED),)))

    assert apply(orders, a_row(tracking_numbers=(NUMBER,), status_follows_from_date=True)) == [APPLIED]


def test_parcels_far_apart_in_one_file_add_up():
    orders = Orders(an_order())

    apply(orders, a_shipped_row())
    apply(orders, a_shipped_row(number=OTHER))

    assert orders.shipment().tracking_numbers == (NUMBER, OTHER)


def test_a_repeated_row_gets_a_note():
    results = apply(Orders(an_order()), a_shipped_row(), a_shipped_row())

    assert results == [APPLIED, RowResult(Outcome.UNCHANGED, ("同じ送り状番号の行が重複しています",))]


def test_blank_cells_keep_and_dashes_clear():
    stored = a_shipment(
        tracking_numbers=(NUMBER,), memo="割れ物", external_shipment_code="W-1", shipped_on=TODAY, time_slot="午前中"
    )
    orders = Orders(an_order(shipments=(stored,)))

    assert apply(orders, a_row()) == [UNCHANGED]
    assert orders.shipment() == stored

    apply(orders, a_row(tracking_numbers=Clear.CLEAR, memo=Clear.CLEAR, shipped_on=Clear.CLEAR))
    cleared = orders.shipment()
    assert (cleared.tracking_numbers, cleared.memo, cleared.shipped_on) == ((), None, None)
    assert cleared.external_shipment_code == "W-1"


def test_order_level_cells_apply_to_the_order():
    orders = Orders(an_order())

    apply(orders, a_row(message_to_member="午前中に届きます", handling_status="processing"))

    header = orders.stored["100001"].header
    assert (header.message_to_member, header.handling_status) == ("午前中に届きます", "processing")


def test_unknown_shipments_and_cancelled_orders_are_refused_and_the_rest_applied():
    orders = Orders(an_order("100001"), an_order("100002", handling_status=CANCELLED), an_order("100003"))
    rows = [a_shipped_row(f"{id_}") for id_ in ("100001-1", "999999-1", "100002-1", "100003-2", "100003-1")]

    results = apply(orders, *rows)

    assert [result.outcome for result in results] == ["applied", "rejected", "rejected", "rejected", "applied"]
    assert [result.notes for result in results[1:4]] == [
        ("発送ID 999999-1 は見つかりません",),
        ("受注 100002 はキャンセルされています",),
        ("受注 100003 に発送ID 100003-2 はありません",),
    ]
    assert orders.mails == ["shipped#100001-1", "shipped#100003-1"]


@pytest.mark.parametrize(
    ("number", "outcome"),
    [("444413758709", "rejected"), ("444413758704", "applied"), (LOST_ZERO, "applied"), ("12345", "rejected")],
)
def test_a_number_that_the_stored_carrier_cannot_have_is_refused_an_odd_one_noted(number, outcome):
    (result,) = apply(Orders(an_order()), a_shipped_row(number=number))

    assert result.outcome == outcome
    assert number in result.notes[0]


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        (None, None, TODAY),
        (None, date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 24), None, date(2026, 11, 24)),
        (date(2026, 12, 24), None, TODAY),
    ],
)
def test_the_ship_date_of_a_switch_to_shipped(stored, given, expected):
    orders = Orders(an_order(shipments=(a_shipment(shipped_on=stored),)))

    apply(orders, a_shipped_row(shipped_on=given))

    assert orders.shipment().shipped_on == expected


def test_no_other_status_touches_the_ship_date():
    orders = Orders(an_order())

    apply(orders, a_row(status=ShippingStatus.INSTRUCTED))

    assert orders.shipment().shipped_on is None


def test_a_status_concluded_from_a_date_never_takes_a_parcel_back():
    orders = Orders(an_order(shipments=(a_shipment(status=ShippingStatus.SHIPPED, shipped_on=TODAY),)))
    row = a_row(status=ShippingStatus.INSTRUCTED, status_follows_from_date=True)

    apply(orders, row)
    assert orders.shipment().status is ShippingStatus.SHIPPED

    apply(orders, row._replace(status_follows_from_date=False))
    assert orders.shipment().status is ShippingStatus.INSTRUCTED


def test_the_mail_waits_for_the_number_and_goes_once():
    orders = Orders(an_order())

    apply(orders, a_row(status=ShippingStatus.SHIPPED))
    assert orders.mails == []

    apply(orders, a_row(tracking_numbers=(NUMBER,)))
    assert orders.mails == ["shipped#100001-1"]

    for status in (ShippingStatus.NOT_SHIPPED, ShippingStatus.SHIPPED):
        apply(orders, a_row(status=status))
    assert orders.mails == ["shipped#100001-1"]


@pytest.mark.parametrize("silence", ["upload", "settings", "no address"])
def test_a_parcel_that_was_not_announced_is_not_announced_later(silence):
    member = a_member(email=None) if silence == "no address" else a_member()
    orders = Orders(an_order(member=member))
    upload = FIRST._replace(notify=silence != "upload")
    mails = AutomaticMails(shipped_to_member=silence != "settings")

    apply(orders, a_shipped_row(), upload=upload, mails=mails)
    orders.stored["100001"] = orders.stored["100001"].with_header(member=a_member())
    apply(orders, a_row(memo="後から"))

    assert orders.mails == []


def test_a_shipment_of_the_shop_s_own_delivery_is_announced_without_a_number():
    orders = Orders(an_order(shipments=(a_shipment(carrier="own"),)))

    apply(orders, a_row(status=ShippingStatus.SHIPPED))

    assert orders.mails == ["shipped#100001-1"]


def test_two_shipments_of_an_order_change_in_one_version():
    orders = Orders(an_order(shipments=(a_shipment(1), a_shipment(2))))

    apply(orders, a_shipped_row("100001-1"), a_shipped_row("100001-2", number=OTHER))

    assert orders.stored["100001"].version == 2
    assert orders.mails == ["shipped#100001-1", "shipped#100001-2"]


def test_a_change_that_came_in_between_is_kept():
    order = an_order()
    orders = Orders(order)
    orders.intruder = next_version(order, order.with_header(staff_memo="横から"), "amend_order", a_context())

    assert apply(orders, a_shipped_row()) == [APPLIED]

    assert orders.stored["100001"].header.staff_memo == "横から"
    assert orders.shipment().tracking_numbers == (NUMBER,)
    assert orders.mails == ["shipped#100001-1"]


def test_a_row_gives_no_retired_status_or_carrier_to_an_order_that_does_not_have_it():
    retired = HandlingStatus(key="picked", label="ピック済", retired=True)
    carriers = tuple(c.model_copy(update={"retired": c.key == "sagawa"}) for c in DEFAULT_CARRIERS)
    sections = {"statuses": (*BUILT_IN_STATUSES, retired), "carriers": carriers}
    has_both = an_order("100002", handling_status="picked", shipments=(a_shipment(carrier="sagawa"),))
    orders = Orders(an_order(), has_both)

    rows = [
        a_row(handling_status="picked"),
        a_row(carrier="sagawa"),
        a_row(carrier="horse"),
        a_row("100002-1", handling_status="picked", carrier="sagawa", memo="m"),
    ]
    results = apply(orders, *rows, **sections)

    assert [result.outcome for result in results] == [Outcome.REJECTED] * 3 + [Outcome.APPLIED]
    assert ["使用を終了しています" in str(result.notes) for result in results] == [True, True, False, False]
    assert orders.shipment().carrier == "yamato"
