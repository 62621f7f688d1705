"""What stands on a document."""

from datetime import date

import pytest

from shukka.domain.documents.document import DocumentContent, DocumentLine, Party, document_content, fingerprint
from shukka.domain.order.order import Payment
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.order.totals import Adjustments, TaxCategory, TaxRule, compute_totals
from shukka.domain.settings import ShopProfile
from shukka.domain.shipping.shipment import ShippingStatus
from tests.builders import NOW, a_line, a_member, a_shipment, an_order, some_settings

DELIVERY_NOTE, INVOICE = DocumentKind.DELIVERY_NOTE, DocumentKind.INVOICE


def document(kind=INVOICE, settings=None, **order):
    return document_content(an_order(**order), settings or some_settings(), kind)


def shipped(n, on):
    return a_shipment(n, status=ShippingStatus.SHIPPED, shipped_on=on)


def test_an_invoice_has_the_six_items_of_a_qualified_invoice():
    lines = (a_line(1), a_line(2, name="紙コップ", tax_category="standard"))
    invoice = document(lines=lines, shipments=(shipped(1, date(2026, 11, 27)),))

    assert (invoice.issuer.name, invoice.issuer.registration_number) == ("出荷酒店", "T7010705000725")
    assert (invoice.transacted_from, invoice.transacted_to) == (date(2026, 11, 27), date(2026, 11, 27))
    assert [(line.name, line.tax_category) for line in invoice.lines] == [
        ("丸大豆しょうゆ 1.8L", "reduced"),
        ("紙コップ", "standard"),
    ]
    assert "※は軽減税率（8%）対象です" in invoice.notes
    assert [(rate.rate, rate.net, rate.tax) for rate in invoice.totals.rates] == [(10, 4_140, 414), (8, 4_140, 331)]
    assert invoice.recipient.name == "株式会社髙島商店"


def test_totals_are_the_stored_ones_even_where_computing_them_again_would_differ():
    order = an_order()
    odd = order.header.totals.model_copy(update={"total": 1})

    assert document_content(order.with_header(totals=odd), some_settings(), INVOICE).totals == odd


@pytest.mark.parametrize(
    ("shipments", "days"),
    [
        ((a_shipment(1),), (date(2026, 11, 26), date(2026, 11, 26))),
        ((shipped(1, date(2026, 11, 28)), a_shipment(2)), (date(2026, 11, 26), date(2026, 11, 26))),
        (
            (shipped(1, date(2026, 11, 30)), shipped(2, date(2026, 11, 28))),
            (date(2026, 11, 28), date(2026, 11, 30)),
        ),
        (
            (shipped(1, date(2026, 11, 28)), a_shipment(2, status=ShippingStatus.NOT_APPLICABLE)),
            (date(2026, 11, 28), date(2026, 11, 28)),
        ),
    ],
    ids=["unshipped: order's day", "partly shipped: order's day", "shipped on two days", "one not applicable"],
)
def test_the_transaction_is_when_everything_has_left(shipments, days):
    delivery_note = document(DELIVERY_NOTE, shipments=shipments)

    assert (delivery_note.transacted_from, delivery_note.transacted_to) == days


def test_days_are_those_of_tokyo():
    assert document(placed_at=NOW.replace(hour=16)).ordered_on == date(2026, 11, 27)


@pytest.mark.parametrize(("person", "honorific"), [("﨑山 一郎", "様"), ("", "御中")])
def test_a_company_without_a_person_is_addressed_as_a_company(person, honorific):
    assert document(member=a_member(name=person)).recipient.honorific == honorific


def test_a_cancelled_line_stays():
    line = document(lines=(a_line(1, quantity=0), a_line(2))).lines[0]

    assert (line.quantity, line.amount) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "method", "printed"),
    [
        (INVOICE, "bank_transfer", True),
        (INVOICE, "account", True),
        (INVOICE, "credit_card", False),
        (INVOICE, "cash_on_delivery", False),
        (DELIVERY_NOTE, "bank_transfer", False),
    ],
)
def test_the_bank_account_is_on_invoices_that_are_paid_into_it(kind, method, printed):
    account = some_settings().shop.bank_account

    assert document(kind, payment=Payment(method=method)).bank_account == (account if printed else "")


@pytest.mark.parametrize(
    ("order", "note"),
    [
        ({}, "単価・金額は税抜（外税）です"),
        ({"rule": TaxRule(prices="tax_included")}, "単価・金額は税込（内税）です"),
        ({"rule": TaxRule(rounding="half_up")}, "消費税は税率ごとの合計額から計算しています（端数四捨五入）"),
        ({"adjustments": Adjustments(discount=100)}, "値引き・ポイントは税率ごとの金額に按分して差し引いています"),
        ({"adjustments": Adjustments(points_used=1)}, "値引き・ポイントは税率ごとの金額に按分して差し引いています"),
    ],
)
def test_notes_say_how_the_figures_came_about(order, note):
    assert note in document(**order).notes


def test_notes_name_nothing_that_is_not_there():
    notes = "".join(document(lines=(a_line(tax_category="standard"),)).notes)

    assert "※" not in notes
    assert "値引き" not in notes


def test_the_members_message_is_printed_and_the_memo_is_not():
    invoice = document(message_to_member="冷蔵でお届けします", staff_memo="支払い遅れ注意")

    assert invoice.message == "冷蔵でお届けします"
    assert "支払い遅れ注意" not in invoice.model_dump_json()


def test_the_same_document_has_the_same_fingerprint():
    assert fingerprint(document()) == fingerprint(
        document(version=7, staff_memo="新しいメモ", payment=Payment(method="bank_transfer", paid_on=date(2026, 12, 1)))
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": DELIVERY_NOTE},
        {"lines": (a_line(quantity=2),)},
        {"lines": (a_line(name="別の品"),)},
        {"member": a_member(company="別の会社")},
        {"message_to_member": "追記"},
        {"shipments": (shipped(1, date(2026, 11, 27)),)},
        {"settings": some_settings(shop=ShopProfile(name="別の店"))},
        {"rule": TaxRule(rounding="ceil")},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_document_has_another_fingerprint(changed):
    assert fingerprint(document(**changed)) != fingerprint(document())


def test_fingerprints_do_not_change_with_the_code():
    # A change here makes every shop issue every document anew on the next click.
    totals = compute_totals([(TaxCategory.REDUCED, 4_140)], Adjustments(shipping_fee=800), TaxRule())
    line = DocumentLine(
        name="髙級茶葉", units_per_set=6, quantity=1, unit_price=690, amount=4_140, tax_category=TaxCategory.REDUCED
    )
    day = date(2026, 11, 26)
    invoice = DocumentContent(
        kind=INVOICE,
        title="請求書",
        number="INV-100001",
        order_number="100001",
        ordered_on=day,
        transacted_from=day,
        transacted_to=day,
        issuer=Party(name="出荷酒店", registration_number="T7010705000725"),
        recipient=Party(name="株式会社髙島商店", honorific="御中"),
        payment_method="銀行振込",
        lines=(line,),
        totals=totals,
        notes=("※は軽減税率（8%）対象です",),
    )

    assert fingerprint(invoice) == "46247fa50ccae7402563b46683bd25e044079e42dcf11818dde6b92194a9c760"
