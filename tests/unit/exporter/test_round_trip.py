"""Exported and imported again: labels return with their numbers, and a file of shipments changes nothing."""

import io
from collections import Counter
from datetime import date

import pytest

from shipment_import.upload import open_upload
from shukka.domain.exports.job import ExportKind
from shukka.domain.imports.row import RejectedRow, ShipmentRow
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.settings import HandlingStatus
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.text.csv_text import Encoding
from shukka.usecases.shipping.apply_rows import Outcome, RowSource, apply_shipments
from tests.builders import a_context, a_line, a_member, a_shipment, an_order
from tests.unit.exporter.carriers import forms, numbers, shipped_file
from tests.unit.exporter.conftest import Desk

TODAY = date(2026, 11, 26)
NUMBERS = ("391510563382", "393061570834")


def drop(desk: Desk, file: bytes) -> tuple[str, Counter[Outcome], list[object]]:
    """The file through the importer's own reader onto the orders: format, what became of rows, what was said."""
    settings = desk.settings_store.get()[0]
    upload = open_upload(
        io.BytesIO(file),
        carriers=settings.carriers,
        handling_statuses={status.label: status.key for status in settings.statuses},
        today=TODAY,
        imports=settings.imports,
    )
    rows = [row for batch in upload.batches() for row, _ in batch]
    rejected = [row for row in rows if not isinstance(row, ShipmentRow)]
    good = [row for row in rows if isinstance(row, ShipmentRow)]
    results = apply_shipments(good, RowSource("import-1", "file.csv"), a_context(), desk.shipments, settings)
    said = [*rejected, *(note for result in results for note in result.notes), *(w for r in good for w in r.warnings)]
    return upload.format_key, Counter(result.outcome for result in results), said


@pytest.mark.parametrize(("format_", "variant"), forms())
def test_labels_return_with_their_numbers_and_nobody_typed_anything(desk: Desk, format_: LabelFormat, variant: int):
    carrier = format_.layout.carrier
    desk.has(
        an_order("100001", shipments=(a_shipment(carrier=carrier, requested_date=date(2026, 11, 28)),)),
        an_order("100002", shipments=(a_shipment(carrier=carrier, status=ShippingStatus.INSTRUCTED),)),
        an_order(
            "100003",
            lines=(a_line(1), a_line(2, name="みりん")),
            shipments=(
                a_shipment(1, carrier=carrier, allocations={1: 1}),
                a_shipment(2, carrier=carrier, allocations={2: 1}),
            ),
            member=a_member(name="𠮷田 一郎", company="能登ソース表十㈱"),
        ),
    )
    labels = desk.file(desk.made(desk.ask_labels(format_)))

    came_back = drop(desk, shipped_file(format_, labels, numbers(), TODAY, variant=variant))

    assert came_back == (format_.value, Counter({Outcome.APPLIED: 4}), [])
    given = numbers()
    shipments = [shipment for n in ("100001", "100002", "100003") for shipment in desk.orders.get(n).shipments]
    # By the day they are wanted, then by number.
    for shipment in shipments:
        assert shipment.status is ShippingStatus.SHIPPED
        assert shipment.tracking_numbers == (next(given),)
        assert (shipment.carrier, shipment.shipped_on) == (carrier, TODAY)
    mails = [mail.key for n in ("100001", "100002", "100003") for mail in desk.orders.get_with_mails(n)[1]]
    assert mails == ["shipped#100001-1", "shipped#100002-1", "shipped#100003-1", "shipped#100003-2"]


@pytest.mark.parametrize("format_", LabelFormat)
def test_shipped_parcels_get_no_second_label(desk: Desk, format_: LabelFormat):
    desk.has(an_order("100001", shipments=(a_shipment(carrier=format_.layout.carrier),)))
    labels = desk.file(desk.made(desk.ask_labels(format_)))
    drop(desk, shipped_file(format_, labels, numbers(), TODAY))

    assert desk.made(desk.ask_labels(format_)).file_key is None


@pytest.mark.parametrize("format_", [LabelFormat.YAMATO_B2CLOUD, LabelFormat.SAGAWA_EHIDEN3])
def test_a_label_file_that_was_dropped_before_numbers_were_issued_says_so(desk: Desk, format_: LabelFormat):
    desk.has(an_order("100001", shipments=(a_shipment(carrier=format_.layout.carrier),)))
    labels = desk.file(desk.made(desk.ask_labels(format_)))

    recognised, outcomes, (rejected,) = drop(desk, labels)

    assert (recognised, outcomes) == (format_.value, Counter())
    assert isinstance(rejected, RejectedRow)
    assert "送り状を発行してから" in rejected.problems[0].reason


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("for_excel", [False, True])
def test_an_export_of_shipments_dropped_back_changes_nothing(desk: Desk, encoding: Encoding, for_excel: bool):
    statuses = (*desk.settings.statuses, HandlingStatus(key="also_new", label="新規注文"))
    carriers = (*desk.settings.carriers, desk.settings.carriers[0].model_copy(update={"key": "yamato2"}))
    desk.settings_store.save("statuses", statuses, based_on=0)
    desk.settings_store.save("carriers", carriers, based_on=0)
    tricky = {
        "time_slot": "14〜16時",
        "external_shipment_code": "-",
        "memo": '=1+1\n\'=2\n𠮷田様🎉 “割れ物”、"上"',
    }
    desk.has(
        an_order("100001", shipments=(a_shipment(**tricky),), message_to_member="'-\n＝お待たせしました"),
        an_order(
            "100002",
            shipments=(
                a_shipment(
                    carrier="sagawa",
                    status=ShippingStatus.SHIPPED,
                    tracking_numbers=NUMBERS,
                    shipped_on=date(2026, 11, 20),
                    delivered_on=date(2026, 11, 22),
                    requested_date=date(2026, 11, 22),
                    external_shipment_code="0012",
                    memo="-",
                ),
            ),
            handling_status="completed",
        ),
        # A carrier and statuses that the settings do not have, or not so that a name would tell.
        an_order("100003", shipments=(a_shipment(carrier="horse"),), handling_status="gone"),
        an_order("100004", shipments=(a_shipment(carrier="yamato2"),), handling_status="also_new"),
        an_order("100005", shipments=(a_shipment(carrier=None, shipped_on=date(2026, 12, 1)),)),
        an_order("100006", shipments=(a_shipment(status=ShippingStatus.SHIPPED),)),
        an_order(
            "100007", shipments=(a_shipment(status=ShippingStatus.NOT_APPLICABLE), a_shipment(2, allocations={1: 1}))
        ),
    )
    ids = [str(100_001 + n) for n in range(7)]
    before = [desk.orders.get(number) for number in ids]
    job = desk.made(desk.ask(ExportKind.SHIPMENTS, encoding=encoding, for_excel=for_excel))

    came_back = drop(desk, desk.file(job))

    assert came_back == ("native", Counter({Outcome.UNCHANGED: 8}), [])
    assert [desk.orders.get(number) for number in ids] == before
    assert not any(desk.orders.get_with_mails(number)[1] for number in ids)
    lost = {problem.column for problem in job.progress.problems}
    assert lost == ({"配送時間帯", "発送メモ"} if encoding is Encoding.CP932 else set())
