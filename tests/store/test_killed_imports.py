"""An import that is killed at any point and delivered again ends as one that nobody disturbed, on the real engine."""

import json
import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from local.patience import HANG_SECONDS
from local.tables import create_tables, delete_tables
from shipment_import.job import ImportBusyError, UploadedFile
from shukka.domain.imports.job import ImportState
from shukka.domain.order.order import CANCELLED, MAX_SHIPMENTS
from shukka.store.imports import ImportStore
from tests.builders import a_shipment, an_order
from tests.unit.shipment_import.files import a_file, a_number, a_row
from tests.uploads import FIRST_NUMBER, FolderFiles, World, later

ROOT = Path(__file__).parents[2]
ORDERS, ROWS = 600, 5_000
SEED = 20261126
KILLED = -9


@pytest.fixture
def world(dynamodb, tables, tmp_path):
    return World(dynamodb, tables, FolderFiles(tmp_path / "bucket"))


@pytest.fixture
def undisturbed(dynamodb, tmp_path):
    """A second shop, with tables of its own."""
    tables = create_tables(dynamodb, prefix=f"undisturbed-{os.getpid()}-")
    yield World(dynamodb, tables, FolderFiles(tmp_path / "undisturbed"))
    delete_tables(dynamodb, tables)


def shop(world: World) -> None:
    """Every tenth order has three shipments, every hundredth is cancelled."""
    orders = []
    for n in range(ORDERS):
        shipments = tuple(a_shipment(k) for k in (1, 2, 3)) if n % 10 == 0 else None
        status = {"handling_status": CANCELLED} if n % 100 == 1 else {}
        orders.append(an_order(str(FIRST_NUMBER + n), shipments=shipments, **status))
    world.place(*orders)


def a_large_file(chance: random.Random) -> bytes:
    """Parcels, statuses, messages and dates in no order, with rows that are wrong and rows of nothing that exists."""
    rows = []
    for n in range(ROWS):
        order = chance.randrange(ORDERS + 50)
        shipment = chance.choice((1, 2, 3)) if order % 10 == 0 else 1
        cells = {
            "発送ID": f"{FIRST_NUMBER + order}-{shipment}",
            "送り状番号": a_number(n),
            "発送状況": "発送済",
            "発送日": chance.choice(("2026/11/25", "2026/11/26", "")),
            "出荷管理番号": f"WMS-{order}",
            "お客様への連絡事項": f"{order}番のご注文を発送しました",
            "対応状況": "完了" if order % 7 == 0 else "",
        }
        if n % 50 == 0:
            cells["発送日"] = "2026/02/30"
        rows.append(a_row(**cells))
    return a_file(*rows)


MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


def state_of(world: World) -> dict[tuple[str, str], str]:
    """Everything about orders, but for the moments at which it was written: orders, their history, their outbox."""
    return {
        key: MOMENT.sub("a moment", json.dumps(item, sort_keys=True))
        for key, item in world.items().items()
        if key[0].startswith("ORDER#")
    }


def work(world: World, endpoint: str, folder: Path, file: UploadedFile, die_at: int | None) -> int:
    """Delivers the message to a process of its own; its exit code."""
    task = {
        "endpoint": endpoint,
        "tables": asdict(world.tables),
        "folder": str(folder),
        "key": file.key,
        "size": file.size,
        "at": file.at.isoformat(),
        "now": world.clock.now.isoformat(),
        "die_at": die_at,
    }
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "layers", ROOT / "functions")))}
    command = [sys.executable, "-m", "tests.store.import_worker", json.dumps(task)]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False, timeout=HANG_SECONDS).returncode


def test_an_import_killed_again_and_again_ends_as_one_left_alone(world, undisturbed, dynamodb_endpoint, tmp_path):
    chance = random.Random(SEED)
    body = a_large_file(chance)
    for each in (world, undisturbed):
        shop(each)
    expected = undisturbed.run(undisturbed.drop(body))
    file = world.drop(body)

    deaths = 0
    # In the end the worker is done before it comes to that request.
    while work(world, dynamodb_endpoint, tmp_path / "bucket", file, die_at=chance.randrange(1, 80)) == KILLED:
        deaths += 1
        later(world)
    assert deaths >= 5
    job = ImportStore(world.dynamodb, world.tables.imports, "").get(expected.id)
    # Of what a killed run did, some notes are not repeated.
    of_rows = {"warned"}
    assert job.state is ImportState.DONE
    assert job.counts.model_dump(exclude=of_rows) == expected.counts.model_dump(exclude=of_rows)
    assert [row["結果"] for row in world.report(job)] == [row["結果"] for row in undisturbed.report(expected)]
    assert state_of(world) == state_of(undisturbed)
    assert world.mails() == undisturbed.mails()
    assert len(world.report(job)) == ROWS


def test_two_files_for_the_same_shipments_at_once_lose_nothing(world):
    world.place(count=300)
    ids = [f"{FIRST_NUMBER + n}-1" for n in range(300)]
    memos = a_file(*(a_row(発送ID=id_, 送り状番号="", 発送日="", 発送メモ=f"メモ {id_}") for id_ in ids))
    codes = a_file(*(a_row(発送ID=id_, 送り状番号="", 発送日="", 出荷管理番号=f"WMS-{id_}") for id_ in reversed(ids)))
    files = [world.drop(memos, "imports/memos.csv"), world.drop(codes, "imports/codes.csv")]

    with ThreadPoolExecutor(2) as pool:
        jobs = list(pool.map(world.run, files))

    assert [(job.state, job.counts.applied) for job in jobs] == [(ImportState.DONE, 300)] * 2
    for n, id_ in enumerate(ids):
        order = world.order(str(FIRST_NUMBER + n))
        shipment = order.shipments[0]
        assert (order.version, shipment.memo, shipment.external_shipment_code) == (3, f"メモ {id_}", f"WMS-{id_}")


def test_of_two_workers_on_one_file_one_waits(world):
    world.place(count=300)
    file = world.drop(a_file(*(a_row(発送ID=f"{FIRST_NUMBER + n}-1", 発送状況="発送済") for n in range(300))))
    done = []

    def worker(_: int) -> None:
        with suppress(ImportBusyError):
            done.append(world.run(file))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))

    (job,) = done
    assert (job.state, job.counts.applied) == (ImportState.DONE, 300)
    assert len(world.mails()) == 301
    assert {world.order(str(FIRST_NUMBER + n)).version for n in range(300)} == {2}


def test_all_shipments_of_an_order_leave_in_one_file(world):
    shipments = tuple(a_shipment(n) for n in range(1, MAX_SHIPMENTS + 1))
    world.place(an_order(shipments=shipments))
    rows = [a_row(発送ID=f"100001-{shipment.n}", 発送状況="発送済", 対応状況="完了") for shipment in shipments]

    job = world.run(world.drop(a_file(*rows)))

    assert (job.state, job.counts.applied) == (ImportState.DONE, MAX_SHIPMENTS)
    assert world.order().version == 2
    assert len(world.mails()) == MAX_SHIPMENTS + 1
