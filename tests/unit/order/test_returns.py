"""What a return does to an order: totals follow, the shipment keeps what it carried."""

from datetime import UTC, date, datetime

import pytest

from shukka.domain.documents.document import document_content
from shukka.domain.errors import ReturnNotFoundError, Rule, RuleError
from shukka.domain.exports.columns import entries_of
from shukka.domain.exports.job import ExportKind
from shukka.domain.order.allocation import quantities_of, with_lines
from shukka.domain.order.goods_return import MAX_RETURNS, ReturnedGoods
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.order.returns import check_returned_goods_left, with_return, with_return_voided
from shukka.domain.order.totals import Adjustments
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.mail.view import mail_view
from tests.builders import a_context, a_line, a_shipment, an_order, some_settings

SHIPPED = ShippingStatus.SHIPPED


def a_shipped_order(**fields: object) -> Order:
    """Ten of one line, five of another and a deposit paid back, all of it shipped."""
    lines = (
        a_line(1, quantity=10, unit_price=100, units_per_set=1),
        a_line(2, sku="BAG", quantity=5, unit_price=20, units_per_set=1, tax_category="standard"),
        a_line(3, sku=None, name="容器返却", quantity=1, unit_price=-50, units_per_set=1, tax_category="exempt"),
    )
    return an_order(lines=lines, shipments=(a_shipment(status=SHIPPED),), **fields)


def goods(line_id: int, quantity: int, *, restock: bool = True) -> ReturnedGoods:
    return ReturnedGoods(line_id=line_id, quantity=quantity, restock=restock)


def test_returned_goods_are_not_charged_and_the_shipment_keeps_what_it_carried():
    order = with_return(a_shipped_order(), [goods(1, 4), goods(2, 5, restock=False)], a_context())

    assert order.header.totals.goods == 10 * 100 + 5 * 20 - 50 - (400 + 100)
    assert [(line.quantity, line.returned, line.amount) for line in order.lines] == [
        (10, 4, 600),
        (5, 5, 0),
        (1, 0, -50),
    ]
    assert quantities_of(order.shipments[0], order.lines) == {1: 10, 2: 5}
    (record,) = order.returns
    assert (record.n, record.returned_on, record.recorded_by) == (1, date(2026, 11, 26), "staff:hanako")
    assert record.amounts == {"reduced": 400, "standard": 100}
    assert record.restocked == {"SOY-180": 4}


def test_a_record_keeps_the_price_of_its_day():
    order = with_return(a_shipped_order(), [goods(1, 4)], a_context())

    order = with_lines(order, tuple(line.model_copy(update={"unit_price": 1}) for line in order.lines))

    assert order.returns[0].amounts == {"reduced": 400}
    assert order.lines[0].amount == 6


def test_several_returns_come_to_no_more_than_was_shipped():
    order = with_return(a_shipped_order(), [goods(1, 6), goods(1, 1, restock=False)], a_context())

    with pytest.raises(RuleError, match="10個を発送済みで、あと1個まで返品できます") as refused:
        with_return(order, [goods(1, 2), goods(1, 2)], a_context())
    assert (refused.value.field, refused.value.rule) == ("lines.1.quantity", Rule.RETURNED_QUANTITY)
    assert with_return(order, [goods(1, 3)], a_context()).lines[0].returned == 10


@pytest.mark.parametrize("status", [ShippingStatus.NOT_SHIPPED, ShippingStatus.INSTRUCTED])
def test_what_has_not_left_cannot_be_returned(status):
    order = a_shipped_order().with_shipment(a_shipment(status=status))

    with pytest.raises(RuleError, match="あと0個まで"):
        with_return(order, [goods(1, 1)], a_context())


def test_neither_money_nor_unknown_lines_can_be_returned():
    for line_id, rule in ((3, Rule.RETURNED_QUANTITY), (9, Rule.UNKNOWN_LINE)):
        with pytest.raises(RuleError) as refused:
            with_return(a_shipped_order(), [goods(line_id, 1)], a_context())
        assert refused.value.rule is rule


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 11, 27)])
def test_a_return_is_neither_older_than_the_order_nor_to_come(day):
    order = a_shipped_order(placed_at=datetime(2026, 11, 24, 15, 0, tzinfo=UTC))

    with pytest.raises(RuleError, match="返品日") as refused:
        with_return(order, [goods(1, 1)], a_context(), returned_on=day)
    assert refused.value.rule is Rule.RETURN_DATE


def test_a_discount_larger_than_what_is_left_is_lowered_in_the_same_act():
    order = a_shipped_order(adjustments=Adjustments(discount=600))
    everything = [goods(1, 10), goods(2, 4)]
    with pytest.raises(RuleError) as refused:
        with_return(order, everything, a_context())
    assert refused.value.field == "discount"

    returned = with_return(order, [goods(1, 9)], a_context(), adjustments=Adjustments(discount=100))

    assert returned.header.totals.discount == 100


def test_the_number_of_returns_is_bounded():
    order = with_return(a_shipped_order(), [goods(1, 1)], a_context())
    order = order.with_returns(order.returns * MAX_RETURNS)

    with pytest.raises(RuleError) as refused:
        with_return(order, [goods(1, 1)], a_context())
    assert refused.value.rule is Rule.TOO_MANY_RETURNS


def test_a_voided_return_counts_for_nothing_and_stays_on_record():
    order = a_shipped_order()
    returned = with_return(order, [goods(1, 4)], a_context())

    voided = with_return_voided(returned, 1, a_context(actor="staff:ichiro"), "入力誤り")

    assert voided.header.totals == order.header.totals
    assert voided.lines == order.lines
    (record,) = voided.returns
    assert (record.voided_by, record.void_reason, record.quantities) == ("staff:ichiro", "入力誤り", {1: 4})
    with pytest.raises(RuleError) as refused:
        with_return_voided(voided, 1, a_context())
    assert refused.value.rule is Rule.RETURN_VOIDED
    with pytest.raises(ReturnNotFoundError):
        with_return_voided(voided, 2, a_context())


def test_a_line_goes_neither_below_what_was_shipped_nor_away_after_a_return():
    order = with_return(a_shipped_order(), [goods(1, 4)], a_context())

    fewer = (order.lines[0].model_copy(update={"quantity": 6}), *order.lines[1:])
    for lines in (fewer, order.lines[1:]):
        with pytest.raises(RuleError, match="返品として登録") as refused:
            with_lines(order, lines)
        assert refused.value.rule is Rule.SHIPPED_QUANTITY


def test_a_shipment_whose_goods_were_returned_stays_shipped():
    order = with_return(a_shipped_order(), [goods(1, 4)], a_context())
    check_returned_goods_left(order)

    with pytest.raises(RuleError) as refused:
        check_returned_goods_left(order.with_shipment(a_shipment(status=ShippingStatus.NOT_SHIPPED)))
    assert refused.value.rule is Rule.RETURNED_GOODS


def test_documents_mails_and_exports_add_up_to_the_totals():
    lines = a_shipped_order().lines[:2]
    shipments = (
        a_shipment(1, status=SHIPPED, allocations={1: 6, 2: 5}),
        a_shipment(2, allocations={1: 1}),
        a_shipment(3, status=SHIPPED, allocations={1: 3}),
    )
    order = with_return(an_order(lines=lines, shipments=shipments), [goods(1, 8), goods(2, 5)], a_context())
    total = order.header.totals.goods
    assert total == 200

    content = document_content(order, some_settings(), DocumentKind.INVOICE)
    assert [(line.quantity, line.amount) for line in content.lines] == [(2, 200), (0, 0)]
    assert "数量・金額は返品分を差し引いています" in content.notes
    mail = mail_view(order, None, some_settings())
    assert [(line["quantity"], line["amount"]) for line in mail["lines"]] == [(2, 200)]
    carried = mail_view(order, order.shipments[0], some_settings())["lines"]
    assert [line["quantity"] for line in carried] == [6, 5]
    rows = list(entries_of(ExportKind.ORDER_LINES, order, some_settings()))
    assert [(row.quantity, row.returned) for row in rows] == [(6, 6), (1, 0), (3, 2), (5, 5)]
    assert sum(row.line.amount_of(row.quantity - row.returned) for row in rows) == total
