"""Rows that name no 発送ID, to their shipments: only where there is no doubt."""

from collections.abc import Collection, Iterable

import pytest

from shukka.domain.imports.recipient import Recipient
from shukka.domain.imports.row import Reference, ReferringRow, RejectedRow, ShipmentRow
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import Destination, ShipmentId, ShippingStatus
from shukka.usecases.shipping.find import ShipmentFinder
from tests.builders import a_member, a_shipment, an_order

NUMBER = "391500000010"
SHIPPED = ShippingStatus.SHIPPED


class FakeSearch:
    """Orders in memory. `lookups` counts how often something was asked for."""

    def __init__(self, *orders: Order) -> None:
        self.orders = {order.number: order for order in orders}
        self.lookups: list[str] = []

    def load(self, ids: Iterable[ShipmentId], whole: Collection[str] = ()) -> dict[str, Order]:
        asked = {shipment.order_number for shipment in ids}
        return {number: self.orders[number] for number in {*asked, *whole} if number in self.orders}

    def find_by_code(self, codes: Collection[str], limit: int) -> dict[str, list[ShipmentId]]:
        self.lookups.append("code")
        every = [(order, shipment) for order in self.orders.values() for shipment in order.shipments]
        return {
            code: [ShipmentId(order.number, one.n) for order, one in every if one.external_shipment_code == code][
                :limit
            ]
            for code in codes
        }

    def list_waiting(self):
        self.lookups.append("waiting")
        return [
            (ShipmentId(order.number, shipment.n), shipment, Recipient.of(shipment.destination or order.header.member))
            for order in self.orders.values()
            for shipment in order.shipments
            if shipment.status is not SHIPPED
        ]


def a_row(line=2, number=NUMBER, carrier=None):
    empty = dict.fromkeys(ShipmentRow._fields)
    numbers = (number,) if number else None
    given = {"line": line, "tracking_numbers": numbers, "carrier": carrier, "warnings": ()}
    return ShipmentRow(**{**empty, **given, "shipment": ShipmentId("", 0), "status_follows_from_date": False})


def referring(reference, **row):
    return ReferringRow(a_row(**row), reference)


def found(search, *rows):
    """The shipment of each row, or why it has none."""
    return [
        row.problems[0].reason if isinstance(row, RejectedRow) else str(row.shipment)
        for row in ShipmentFinder(search).found(rows)
    ]


def two_shipments(first=ShippingStatus.NOT_SHIPPED, second=ShippingStatus.NOT_SHIPPED, **fields):
    return (
        a_shipment(1, status=first, allocations={1: 1}, **fields),
        a_shipment(2, status=second, allocations={1: 1}),
    )


BY_ORDER = Reference(order_number="100001")
BY_CODE = Reference(code="WMS-1")


def test_rows_with_an_id_of_their_own_stay_as_they_are_and_cost_nothing():
    search = FakeSearch()
    row = a_row()

    assert ShipmentFinder(search).found([row])[0] is row
    assert search.lookups == []


@pytest.mark.parametrize("status", [ShippingStatus.NOT_SHIPPED, SHIPPED])
def test_the_only_shipment_of_an_order_is_meant_and_a_correction_finds_it_too(status):
    search = FakeSearch(an_order("100001", shipments=(a_shipment(status=status),)))

    assert found(search, referring(BY_ORDER)) == ["100001-1"]


def test_the_only_shipment_that_waits_is_meant():
    search = FakeSearch(an_order("100001", shipments=two_shipments(first=SHIPPED)))

    assert found(search, referring(BY_ORDER)) == ["100001-2"]


def test_several_that_wait_are_listed():
    (reason,) = found(FakeSearch(an_order("100001", shipments=two_shipments())), referring(BY_ORDER))

    assert "2件" in reason
    assert "100001-1、100001-2" in reason


def test_none_that_waits_is_said():
    search = FakeSearch(an_order("100001", shipments=two_shipments(SHIPPED, SHIPPED)))

    assert "未発送の発送がありません" in found(search, referring(BY_ORDER))[0]


def test_the_same_file_again_finds_the_shipment_that_has_its_number():
    shipments = two_shipments(first=SHIPPED, tracking_numbers=(NUMBER,))

    assert found(FakeSearch(an_order("100001", shipments=shipments)), referring(BY_ORDER)) == ["100001-1"]


def test_the_second_parcel_follows_the_first_that_has_shipped_meanwhile():
    search = FakeSearch(an_order("100001", shipments=two_shipments(first=SHIPPED)))
    finder = ShipmentFinder(search)

    (first,) = finder.found([referring(BY_ORDER)])
    search.orders["100001"] = an_order("100001", shipments=two_shipments(SHIPPED, SHIPPED))
    (second,) = finder.found([referring(BY_ORDER, number="391500000021")])

    assert first.shipment == second.shipment == ShipmentId("100001", 2)


def test_a_code_finds_its_shipment_also_when_it_has_shipped():
    search = FakeSearch(an_order("100001", shipments=(a_shipment(external_shipment_code="WMS-1", status=SHIPPED),)))

    assert found(search, referring(BY_CODE)) == ["100001-1"]


def test_a_code_of_several_shipments_is_settled_by_what_waits_or_not_at_all():
    search = FakeSearch(
        an_order("100001", shipments=(a_shipment(external_shipment_code="WMS-1", status=SHIPPED),)),
        an_order("100002", shipments=(a_shipment(external_shipment_code="WMS-1"),)),
    )
    assert found(search, referring(BY_CODE)) == ["100002-1"]

    search.orders["100003"] = an_order("100003", shipments=(a_shipment(external_shipment_code="WMS-1"),))
    assert "100002-1、100003-1" in found(search, referring(BY_CODE))[0]


def test_a_code_that_is_on_everything_is_never_settled_by_a_part_of_it():
    orders = [
        an_order(
            str(100_001 + n),
            shipments=(a_shipment(external_shipment_code="WMS-1", status=SHIPPED if n else "not_shipped"),),
        )
        for n in range(30)
    ]

    assert "多すぎる" in found(FakeSearch(*orders), referring(BY_CODE))[0]


def test_a_carriers_key_is_an_order_before_it_is_a_code():
    search = FakeSearch(
        an_order("100001"), an_order("100002", shipments=(a_shipment(external_shipment_code="200001"),))
    )

    both = [referring(Reference(number, number)) for number in ("100001", "200001", "300001")]
    order, code, neither = found(search, *both)

    assert (order, code) == ("100001-1", "100002-1")
    assert "見つかりません" in neither


def test_an_order_with_a_code_means_the_shipment_with_the_code():
    shipments = (
        a_shipment(1, allocations={1: 1}),
        a_shipment(2, allocations={1: 1}, external_shipment_code="WMS-1"),
    )

    assert found(FakeSearch(an_order("100001", shipments=shipments)), referring(Reference("100001", "WMS-1"))) == [
        "100001-2"
    ]


def test_a_row_without_a_shipment_says_what_was_searched():
    order, code = found(FakeSearch(), referring(BY_ORDER), referring(Reference(code="M-1")))

    assert "受注番号が 100001 の受注は見つかりません" in order
    assert "「M-1」は、発送ID・受注番号・出荷管理番号のどれにもあたりません" in code


# --- by recipient ---


def an_open_order(number="100001", *, name="髙島 一郎", company="株式会社髙島商店", postal_code="106-0032", **shipment):
    member = a_member(name=name, company=company, postal_code=postal_code)
    return an_order(number, member=member, shipments=(a_shipment(**{"carrier": None, **shipment}),))


@pytest.mark.parametrize(
    ("name", "postal_code"),
    [
        ("髙島 一郎", "1060032"),
        ("髙島　一郎 様", "〒106-0032"),
        ("株式会社髙島商店 髙島一郎", "106-0032"),
        ("㈱髙島商店", "106-0032"),
    ],
)
def test_a_recipient_is_found_by_name_and_postal_code(name, postal_code):
    company = "(株)髙島商店" if name.startswith("㈱") else "株式会社髙島商店"
    search = FakeSearch(an_open_order(company=company), an_open_order("100002", name="吉田 花子"))

    (row,) = ShipmentFinder(search).found([referring(Reference(recipient=name, postal_code=postal_code))])

    assert (str(row.shipment), row.warnings) == ("100001-1", ())


def test_a_name_alone_finds_the_only_one_and_asks_to_look_at_it():
    (row,) = ShipmentFinder(FakeSearch(an_open_order())).found([referring(Reference(recipient="髙島一郎"))])

    assert str(row.shipment) == "100001-1"
    assert "氏名だけで発送ID 100001-1" in row.warnings[0].reason


def test_two_open_shipments_for_one_name_are_listed_and_none_is_taken():
    search = FakeSearch(an_open_order("100001"), an_open_order("100002"))

    (reason,) = found(search, referring(Reference(recipient="髙島一郎")))

    assert "100001-1、100002-1" in reason


@pytest.mark.parametrize(
    "order",
    [
        an_open_order(postal_code="106-0033"),
        an_open_order(name="髙島 二郎"),
        an_open_order(status=SHIPPED),
        an_open_order(carrier="yamato"),
        an_open_order(destination=Destination(name="吉田", postal_code="106-0032")),
    ],
)
def test_a_recipient_that_differs_gets_no_number(order):
    reference = Reference(recipient="髙島一郎", postal_code="106-0032")

    (reason,) = found(FakeSearch(order), referring(reference, carrier="japan_post"))

    assert "未発送の発送がありません" in reason


def test_what_waits_is_listed_once_for_a_file():
    search = FakeSearch(an_open_order())
    finder = ShipmentFinder(search)

    for _ in range(3):
        finder.found([referring(Reference(recipient="髙島一郎"))])

    assert search.lookups == ["waiting"]
