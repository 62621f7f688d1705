"""出荷実績を反映する: rows of a file onto their shipments, many at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from shukka.domain.carrier import Carrier, Concern
from shukka.domain.errors import RuleError
from shukka.domain.history import Context
from shukka.domain.order import CANCELLED, Order
from shukka.domain.returns import check_returned_goods_left
from shukka.domain.settings import Settings
from shukka.domain.shipment import MAX_PARCELS, Shipment, ShippingStatus
from shukka.domain.shipment_row import NOT_OF_A_FILE, Clear, ShipmentRow
from shukka.domain.shipping import shipped_on_after
from shukka.domain.values import business_date
from shukka.usecases.announcement import announced
from shukka.usecases.ports import Commit, ShipmentChanges
from shukka.usecases.revision import revision

_ROUNDS = 5


class Outcome(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class RowResult(NamedTuple):
    """What became of a row; `notes` are Japanese: why it was refused, or what to look at although it was not."""

    outcome: Outcome
    notes: tuple[str, ...] = ()


class Upload(NamedTuple):
    """Where the rows come from. `notify` False applies them without mails; `action` is what the history calls it."""

    import_id: str
    name: str | None
    notify: bool = True
    action: str = "import_shipments"


class RowRefusedError(Exception):
    """The row cannot be applied; the message says why, in Japanese."""


def apply_shipments(
    rows: Sequence[ShipmentRow], upload: Upload, context: Context, orders: ShipmentChanges, settings: Settings
) -> list[RowResult]:
    """Applies good rows and answers for each row. A second time, the same rows change nothing and send nothing.

    An order that someone else changes at the same time is read and decided again; nobody's change is lost.
    """
    results: dict[int, RowResult] = {}
    waiting: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        waiting.setdefault(row.shipment.order_number, []).append(index)
    for _ in range(_ROUNDS):
        left = [rows[index] for indexes in waiting.values() for index in indexes]
        # A handling status may close the order, and that concerns every shipment of it.
        whole = {row.shipment.order_number for row in left if row.handling_status}
        known = dict(orders.load((row.shipment for row in left), whole))
        # What a cancelled order gives back to stock, and what has been returned, is in the lines.
        cancelled = {row.shipment.order_number for row in left if row.handling_status == CANCELLED}
        if needed := [n for n, order in known.items() if n in cancelled or order.header.returned]:
            known |= orders.load_lines(needed)
        changes: list[Commit] = []
        for number, indexes in waiting.items():
            decision = _Decision(known.get(number), upload, context, settings)
            results.update((index, decision.take(rows[index])) for index in indexes)
            if change := decision.change():
                changes.append(change)
        lost = {change.after.number for change in orders.commit(changes)}
        waiting = {number: waiting[number] for number in lost}
        if not waiting:
            break
    busy = RowResult(Outcome.REJECTED, ("他の操作と重なり反映できませんでした。この行をもう一度取り込んでください",))
    results.update((index, busy) for indexes in waiting.values() for index in indexes)
    return [results[index] for index in range(len(rows))]


@dataclass
class _Decision:
    """The rows of one order, one after the other, and the change that they come to."""

    before: Order | None
    upload: Upload
    context: Context
    settings: Settings
    after: Order | None = None
    seen: set[tuple[int, str]] = field(default_factory=set)
    last_line: int = NOT_OF_A_FILE

    def __post_init__(self) -> None:
        self.after = self.before

    def take(self, row: ShipmentRow) -> RowResult:
        if self.after is None:
            return RowResult(Outcome.REJECTED, (f"発送ID {row.shipment} は見つかりません",))
        taken_before = NOT_OF_A_FILE < row.line <= self.after.header.imported_lines.get(self.upload.import_id, 0)
        try:
            after, notes = self._applied(self.after, row)
        except RowRefusedError as refusal:
            if taken_before and self.after.header.handling_status == CANCELLED:
                # By the same file: it cannot have changed an order that was cancelled before.
                return RowResult(Outcome.APPLIED)
            return RowResult(Outcome.REJECTED, (str(refusal),))
        if taken_before:
            return RowResult(Outcome.APPLIED, notes)
        self.last_line = row.line
        if isinstance(row.tracking_numbers, tuple):
            self.seen.update((row.shipment.n, number) for number in row.tracking_numbers)
        outcome = Outcome.UNCHANGED if after is self.after else Outcome.APPLIED
        self.after = after
        return RowResult(outcome, notes)

    def change(self) -> Commit | None:
        if self.before is None or self.after is None or self.after is self.before:
            return None
        after, mails = announced(self.after, self.context, self.settings, notify=self.upload.notify)
        if self.last_line != NOT_OF_A_FILE:
            after = after.with_import(self.upload.import_id, self.last_line)
        return revision(self.before, after, self.upload.action, self.context, reason=self.upload.name, follow_ups=mails)

    def _applied(self, order: Order, row: ShipmentRow) -> tuple[Order, tuple[str, ...]]:
        """The order after the row, the same object where that changes nothing, with notes."""
        cancelled = order.header.handling_status == CANCELLED
        if cancelled and row.handling_status != CANCELLED:
            raise RowRefusedError(f"受注 {order.number} はキャンセルされています")
        before = order
        stored = next((shipment for shipment in order.shipments if shipment.n == row.shipment.n), None)
        if stored is None:
            raise RowRefusedError(f"受注 {order.number} に発送ID {row.shipment} はありません")
        shipment, notes = self._shipment(stored, row)
        if shipment != stored:
            order = order.with_shipment(shipment)
            try:
                check_returned_goods_left(order)
            except RuleError as refusal:
                raise RowRefusedError(str(refusal)) from None
            if stored.status is shipment.status is ShippingStatus.SHIPPED and _corrects(stored, shipment):
                notes += ("発送済の内容を訂正しました",)
        header: dict[str, Any] = {}
        if row.message_to_member is not None:
            header["message_to_member"] = _value(row.message_to_member)
        if row.handling_status is not None:
            _offered(self.settings.check_status, row.handling_status, order.header.handling_status)
            header["handling_status"] = row.handling_status
        if any(getattr(order.header, name) != value for name, value in header.items()):
            order = order.with_header(**header)
        if cancelled and order is not before:
            raise RowRefusedError(f"受注 {order.number} はキャンセルされています")
        return order, notes

    def _shipment(self, stored: Shipment, row: ShipmentRow) -> tuple[Shipment, tuple[str, ...]]:
        changes: dict[str, Any] = {
            name: _value(given)
            for name in ("delivered_on", "requested_date", "time_slot", "external_shipment_code", "memo")
            if (given := getattr(row, name)) is not None
        }
        if row.carrier is not None and (row.tracking_numbers or not row.status_follows_from_date):
            changes["carrier"] = _value(row.carrier)
            _offered(self.settings.check_carrier, changes["carrier"], stored.carrier)
        numbers, notes = self._numbers(stored, row)
        if numbers != stored.tracking_numbers:
            changes |= {"tracking_numbers": numbers, "numbers_from": self.upload.import_id}
        status = row.status or stored.status
        if row.status_follows_from_date and stored.status is ShippingStatus.SHIPPED:
            # A carrier's file from before the parcels left says nothing against their having left.
            status = ShippingStatus.SHIPPED
        if row.shipped_on is Clear.CLEAR:
            changes["shipped_on"] = None
        else:
            changes["shipped_on"] = shipped_on_after(stored, status, row.shipped_on, business_date(self.context.at))
        return stored.model_copy(update={**changes, "status": status}), notes

    def _numbers(self, stored: Shipment, row: ShipmentRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tracking numbers after this row: rows of one upload add parcels, another upload's row replaces them."""
        given = row.tracking_numbers
        if given is None:
            return stored.tracking_numbers, ()
        if given is Clear.CLEAR:
            return (), ()
        # A file's own carrier was asked when the file was read.
        checked = row.carrier is not None and row.line != NOT_OF_A_FILE
        notes = () if checked else self._check(given, self.settings.carrier(_value(row.carrier) or stored.carrier))
        if set(given) <= set(stored.tracking_numbers):
            repeated = all((row.shipment.n, number) in self.seen for number in given)
            return stored.tracking_numbers, (*notes, "同じ送り状番号の行が重複しています") if repeated else notes
        kept = stored.tracking_numbers if stored.numbers_from == self.upload.import_id else ()
        numbers = tuple(dict.fromkeys((*kept, *given)))
        if len(numbers) > MAX_PARCELS:
            raise RowRefusedError(f"1つの発送に登録できる送り状番号は{MAX_PARCELS}件までです")
        return numbers, notes

    def _check(self, numbers: tuple[str, ...], carrier: Carrier | None) -> tuple[str, ...]:
        """Notes on numbers that are unlikely to be the carrier's; raises RowRefusedError for impossible ones."""
        notes: list[str] = []
        for number in numbers:
            concern = carrier.concern_about(number) if carrier else None
            if carrier and concern is Concern.IMPOSSIBLE:
                raise RowRefusedError(
                    f"送り状番号 {number} は{carrier.name}の番号として誤りがあります（検査数字が合いません）"
                )
            if carrier and concern is Concern.UNLIKELY:
                notes.append(f"送り状番号 {number} は{carrier.name}の番号の形式と違います。ご確認ください")
        return tuple(notes)


def _offered(check: Callable[[str | None, str | None], None], key: str | None, current: str | None) -> None:
    """Raises RowRefusedError where the settings no longer offer `key`."""
    try:
        check(key, current)
    except RuleError as error:
        raise RowRefusedError(str(error)) from None


def _corrects(stored: Shipment, shipment: Shipment) -> bool:
    """Whether something that the member may have been told is no longer so; another parcel takes nothing back."""
    lost_number = not set(stored.tracking_numbers) <= set(shipment.tracking_numbers)
    return lost_number or stored.shipped_on != shipment.shipped_on


def _value(given: Any) -> Any:  # noqa: ANN401 - a cell of any type, or the wish to clear it
    return None if given is Clear.CLEAR else given
