"""出荷実績の1行: a validated row of an uploaded file, and what speaks against a row."""

from datetime import date
from enum import Enum
from typing import NamedTuple

from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus

NOT_OF_A_FILE = 0
"""The `line` of a row that somebody asked for by hand. Nothing has been checked about it yet."""


CLEARING_MARKS = frozenset("-‐−－")
"""Alone in a cell, each of them clears what is stored."""


class Clear(Enum):
    """A cell that says `-`: what is stored goes. A blank cell is None: what is stored stays."""

    CLEAR = "-"


class RowProblem(NamedTuple):
    """One thing wrong with, or doubtful about, a row."""

    line: int
    """The file's own line on which the row begins; the heading is line 1."""
    column: str
    """The heading of the column, `10列目` where the file has none; empty where the row as a whole is meant."""
    value: str
    """What was found there, shortened."""
    reason: str
    """For staff, in Japanese: what is wrong and what to do about it."""

    def __str__(self) -> str:
        place = f"{self.line}行目" + (f"「{self.column}」" if self.column else "")
        return f"{place}: {self.reason}" + (f"（{self.value}）" if self.value else "")


class Reference(NamedTuple):
    """What a row says instead of a 発送ID; blank where it says nothing."""

    order_number: str = ""
    code: str = ""
    """出荷管理番号, as `plain_code` has it."""
    recipient: str = ""
    postal_code: str = ""


class ShipmentRow(NamedTuple):
    """What a row asks for. Every field but `line` and `shipment` may be None, which keeps what is stored.

    Rows are many: this is a plain tuple, built without Python code for each.
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
    """What is doubtful about the row although it may be applied."""


class ReferringRow(NamedTuple):
    """A good row whose shipment is still to be found. What its `row` has for a shipment means nothing yet."""

    row: ShipmentRow
    reference: Reference


class RejectedRow(NamedTuple):
    """A row that cannot be applied, with everything that is wrong with it."""

    line: int
    problems: tuple[RowProblem, ...]
