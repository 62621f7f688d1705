"""Orders to rows of a file."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from shukka.domain.exports.columns import columns_of, entries_of
from shukka.domain.exports.job import ExportKind, ExportProblem, RequestExport
from shukka.domain.labels.layout import LabelLayout
from shukka.domain.labels.parcel import Notes, parcel_of
from shukka.domain.order.order import CANCELLED, Order
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Shipment, ShippingStatus
from shukka.domain.text.csv_text import CsvText, Encoding

_WAITING = frozenset({ShippingStatus.NOT_SHIPPED, ShippingStatus.INSTRUCTED})


class Row(NamedTuple):
    """A row in the file's encoding, empty where it is left out, and what is to be said about it."""

    text: bytes
    problems: Sequence[ExportProblem] = ()


class Sheet(Protocol):
    """A file in the making."""

    def beginning(self) -> bytes:
        """What stands before the rows."""

    def rows(self, order: Order) -> Iterator[Row]:
        """The rows of an order, which has the lines and the shipments that its kind of file needs."""


def sheet_of(request: RequestExport, settings: Settings, today: date) -> Sheet:
    """The requested file; `today` is the day in Tokyo. Raises RuleError for unknown columns."""
    if request.labels:
        layout = request.labels.format.layout
        heading = layout.has_heading if request.labels.heading is None else request.labels.heading
        named = bool(request.labels.shipments)
        return LabelSheet(layout, settings, today, request.labels.ship_on, heading=heading, named=named)
    return TableSheet(request, settings)


class TableSheet:
    """A row for each order, line or shipment. Of shipments, what the encoding lacks is left blank and not replaced."""

    def __init__(self, request: RequestExport, settings: Settings) -> None:
        self._kind = request.kind
        self._columns = columns_of(request.kind, request.columns)
        self._codes = {n for n, column in enumerate(self._columns) if column.is_code} if request.for_excel else set()
        self._settings = settings
        self._exact = request.kind is ExportKind.SHIPMENTS
        self._text = CsvText(request.encoding or Encoding.UTF_8, exact=self._exact)

    def beginning(self) -> bytes:
        return self._text.beginning + self._text.row([column.heading for column in self._columns])[0]

    def rows(self, order: Order) -> Iterator[Row]:
        for entry in entries_of(self._kind, order, self._settings):
            text, lost = self._text.row([column.cell(entry) for column in self._columns], self._codes)
            shipment_id = order.shipment_id(entry.shipment) if entry.shipment else None
            instead = "空欄にしました（取り込んでも変わりません）" if self._exact else "置き換えました"
            yield Row(
                text,
                [
                    ExportProblem(
                        order_number=order.number,
                        shipment_id=shipment_id,
                        column=self._columns[cell].heading,
                        reason=f"文字コードcp932にない文字「{characters}」があるため、{instead}",
                    )
                    for cell, characters in lost
                ],
            )


class LabelSheet:
    """A row for each shipment to label. `named`: staff asked for these very shipments, so each gets an answer."""

    def __init__(
        self,
        layout: LabelLayout,
        settings: Settings,
        today: date,
        ship_on: date | None,
        *,
        heading: bool,
        named: bool,
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._today = today
        self._ship_on = ship_on
        self._heading = heading
        self._named = named
        self._text = CsvText(Encoding.CP932)

    def beginning(self) -> bytes:
        return self._text.row(self._layout.columns)[0] if self._heading else b""

    def rows(self, order: Order) -> Iterator[Row]:
        for shipment in order.shipments:
            if reason := self._not_to_ship(order, shipment):
                problem = _problem(order, shipment, "発送状況", reason)
                yield Row(b"", [problem] if self._named else [])
            else:
                yield self._label(order, shipment)

    def _label(self, order: Order, shipment: Shipment) -> Row:
        notes = Notes()
        # 発送指示 says on which day it shall leave.
        ship_on = self._ship_on or max(self._today, shipment.shipped_on or self._today)
        parcel = parcel_of(order, shipment, self._settings, ship_on, notes)
        cells = self._layout.row(parcel, self._settings.labels, notes)
        problems = [_problem(order, shipment, note.column, note.reason) for note in notes.all]
        # Every cell is legible by now.
        return Row(b"" if notes.refuses else self._text.row(cells)[0], problems)

    def _not_to_ship(self, order: Order, shipment: Shipment) -> str | None:
        if order.header.handling_status == CANCELLED:
            return "受注がキャンセルされています"
        if shipment.status not in _WAITING:
            return f"{shipment.status.label}のため、送り状は不要です"
        if not order.header.is_open:
            return "受注が完了しています"
        if shipment.carrier not in {None, self._layout.carrier}:
            carrier = self._settings.carrier(shipment.carrier)
            return f"配送業者が{carrier.name if carrier else shipment.carrier}です"
        return None


def unknown(shipment_ids: Iterable[str]) -> Iterator[Row]:
    """Rows for requested shipments that do not exist."""
    for shipment_id in shipment_ids:
        problem = ExportProblem(
            order_number=shipment_id.partition("-")[0],
            shipment_id=shipment_id,
            column="発送ID",
            reason=f"発送ID {shipment_id} は見つかりません",
        )
        yield Row(b"", [problem])


def _problem(order: Order, shipment: Shipment, column: str, reason: str) -> ExportProblem:
    return ExportProblem(
        order_number=order.number, shipment_id=order.shipment_id(shipment), column=column, reason=reason
    )
