"""One upload from the bucket to its report, with the real stores on a mock of AWS."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, islice
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from local.tables import create_tables
from shipment_import import job as job_module
from shipment_import import text
from shipment_import.job import ImportBusyError, UploadedFile
from shukka.domain.imports.job import MAX_BYTES, ImportCounts, ImportJob, ImportState, UploadMode, requested_key
from shukka.domain.order.order import CANCELLED
from shukka.domain.settings import AutomaticMails, ShopProfile
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.store.files import FileStore
from shukka.store.imports import ImportStore
from tests.builders import NOW, an_order, some_settings
from tests.unit.shipment_import.files import a_file, a_number, a_row
from tests.uploads import FolderFiles, World, later

REGION = "ap-northeast-1"


def shipped(n: int, **cells: str) -> list[str]:
    """A row that ships 10000n-1."""
    return a_row(n, **{"発送状況": "発送済", **cells})


GOOD = a_file(*(shipped(n) for n in (1, 2, 3)))
ONE_BAD = a_file(shipped(1), shipped(2, 発送日="2024-02-31"), shipped(3))
HELD = "他の行に誤りがあるため反映していません"


class VersionedFiles(FileStore):
    """Says under which version a file was put, as S3 does in its notification."""

    def put(self, key: str, body: bytes, content_type: str, metadata: Any = None) -> str:
        super().put(key, body, content_type, metadata)
        return self._client.head_object(Bucket=self._bucket, Key=key)["VersionId"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
        world = World(dynamodb, create_tables(dynamodb, prefix=""), VersionedFiles(s3, "files"))
        world.place(count=3)
        yield world


@pytest.fixture
def tiny_steps(monkeypatch):
    """Groups of two rows, and a checkpoint after every second group."""
    monkeypatch.setattr(text, "CHUNK_BYTES", 100)
    monkeypatch.setattr(job_module, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(job_module, "_ROWS_TO_CHECKPOINT", 4)


def results(world: World, job: ImportJob) -> list[tuple[str, str]]:
    return [(row["結果"], row["理由"]) for row in world.report(job)]


def summaries(world: World) -> list[tuple[str, str]]:
    return [key for key in world.mails() if key[0].startswith("IMPORT#")]


# --- the good day ---


def test_good_rows_are_applied_bad_ones_reported_and_the_shop_gets_a_summary(world):
    job = world.run(world.drop(ONE_BAD))

    assert (job.state, job.format, job.percent) == (ImportState.DONE, "標準形式", 100)
    assert job.counts == ImportCounts(applied=2, rejected=1)
    assert job.first_problems == ("3行目「発送日」: 暦にない日付です（2024-02-31）",)
    assert [result for result, _ in results(world, job)] == ["反映", "エラー", "反映"]
    assert world.order("100001").shipments[0].status is ShippingStatus.SHIPPED
    assert world.mails() == [
        (f"IMPORT#{job.id}", "MAIL#import#shop"),
        ("ORDER#100001", "MAIL#shipped#100001-1"),
        ("ORDER#100003", "MAIL#shipped#100003-1"),
    ]
    assert ImportStore(world.dynamodb, world.tables.imports, "").get(job.id) == job


def test_rows_to_look_at_are_listed_and_not_only_counted(world):
    file = a_file(a_row(1, 発送日="2025/1/5"), a_row(2), *(a_row(3, 送り状番号=a_number(n)) for n in (3, 3)))

    job = world.run(world.drop(file))

    assert job.counts.warned == len(job.first_warnings) == 2
    assert job.first_warnings[0].startswith("2行目「発送日」: 今日から1年以上離れた日付です")
    assert "重複" in job.first_warnings[1]


def test_a_delivery_after_the_end_does_nothing(world):
    file = world.drop(GOOD)
    job = world.run(file)
    before = world.items()
    boto3.client("s3").delete_object(Bucket="files", Key=file.key)
    later(world)

    assert world.run(file) == job
    assert world.items() == before


def test_the_day_of_the_upload_counts_however_late_the_file_is_worked_on(world):
    """But the order says when it was changed: who reads what changed since then has to find it."""
    file = world.drop(a_file(shipped(1, 発送日="", 発送状況="発送済")))
    later(world, timedelta(days=3))

    world.run(file)

    order = world.order()
    assert order.shipments[0].shipped_on.isoformat() == "2026-11-26"
    assert order.header.updated_at == world.clock.now


@pytest.mark.parametrize(
    "settings",
    [
        some_settings(mails=AutomaticMails(import_to_shop=False)),
        some_settings(shop=ShopProfile(name="住所だけの店")),
    ],
)
def test_the_shop_gets_no_summary_without_an_address_or_if_it_is_switched_off(world, settings):
    world.settings.settings = settings

    world.run(world.drop(GOOD))

    assert summaries(world) == []


# --- modes ---


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(world):
    before = world.items()

    job = world.run(world.drop(ONE_BAD, mode="dry_run"))

    assert (job.state, job.mode) == (ImportState.DONE, UploadMode.DRY_RUN)
    assert job.counts == ImportCounts(applied=2, rejected=1)
    assert [result for result, _ in results(world, job)] == ["反映予定", "エラー", "反映予定"]
    assert {key: item for key, item in world.items().items() if key not in summaries(world)} == before


def test_a_dry_run_sees_what_earlier_rows_of_the_file_would_have_done(world, tiny_steps):
    rows = [
        shipped(1),
        shipped(2),
        shipped(3),
        shipped(1),
        shipped(1, 対応状況="キャンセル"),
        shipped(2),
        shipped(1, 発送メモ="まだ？"),
    ]

    job = world.run(world.drop(a_file(*rows), mode="dry_run"))

    assert results(world, job)[-1] == ("エラー", "8行目: 受注 100001 はキャンセルされています")


def test_a_strict_upload_with_one_bad_row_changes_nothing_and_says_so_of_every_row(world):
    before = world.items()

    job = world.run(world.drop(ONE_BAD, mode="strict"))

    assert (job.state, job.mode) == (ImportState.FAILED, UploadMode.STRICT)
    assert job.problem == "誤りのある行が1行あるため、どの行も反映していません"
    assert job.counts == ImportCounts(rejected=1, held=2)
    (first, bad, last) = results(world, job)
    assert (first, last) == (("未反映", HELD), ("未反映", HELD))
    assert bad[0] == "エラー"
    assert "発送日" in bad[1]
    assert {key: item for key, item in world.items().items() if key not in summaries(world)} == before
    assert len(summaries(world)) == 1


@pytest.mark.parametrize(
    "last",
    [shipped(4), shipped(1, 発送メモ="取り消したのに")],
    ids=["an unknown shipment", "what an earlier row cancels"],
)
def test_a_strict_upload_is_refused_for_what_only_the_orders_can_tell(world, tiny_steps, last):
    rows = [shipped(1), shipped(2), shipped(1, 対応状況="キャンセル"), shipped(3), shipped(2), shipped(3), last]

    job = world.run(world.drop(a_file(*rows), mode="strict"))

    assert (job.state, job.counts.applied, job.counts.rejected) == (ImportState.FAILED, 0, 1)
    assert [world.order(str(number)).version for number in (100001, 100002, 100003)] == [1, 1, 1]


def test_a_strict_upload_without_bad_rows_is_applied(world, tiny_steps):
    job = world.run(world.drop(a_file(*(shipped(n) for n in (1, 2, 3, 1, 2, 3))), mode="strict"))

    assert (job.state, job.counts.rows, job.counts.rejected) == (ImportState.DONE, 6, 0)
    assert [result for result, _ in results(world, job)][:3] == ["反映"] * 3
    assert world.order().shipments[0].status is ShippingStatus.SHIPPED


def test_a_strict_upload_that_was_killed_while_it_was_applied_goes_on_whatever_happened_since(world):
    file = world.drop(GOOD, mode="strict")
    claimed = world.importer()._claim(file)
    checked = claimed.model_copy(update={"mode": UploadMode.STRICT, "checked": True})
    assert ImportStore(world.dynamodb, world.tables.imports, "").save(checked, expected=claimed)
    later(world)
    world.place(an_order("100002", handling_status=CANCELLED))

    job = world.run(file)

    assert (job.state, job.counts) == (ImportState.DONE, ImportCounts(applied=2, rejected=1))


def test_without_notify_no_member_gets_a_mail_now_or_later(world):
    job = world.run(world.drop(GOOD, notify="false"))
    world.run(world.drop(a_file(shipped(1, 送り状番号=a_number(77))), "imports/corrected.csv"))

    assert job.notify is False
    assert [key for key in world.mails() if key not in summaries(world)] == []


@pytest.mark.parametrize(
    ("metadata", "value"), [({"mode": "dryrun"}, "dryrun"), ({"notify": "nein"}, "nein"), ({"mode": ""}, "")]
)
def test_an_unknown_option_is_refused_with_the_possible_ones(world, metadata, value):
    job = world.run(world.drop(GOOD, **metadata))

    assert job.state is ImportState.FAILED
    assert f"「{value}」は使えません" in job.problem
    assert "何も反映していません" in job.problem
    assert world.order().version == 1
    assert results(world, job) == [("エラー", job.problem)]


def test_wishes_are_understood_as_people_write_them(world):
    assert world.run(world.drop(GOOD, Mode=" Dry_Run ")).mode is UploadMode.DRY_RUN


def test_a_file_of_two_formats_is_taken_as_the_one_that_is_named(world):
    heading = ("発送ID", "Bカート発送ID", "送り状番号", "発送日")
    file = a_file(["100001-1", "", a_number(1), "2026/11/25"], heading=heading)

    refused = world.run(world.drop(file, "imports/1.csv"))
    taken = world.run(world.drop(file, "imports/2.csv", format="native"))

    assert "決められません" in refused.problem
    assert (taken.state, taken.counts.applied, taken.format) == (ImportState.DONE, 1, "標準形式")


def test_an_unknown_format_is_refused_by_its_japanese_name(world):
    job = world.run(world.drop(GOOD, format=quote("倉庫システム")))

    assert job.state is ImportState.FAILED
    assert "「倉庫システム」はありません" in job.problem
    assert "yamato_b2cloud" in job.problem


# --- files that cannot be taken ---


def test_a_file_that_is_too_large_is_refused_unread(world, monkeypatch):
    with monkeypatch.context() as unread:
        unread.setattr(world.files, "download", pytest.fail)
        job = world.run(UploadedFile("imports/huge.csv", "v1", MAX_BYTES + 1, NOW))

    assert (job.state, job.finished_at) == (ImportState.FAILED, NOW)
    assert "200 MB" in job.problem
    assert results(world, job) == [("エラー", job.problem)]
    assert len(summaries(world)) == 1


def test_a_file_that_is_gone_again_is_refused(world):
    file = world.drop(GOOD)
    boto3.client("s3").delete_object(Bucket="files", Key=file.key, VersionId=file.version)

    job = world.run(file)

    assert (job.state, job.problem) == (ImportState.FAILED, "ファイルが見つかりません")


def test_a_deleted_object_is_forbidden_in_s3_and_ends_the_job(world):
    """The function may not list the bucket, and then S3 does not tell who asks what is there."""
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    def refuse(**_: Any) -> None:
        raise denied

    file = world.drop(GOOD)
    world.files._client.meta.events.register("before-parameter-build.s3.GetObject", refuse)

    job = world.run(file)

    assert (job.state, job.problem) == (ImportState.FAILED, "ファイルが見つかりません")


def test_what_is_not_csv_is_refused_with_what_to_do(world):
    job = world.run(world.drop(b"PK\x03\x04" + b"x" * 100))

    assert job.state is ImportState.FAILED
    assert "zip" in job.problem


# --- who works on it ---


def test_two_workers_on_one_upload_one_waits(world):
    file = world.drop(GOOD)
    world.importer()._claim(file)

    with pytest.raises(ImportBusyError):
        world.run(file)

    later(world)
    assert world.run(file).state is ImportState.DONE


def test_who_lost_the_upload_to_another_worker_does_not_finish_it(world):
    file = world.drop(GOOD)
    importer = world.importer()
    job = importer._claim(file)
    later(world)
    world.importer()._claim(file)

    with pytest.raises(ImportBusyError):
        importer._save(job, percent=1)
    with pytest.raises(ImportBusyError):
        importer._finish(job, some_settings(), state=ImportState.DONE)
    assert summaries(world) == []


def test_a_file_that_was_dropped_over_it_since_is_another_upload(world):
    first = world.drop(GOOD)
    world.clock.tick(timedelta(seconds=5))
    second = world.drop(a_file(shipped(1, 送り状番号=a_number(77))))

    jobs = [world.run(first), world.run(second)]

    assert [job.counts.rows for job in jobs] == [3, 1]
    assert len({job.id for job in jobs}) == 2
    assert world.order().shipments[0].tracking_numbers == (a_number(77),)
    versions = [
        world.files._client.get_object(Bucket="files", Key=job.result_key, VersionId=job.result_version) for job in jobs
    ]
    assert len({answer["ETag"] for answer in versions}) == 2


# --- uploads that were asked for over HTTP ---

ASKED_FOR = "20261126025900-0123456789ab"


def ask(world: World, job_id: str = ASKED_FOR) -> str:
    key = requested_key(job_id, "yamato.csv")
    waiting = ImportJob(
        id=job_id, source_key=key, received_at=NOW, state=ImportState.WAITING, mode=UploadMode.DRY_RUN, notify=False
    )
    assert ImportStore(world.dynamodb, world.tables.imports, "").save(waiting, expected=None)
    return key


def test_the_file_of_an_upload_that_was_asked_for_is_its_job(world):
    key = ask(world)
    world.clock.tick(timedelta(minutes=1))

    file = world.drop(GOOD, key, mode="dry_run", notify="false")
    job = world.run(file)

    assert (job.id, job.state, job.received_at) == (ASKED_FOR, ImportState.DONE, world.clock.now)
    assert job.result_key == f"results/api/{ASKED_FOR}/yamato.result.csv"
    assert world.run(file) == job


def test_a_second_file_under_that_key_is_a_job_of_its_own(world):
    key = ask(world)
    first = world.run(world.drop(GOOD, key))
    second = world.run(world.drop(ONE_BAD, key))

    assert first.id == ASKED_FOR
    assert second.id != ASKED_FOR
    assert second.counts.rejected == 1


def test_nobody_gets_an_id_by_making_up_a_key(world):
    job = world.run(world.drop(GOOD, requested_key("20991231235959-0123456789ab", "x.csv")))

    assert job.id.startswith("20261126030000-")


# --- parcels ---

B2 = ("お客様管理番号", "伝票番号", "出荷予定日")


def parcels(*rows: tuple[int, int], day: str = "2026/11/25") -> bytes:
    """A carrier's file: for each row the shipment 10000n-1 and a number."""
    return a_file(*([f"{100000 + n}-1", a_number(number), day] for n, number in rows), heading=B2)


def numbers_of(world: World, number: str = "100001") -> set[str]:
    return set(world.order(number).shipments[0].tracking_numbers)


def test_a_file_that_lists_a_parcel_again_and_a_new_one_keeps_both_however_far_apart(world, tiny_steps):
    world.run(world.drop(parcels((1, 1), (1, 2), (2, 3)), "imports/morning.csv"))
    day = parcels((1, 1), (2, 3), (3, 5), (2, 4), (3, 5), (1, 7), (3, 6), (2, 3), (1, 2))

    job = world.run(world.drop(day, "imports/day.csv"))

    assert numbers_of(world) == {a_number(1), a_number(7), a_number(2)}
    assert numbers_of(world, "100002") == {a_number(3), a_number(4)}
    words = ["変更なし", "変更なし", "反映", "反映", "変更なし", "反映", "反映", "変更なし", "変更なし"]
    assert [result for result, _ in results(world, job)] == words
    versions = [world.order(str(number)).version for number in (100001, 100002, 100003)]

    again = world.run(world.drop(day, "imports/again.csv"))

    assert again.counts == ImportCounts(unchanged=9, warned=again.counts.warned)
    assert [world.order(str(number)).version for number in (100001, 100002, 100003)] == versions


def test_a_parcel_that_a_later_file_leaves_out_is_taken_off_and_the_report_says_so(world):
    world.run(world.drop(parcels((1, 1), (1, 2)), "imports/morning.csv"))

    job = world.run(world.drop(parcels((1, 2)), "imports/day.csv"))

    assert numbers_of(world) == {a_number(2)}
    ((result, reason),) = results(world, job)
    assert result == "反映"
    assert f"送り状番号 {a_number(1)} は、このファイルにないため外しました" in reason


def test_a_file_that_waited_while_a_newer_one_was_imported_does_not_win(world):
    older = world.drop(parcels((1, 1), (2, 2)), "imports/older.csv")
    later(world)
    world.run(world.drop(parcels((1, 7)), "imports/newer.csv"))

    job = world.run(older)

    assert (numbers_of(world), numbers_of(world, "100002")) == ({a_number(7)}, {a_number(2)})
    assert job.counts == ImportCounts(applied=1, passed_over=1)
    (passed_over, _) = results(world, job)
    assert passed_over[0] == "見送り"
    assert "このファイルより新しい変更（2026-11-26 12:30）" in passed_over[1]


@pytest.mark.parametrize("mode", ["strict", "dry_run"])
def test_rows_that_would_be_passed_over_refuse_no_upload(world, mode):
    older = world.drop(parcels((1, 1), (2, 2)), "imports/older.csv", mode=mode)
    later(world)
    world.run(world.drop(parcels((1, 7)), "imports/newer.csv"))

    job = world.run(older)

    assert (job.state, job.counts) == (ImportState.DONE, ImportCounts(applied=1, passed_over=1))


def test_rows_that_ship_less_than_expected_are_counted_and_say_so(world):
    job = world.run(world.drop(parcels((1, 1), (2, 2), day="")))

    assert job.counts == ImportCounts(applied=2, not_shipped=2)
    words = "番号を登録しました。発送日がないため発送済にはしていません"
    assert results(world, job) == [("反映", words), ("反映", words)]
    assert world.order().shipments[0].status is ShippingStatus.NOT_SHIPPED


# --- the same content again ---


@pytest.mark.parametrize("key", ["imports/yamato.csv", "imports/again/other.csv"])
def test_the_same_content_again_is_recognised_and_changes_nothing(world, key):
    world.run(world.drop(GOOD))
    before = world.items()
    later(world)

    job = world.run(world.drop(GOOD, key))

    assert job.repeats == "この内容は 2026-11-26 12:00 に取り込み済みです（imports/yamato.csv）"
    assert results(world, job) == [("変更なし", job.repeats), ("変更なし", ""), ("変更なし", "")]
    assert job.counts == ImportCounts(unchanged=3)
    assert {key: item for key, item in world.items().items() if key[0] != f"IMPORT#{job.id}"} == before


@pytest.mark.parametrize(("body", "mode"), [(GOOD, "dry_run"), (ONE_BAD, "strict"), (GOOD, "unknown")])
def test_content_that_was_only_looked_at_is_not_called_imported(world, body, mode):
    world.run(world.drop(body, mode=mode))

    assert world.run(world.drop(body, "imports/in_earnest.csv")).repeats is None


# --- cut off ---


def in_pieces(world: World, file: UploadedFile) -> tuple[ImportJob, int]:
    """As on a function whose time is always up: the job when it is over, and how many runs it took."""
    for runs in range(1, 50):
        job = world.run(file, remaining=lambda: timedelta(seconds=30))
        if job.is_over:
            return job, runs
    raise AssertionError("never over")


@pytest.mark.parametrize("mode", ["apply", "strict", "dry_run"])
def test_a_file_in_many_pieces_comes_to_the_same(world, tiny_steps, mode):
    body = a_file(
        *(shipped(n) for n in (1, 2, 3)), shipped(1, 送り状番号=a_number(77)), shipped(9), *(shipped(n) for n in (2, 3))
    )
    whole = world.run(world.drop(body, "imports/whole.csv", mode="dry_run"))
    expected = [reason for _, reason in results(world, whole)]

    job, runs = in_pieces(world, world.drop(body, "imports/pieces.csv", mode=mode))

    assert runs >= 4
    assert job.counts.rows == 7
    if mode == "strict":
        assert (job.state, job.counts.held) == (ImportState.FAILED, 6)
    else:
        assert (job.state, job.counts.rejected) == (ImportState.DONE, 1)
        assert [reason for _, reason in results(world, job)] == expected
    if mode == "apply":
        assert job.counts == whole.counts
    assert [row["発送ID"] for row in world.report(job)] == [f"{100000 + n}-1" for n in (1, 2, 3, 1, 9, 2, 3)]


def test_a_strict_upload_in_many_pieces_is_checked_to_its_end_before_anything_is_applied(world, tiny_steps):
    file = world.drop(a_file(*(shipped(n) for n in (1, 2, 3) * 3)), mode="strict")
    versions = []
    while not (job := world.run(file, remaining=lambda: timedelta(seconds=30))).is_over:
        versions.append((job.checked, world.order().version))

    assert (job.state, job.counts.rows, len(world.report(job))) == (ImportState.DONE, 9, 9)
    assert {version for checked, version in versions if not checked} == {1}
    assert {version for checked, version in versions if checked} == {2}


def test_progress_shows_while_it_runs(world, tiny_steps):
    seen = []
    imports = ImportStore(world.dynamodb, world.tables.imports, "")

    def look():
        (job,) = imports.page(None, 10).jobs
        seen.append((job.state, job.counts.rows, job.percent, job.format))
        return timedelta(minutes=5)

    world.run(world.drop(a_file(*(shipped(n) for n in (1, 2, 3) * 4))), remaining=look)

    assert {state for state, *_ in seen} == {ImportState.RUNNING}
    assert [rows for _, rows, *_ in seen] == sorted(rows for _, rows, *_ in seen)
    assert len({rows for _, rows, *_ in seen}) > 2
    assert 0 < seen[-1][2] < 100
    assert seen[-1][3] == "標準形式"


class Died(BaseException):
    """The worker is gone: no code of its own runs any more."""


@contextmanager
def dying(world: World, at: int, event: str) -> Iterator[None]:
    """Has the worker die at a call of AWS, from 0: before the request leaves, or when its answer is there."""
    calls = count()

    def die(**_: Any) -> None:
        if next(calls) == at:
            raise Died

    clients = ((world.dynamodb, "dynamodb"), (world.files._client, "s3"))
    for client, name in clients:
        client.meta.events.register_first(f"{event}.{name}", die, unique_id=name)
    yield
    for client, name in clients:
        client.meta.events.unregister(f"{event}.{name}", unique_id=name)


@pytest.mark.parametrize("mode", ["apply", "strict"])
@pytest.mark.parametrize("event", ["before-send", "response-received"])
def test_wherever_a_worker_dies_the_next_one_ends_it_with_everything_once(world, tiny_steps, event, mode):
    numbers = map(str, count(100_200))
    for at in count():
        orders = list(islice(numbers, 3))
        world.place(*map(an_order, orders))
        rows = [shipped(1, 発送ID=f"{number}-1", 送り状番号=a_number(int(number))) for number in orders]
        file = world.drop(a_file(*rows, *rows), f"imports/{at}.csv", mode=mode)
        died = False
        with dying(world, at, event):
            try:
                world.run(file)
            except Died:
                died = True
        later(world)

        job = world.run(file)

        assert (job.state, job.counts) == (ImportState.DONE, ImportCounts(applied=3, unchanged=3)), at
        assert len(world.report(job)) == 6
        assert {world.order(number).version for number in orders} == {2}
        owners = [f"IMPORT#{job.id}", *(f"ORDER#{number}" for number in orders)]
        assert [world.mails_of(owner) for owner in owners] == [1] * 4
        if not died:
            break
    assert at > 10


# --- however much is wrong ---


def peak_of(world: World, rows: int) -> int:
    """Bytes that an import of so many bad rows holds at its most; the file and its report lie on the disk."""
    body = a_file(*(shipped(n, 発送日="2024-02-31") for n in range(rows)))
    file = world.drop(body, f"imports/{rows}.csv")
    del body
    tracemalloc.start()
    try:
        job = world.run(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (job.counts.rejected, len(job.first_problems)) == (rows, 20)
    with world.files.path(job.result_key).open() as report:
        assert sum("暦にない日付です" in line for line in report) == rows
    return peak


def test_a_hundred_thousand_bad_rows_take_no_more_memory_than_ten_thousand(world, tmp_path):
    world.files = FolderFiles(tmp_path)

    assert peak_of(world, 100_000) < peak_of(world, 10_000) + 6_000_000
