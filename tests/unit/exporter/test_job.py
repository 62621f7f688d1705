"""From a request to its file, however often the exporter is stopped on the way."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from exporter.job import ExportBusyError
from shukka.domain.exports.job import ExportJob, ExportKind, ExportState
from shukka.domain.labels.formats import LabelFormat
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.store.export_files import ExportFiles
from tests.builders import NOW, a_line, a_member, a_shipment, an_order
from tests.unit.exporter.conftest import BUCKET, Desk

YAMATO = LabelFormat.YAMATO_B2CLOUD


def orders(count: int, **fields: object) -> list[Order]:
    """Orders of which the last was placed last."""
    return [an_order(str(100_001 + n), placed_at=NOW + timedelta(minutes=n), **fields) for n in range(count)]


def column(rows: Sequence[Sequence[str]], heading: str) -> list[str]:
    index = rows[0].index(heading)
    return [row[index] for row in rows[1:]]


def newest_first(count: int) -> list[str]:
    return [str(100_001 + n) for n in reversed(range(count))]


def test_all_orders_newest_first(desk: Desk):
    desk.has(*orders(12))

    job = desk.made(desk.ask(ExportKind.ORDERS))

    assert (job.state, job.progress.orders, job.progress.rows, job.finished_at) == (ExportState.DONE, 12, 12, NOW)
    assert column(desk.rows(job), "受注番号") == newest_first(12)
    assert desk.versions(job) == 1


def test_only_orders_that_the_filters_want(desk: Desk):
    desk.has(*orders(4))
    desk.has(an_order("100010", handling_status="on_hold"), an_order("100011", member=a_member(member_id="M-7")))

    held = desk.made(desk.ask(ExportKind.ORDERS, filters={"status": "on_hold"}))
    members = desk.made(desk.ask(ExportKind.ORDERS, filters={"member": "M-7"}))
    named = desk.made(desk.ask(ExportKind.ORDERS, filters={"q": "100003"}))

    assert [column(desk.rows(job), "受注番号") for job in (held, members, named)] == [
        ["100010"],
        ["100011"],
        ["100003"],
    ]


def test_every_line_of_orders_that_lie_in_several_items(desk: Desk):
    lines = tuple(a_line(n, name=f"商品{n:04d} {'あ' * 240}") for n in range(1, 901))
    desk.has(an_order("100001", lines=lines), an_order("100002"))

    job = desk.made(desk.ask(ExportKind.ORDER_LINES))

    rows = desk.rows(job)
    assert column(rows, "受注番号").count("100001") == 900
    assert [name[:6] for name in column(rows, "商品名") if name.startswith("商品")] == [
        f"商品{n:04d}" for n in range(1, 901)
    ]


def test_every_shipment(desk: Desk):
    shipments = tuple(a_shipment(n, allocations={1: 1} if n == 1 else {}) for n in range(1, 4))
    desk.has(an_order("100001", shipments=shipments), an_order("100002"))

    job = desk.made(desk.ask(ExportKind.SHIPMENTS))

    assert sorted(column(desk.rows(job), "発送ID")) == ["100001-1", "100001-2", "100001-3", "100002-1"]


def test_characters_that_cp932_lacks_are_counted_and_the_first_are_listed(desk: Desk):
    desk.has(*orders(120, member=a_member(name="𠮷田 一郎")))

    job = desk.made(desk.ask(ExportKind.ORDERS, encoding="cp932"))

    assert column(desk.rows(job, "cp932"), "担当者") == ["〓田 一郎"] * 120
    assert (job.progress.problem_count, len(job.progress.problems)) == (120, 100)
    assert job.progress.problems[0].order_number == "100120"


def test_a_file_without_rows_is_not_made(desk: Desk):
    job = desk.made(desk.ask(ExportKind.ORDERS))

    assert (job.state, job.file_key) == (ExportState.DONE, None)
    assert "Contents" not in desk.s3.list_objects_v2(Bucket=BUCKET)


# --- labels ---


def test_labels_of_all_that_waits_by_the_day_it_is_wanted(desk: Desk):
    desk.has(
        an_order("100001", shipments=(a_shipment(),)),
        an_order("100002", shipments=(a_shipment(requested_date=date(2026, 12, 1)),)),
        an_order(
            "100003", shipments=(a_shipment(status=ShippingStatus.INSTRUCTED, requested_date=date(2026, 11, 29)),)
        ),
        an_order("100004", shipments=(a_shipment(status=ShippingStatus.SHIPPED),)),
        an_order("100005", shipments=(a_shipment(carrier="sagawa"),)),
        an_order("100006", handling_status="on_hold"),
    )

    job = desk.made(desk.ask_labels(YAMATO))

    assert [row[0] for row in desk.rows(job, "cp932")] == ["100003-1", "100002-1", "100001-1", "100006-1"]


def test_labels_are_filtered_like_orders(desk: Desk):
    soon = a_shipment(requested_date=date(2026, 11, 29))
    desk.has(
        an_order("100001", shipments=(soon,)),
        an_order("100002", shipments=(soon,), handling_status="on_hold"),
        an_order("100003", shipments=(a_shipment(requested_date=date(2026, 12, 5)),)),
    )

    job = desk.made(desk.ask_labels(YAMATO, {"status": "!on_hold", "requested_to": "2026-11-30"}))

    assert [row[0] for row in desk.rows(job, "cp932")] == ["100001-1"]


def test_labels_that_were_named_are_each_answered(desk: Desk):
    desk.has(an_order("100001"), an_order("100002", member=a_member(postal_code=None)))

    job = desk.made(desk.ask_labels(YAMATO, shipments=["100009-1", "100002-1", "100001-1", "100001-7"]))

    assert [row[0] for row in desk.rows(job, "cp932")] == ["100001-1"]
    assert (job.progress.rows, job.progress.left_out) == (1, 3)
    assert [problem.shipment_id for problem in job.progress.problems] == ["100002-1", "100009-1", "100001-7"]


# --- stopped on the way ---


class TimeIsShort:
    """Time runs out after every second look."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> timedelta:
        self.looks += 1
        return timedelta(seconds=10) if self.looks % 2 == 0 else timedelta(minutes=4)


class FailingFiles(ExportFiles):
    """The bucket, with a worker that is killed before or after one of its calls in a few."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        super().__init__(desk.s3, BUCKET)
        self._chance = chance

    def add_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        self._perhaps_die()
        tag = super().add_part(key, upload_id, number, body)
        self._perhaps_die()
        return tag

    def finish(self, key: str, upload_id: str, parts: Sequence[str]) -> None:
        self._perhaps_die()
        super().finish(key, upload_id, parts)
        self._perhaps_die()

    def keep(self, key: str, body: bytes) -> None:
        self._perhaps_die()
        super().keep(key, body)
        self._perhaps_die()

    def _perhaps_die(self) -> None:
        if self._chance.random() < 0.3:
            raise TimeoutError


def run_to_the_end(desk: Desk, job: ExportJob, files: ExportFiles | None = None) -> ExportJob:
    """Delivers the job's message again and again, as the queue does."""
    for _ in range(200):
        try:
            done = desk.exporter(TimeIsShort(), files).run(job.id)
        except TimeoutError:
            desk.clock.tick(timedelta(minutes=31))
            continue
        assert done is not None
        if done.is_over:
            return done
    raise AssertionError("it never ends")


@pytest.mark.parametrize("kind", [ExportKind.ORDERS, ExportKind.ORDER_LINES, ExportKind.SHIPMENTS])
def test_a_file_that_takes_many_runs_is_the_same_file(desk: Desk, small_parts, kind):
    desk.has(*orders(40))
    at_once = desk.file(desk.made(desk.ask(kind)))

    job = run_to_the_end(desk, desk.ask(kind))

    assert desk.file(job) == at_once
    assert job.progress.rows == 40
    assert len(job.progress.parts) > 1


def test_labels_that_take_many_runs_are_the_same_labels(desk: Desk, small_parts):
    desk.has(*orders(20))
    at_once = desk.file(desk.made(desk.ask_labels(YAMATO)))
    ids = [f"{100_001 + n}-1" for n in range(20)]

    waiting = run_to_the_end(desk, desk.ask_labels(YAMATO))
    named = run_to_the_end(desk, desk.ask_labels(YAMATO, shipments=[*ids, "100999-1"], heading=True))

    assert desk.file(waiting) == at_once
    assert [row[0] for row in desk.rows(named, "cp932")] == ["お客様管理番号", *ids]
    assert named.progress.left_out == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_worker_that_is_killed_anywhere_leaves_the_same_file_and_only_one(desk: Desk, small_parts, seed):
    desk.has(*orders(25))
    at_once = desk.file(desk.made(desk.ask(ExportKind.ORDERS)))

    job = run_to_the_end(desk, desk.ask(ExportKind.ORDERS), FailingFiles(desk, random.Random(seed)))

    assert desk.file(job) == at_once
    assert (job.progress.orders, job.progress.rows) == (25, 25)
    assert desk.versions(job) == 1


def test_a_message_that_comes_twice_makes_no_second_file(desk: Desk):
    desk.has(*orders(2))
    job = desk.made(desk.ask(ExportKind.ORDERS))

    again = desk.exporter().run(job.id)

    assert again == job
    assert desk.versions(job) == 1


def test_two_workers_never_have_the_same_job(desk: Desk):
    job = desk.ask(ExportKind.ORDERS)
    held = job.model_copy(update={"state": ExportState.RUNNING, "lease_until": NOW + timedelta(minutes=1)})
    desk.exports.save(held)

    with pytest.raises(ExportBusyError):
        desk.exporter().run(job.id)
    desk.clock.tick(timedelta(minutes=2))

    assert desk.made(job).state is ExportState.DONE


def test_a_status_that_was_removed_since_ends_the_job(desk: Desk):
    job = desk.ask(ExportKind.ORDERS, filters={"status": "on_hold"})
    statuses = [status for status in desk.settings.statuses if status.key != "on_hold"]
    desk.settings_store.save("statuses", statuses, based_on=0)

    failed = desk.made(job)

    assert failed.state is ExportState.FAILED
    assert "on_hold" in (failed.problem or "")


def test_an_unknown_job_is_nobodys(desk: Desk):
    assert desk.exporter().run("20261126030000-000000000000") is None
