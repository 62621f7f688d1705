"""A file of 100,000 rows, dropped into the bucket of the local stack: whether its last rows go as fast as its first.

The real template, notification, queue and function; the database and all else are emulated on the same machine, so
rows a second say little about AWS. That they stay the same says that nothing grows with the file: no list, no report,
no checkpoint. The upload asks for no mails, because a hundred thousand of them would share the machine with the rows.
"""

import csv
import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.stack import Stack, running_stack
from shipment_import.options import NOTIFY
from shukka.domain.imports.job import ImportJob, ImportState, result_key
from shukka.domain.text.values import business_date
from tests.builders import a_line, an_order
from tests.bulk import load_orders
from tests.unit.shipment_import.files import a_b2cloud_row, csv_bytes

_ROWS = 100_000
_COMPARED = 10_000
# Of single runs; the compared parts take about a quarter of a minute each, on a machine that does everything else too.
_NOISE = 0.15
_KEY = "imports/yamato.csv"
_SECONDS_BETWEEN_LOOKS = 0.1


def figures() -> list[dict[str, Any]]:
    with running_stack() as stack:
        orders = (an_order(str(100_001 + n), lines=(a_line(),)) for n in range(_ROWS))
        load_orders(stack.client("dynamodb"), stack.orders_table, orders)
        today = f"{business_date(datetime.now(UTC)):%Y/%m/%d}"
        body = csv_bytes((a_b2cloud_row(n + 1, column4=today) for n in range(_ROWS)), "cp932")
        stack.client("s3").put_object(Bucket=stack.bucket, Key=_KEY, Body=body, Metadata={NOTIFY: "false"})
        course = list(_course(stack))
        _check(stack)
    first = _seconds_until(course, _COMPARED)
    last = course[-1][0] - _seconds_until(course, _ROWS - _COMPARED)
    flatness = first / last
    rate = _ROWS / course[-1][0]
    return [
        {
            "name": "import_last_rows_vs_first",
            "value": round(flatness, 3),
            "unit": f"x ({rate:.0f}/s)",
            "target": 1 - _NOISE,
            "holds": flatness >= 1 - _NOISE,
        }
    ]


def _course(stack: Stack) -> Iterator[tuple[float, int]]:
    """Seconds since the first sight of the import, and rows that were done by then, until all are."""
    imports = stack.client("dynamodb")
    start: float | None = None
    while True:
        jobs = imports.scan(TableName=stack.imports_table)["Items"]
        now = time.monotonic()
        for job in (ImportJob.model_validate_json(item["job"]["S"]) for item in jobs if "job" in item):
            start = start or now
            yield now - start, job.counts.rows
            if job.is_over:
                if job.state is not ImportState.DONE or job.counts.applied != _ROWS:
                    raise RuntimeError(f"the import failed: {job.problem} {job.counts} {job.first_problems[:3]}")
                return
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _seconds_until(course: list[tuple[float, int]], rows: int) -> float:
    """When so many rows were done, interpolated between looks."""
    steps = [course[0], *(later for now, later in itertools.pairwise(course) if later[1] > now[1])]
    for (start, done), (end, more) in itertools.pairwise(steps):
        if more >= rows:
            return start + (end - start) * (rows - done) / (more - done)
    raise RuntimeError(f"only {course[-1][1]} rows were done")


def _check(stack: Stack) -> None:
    """Every row stands in the report, and nothing is left to ship."""
    report = stack.client("s3").get_object(Bucket=stack.bucket, Key=result_key(_KEY))["Body"].read()
    rows = sum(1 for _ in csv.reader(report.decode("utf-8-sig").splitlines()))
    left = stack.client("dynamodb").scan(TableName=stack.orders_table, IndexName="unshipped", Select="COUNT")["Count"]
    if rows != _ROWS + 1 or left:
        raise RuntimeError(f"the report has {rows} lines, and {left} shipments are left")
