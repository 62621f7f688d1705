"""書き出し: a CSV file that staff asked for, on its way through."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from shukka.domain.labels.formats import LabelFormat
from shukka.domain.lists.listing import OrderQuery
from shukka.domain.text.csv_text import Encoding
from shukka.domain.text.dates import BusinessDate
from shukka.domain.text.values import TOKYO, Flag, Instant, Name, ShipmentIdText, Value

MAX_PROBLEMS = 100
"""Problems that a job remembers; it counts the others."""
MAX_SHIPMENTS = 1_000


class ExportKind(StrEnum):
    """受注, 受注明細 (a row for each line), 出荷 (標準形式, as it is imported), 送り状 (for label software)."""

    ORDERS = "orders"
    ORDER_LINES = "order_lines"
    SHIPMENTS = "shipments"
    CARRIER_LABELS = "carrier_labels"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    ExportKind.ORDERS: "受注",
    ExportKind.ORDER_LINES: "受注明細",
    ExportKind.SHIPMENTS: "出荷",
    ExportKind.CARRIER_LABELS: "送り状",
}


class ExportFilters(OrderQuery):
    """The filters of GET /orders in a body: with the types of JSON, where a query has only text."""

    has_requested_date: Flag | None = Field(None, description="Whether a 配送希望日 is given at all")
    stock_short: Flag | None = Field(None, description="Whether stock is short of what is ordered")

    @field_validator(
        "status", "shipping_status", "payment", "payment_method", "member", "carrier", "prefecture", mode="before"
    )
    @classmethod
    def _is_text(cls, given: object) -> object:
        if isinstance(given, list):
            raise PydanticCustomError("string_type", "文字列で指定してください")
        return given


class LabelRequest(Value):
    """Which labels. Without `shipments`: all of the carrier's that are 未発送 or 発送指示, of open orders."""

    format: LabelFormat
    shipments: Annotated[
        tuple[ShipmentIdText, ...],
        Field(max_length=MAX_SHIPMENTS, description="発送ID of the only shipments to print", examples=[["100001-1"]]),
    ] = ()
    ship_on: BusinessDate | None = Field(None, description="出荷予定日; today in Tokyo where it is absent")
    heading: Flag | None = Field(
        None, description="Whether the file has a heading; by default as the software wants it"
    )


class RequestExport(Value):
    """What to write, from which orders, and how.

    Orders are written newest first; labels by 配送希望日, which is what `requested_from` and `requested_to` then mean.
    """

    kind: ExportKind
    filters: ExportFilters = Field(default_factory=ExportFilters, description="As in GET /orders")
    encoding: Encoding | None = Field(None, description="utf-8 (with BOM) or cp932; labels are always cp932")
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] | None = Field(
        None,
        description="Headings of the columns to write, in their order",
        examples=[["受注番号", "会社名", "合計金額"]],
    )
    for_excel: Flag = Field(False, description='Write long codes as ="0123", so that Excel leaves them as they are')
    labels: LabelRequest | None = Field(None, description="With carrier_labels, and only then")


class ExportState(StrEnum):
    """WAITING → RUNNING → DONE, or FAILED."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ExportProblem(Value):
    """Something that is not in the file as it is stored. Without `shipment_id` it is about the order."""

    order_number: str
    shipment_id: str | None = None
    column: str
    reason: str


class ExportProgress(Value):
    """How far the file is. `position` is where the list goes on, `parts` are the ETags of the parts in the bucket.

    `tail`: what did not make up a part when time ran out lies in the bucket, under a name with this number.
    `written`: all parts are there, and only have to be put together.
    """

    position: str | None = None
    upload_id: str | None = None
    parts: tuple[str, ...] = ()
    tail: int | None = None
    written: bool = False
    orders: int = 0
    rows: int = 0
    left_out: int = 0
    problem_count: int = 0
    problems: tuple[ExportProblem, ...] = ()


class ExportJob(Value):
    """`id` sorts by time. `revision` counts its saves, so that two workers never both have it."""

    id: str
    request: RequestExport
    requested_by: str
    requested_at: Instant
    revision: int = 0
    state: ExportState = ExportState.WAITING
    lease_until: Instant | None = None
    progress: ExportProgress = ExportProgress()
    file_key: str | None = None
    problem: str | None = None
    finished_at: Instant | None = None

    @property
    def is_over(self) -> bool:
        return self.state in {ExportState.DONE, ExportState.FAILED}

    @property
    def filename(self) -> str:
        """What the file is called when it is downloaded, with the time of its request in Tokyo."""
        parts = [self.request.kind.label]
        if self.request.labels:
            parts.append(self.request.labels.format.layout.name)
        return "_".join([*parts, f"{self.requested_at.astimezone(TOKYO):%Y%m%d%H%M%S}"]) + ".csv"


def export_id(request_id: str, at: datetime) -> str:
    """The id of the export that a request asked for: its time, and a mark of the request."""
    return f"{at:%Y%m%d%H%M%S}-{hashlib.sha256(f'{request_id}{at}'.encode()).hexdigest()[:12]}"
