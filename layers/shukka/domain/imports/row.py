"""出荷実績の1行: a validated row of an uploaded file, and the problems of a row."""

from datetime import date
from enum import Enum
from typing import NamedTuple

from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus

NOT_OF_A_FILE = 0
"""The `line` of a row that staff requested by hand. Nothing about it has been checked yet."""


CLEARING_MARKS = frozenset("-‐−－")
"""Alone in a cell, each of them clears what is stored."""


class Clear(Enum):
    """A cell of `-` removes the stored value. A blank cell is None and keeps it."""

    CLEAR = "-"


class RowProblem(NamedTuple):
    """One thing wrong with, or doubtful about, a row."""

    line: int
    """The file's own line on which the row begins; the heading is line 1."""
    column: str
    """The heading of the column, `10列目` if the file has none; empty for the row as a whole."""
    value: str
    """The value of the cell, shortened."""
    reason: str
    """For staff, in Japanese: what is wrong and what to do about it."""

    def __str__(self) -> str:
        place = f"{self.line}行目" + (f"「{self.column}」" if self.column else "")
        return f"{place}: {self.reason}" + (f"（{self.value}）" if self.value else "")


class Reference(NamedTuple):
    """What identifies the shipment of a row without 発送ID; blank fields are unknown."""

    order_number: str = ""
    code: str = ""
    """出荷管理番号, in the form of `plain_code`."""
    recipient: str = ""
    postal_code: str = ""


class ShipmentRow(NamedTuple):
    """The changes that a row requests. Any field but `line` and `shipment` may be None, which keeps the stored value.

    A plain tuple, because files have many rows: it is built without running Python code for each.
    """

    line: int
    """The file's own line on which the row begins; the heading is line 1."""
    shipment: ShipmentId
    tracking_numbers: tuple[str, ...] | Clear | None
    """The numbers of the cell, as they are stored; never an empty tuple."""
    carrier: str | Clear | None
    """The key of a carrier in the settings: the row's own, or the one that the file's format implies."""
    status: ShippingStatus | None
    shipped_on: date | Clear | None
    delivered_on: date | Clear | None
    requested_date: date | Clear | None
    time_slot: str | Clear | None
    external_shipment_code: str | Clear | None
    memo: str | Clear | None
    message_to_member: str | Clear | None
    """Of the order, not the shipment, like `handling_status`."""
    handling_status: str | None
    """The key of a 対応状況 in the settings."""
    status_follows_from_date: bool
    """The format has no column of 発送状況: `status` was concluded from the date."""
    warnings: tuple[RowProblem, ...]
    """Doubts about the row that do not stop it."""


class ReferringRow(NamedTuple):
    """A good row whose shipment is not found yet. The shipment of its `row` is a placeholder."""

    row: ShipmentRow
    reference: Reference


class RejectedRow(NamedTuple):
    """A row that cannot be applied, with all of its problems."""

    line: int
    problems: tuple[RowProblem, ...]
