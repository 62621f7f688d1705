"""出荷実績を反映する: rows of a file onto their shipments, many at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from shukka.domain.errors import RuleError
from shukka.domain.imports.row import NOT_OF_A_FILE, Clear, ShipmentRow
from shukka.domain.order.history import Context
from shukka.domain.order.order import CANCELLED, Order
from shukka.domain.order.returns import check_returned_goods_left
from shukka.domain.order.written import newer_changes
from shukka.domain.settings import Settings
from shukka.domain.shipping.carrier import Carrier, Concern
from shukka.domain.shipping.rules import shipped_on_after
from shukka.domain.shipping.shipment import MAX_PARCELS, Shipment, ShipmentId, ShippingStatus
from shukka.domain.text.values import TOKYO
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit, ShipmentChanges
from shukka.usecases.shipping.shipping_mails import mail_waits, mails_are_wanted, with_shipping_mails

_ROUNDS = 5


class Outcome(StrEnum):
    """PASSED_OVER: the row contradicts a change that is newer than its file, and was skipped."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    PASSED_OVER = "passed_over"


class RowResult(NamedTuple):
    """The outcome of a row. `notes` are Japanese: why it was refused, or what to check although it was applied.

    `not_shipped`: why a row of a carrier's file did not make its shipment 発送済, in Japanese; usually None.
    """

    outcome: Outcome
    notes: tuple[str, ...] = ()
    not_shipped: str | None = None


class IsListed(Protocol):
    def __call__(self, shipment: ShipmentId, number: str, /) -> bool:
        """Whether the upload has a row with this tracking number for the shipment, anywhere."""


class RowSource(NamedTuple):
    """Where the rows come from. `notify` False applies them without mails; `action` is the verb in the history.

    `is_listed` knows the rows that are applied in other calls too; where it is None, there are no others.
    """

    import_id: str
    name: str | None
    notify: bool = True
    action: str = "import_shipments"
    is_listed: IsListed | None = None


class RowRefusedError(Exception):
    """The row cannot be applied; the message says why, in Japanese."""


def apply_shipments(
    rows: Sequence[ShipmentRow], upload: RowSource, context: Context, orders: ShipmentChanges, settings: Settings
) -> list[RowResult]:
    """Applies rows and returns a result for each. Applied again, the same rows change nothing and send nothing.

    A row does not undo a change made after `context.said_at`, the time of the upload.
    An order that changes meanwhile is read and decided again, so no change is lost.
    """
    results: dict[int, RowResult] = {}
    waiting: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        waiting.setdefault(row.shipment.order_number, []).append(index)
    for _ in range(_ROUNDS):
        left = [rows[index] for indexes in waiting.values() for index in indexes]
        # A handling status may close the order, which affects all of its shipments.
        whole = {row.shipment.order_number for row in left if row.handling_status}
        known = dict(orders.load((row.shipment for row in left), whole))
        # Stock that a cancelled order gives back, and returned goods, are in the lines.
        cancelled = {row.shipment.order_number for row in left if row.handling_status == CANCELLED}
        if needed := [n for n, order in known.items() if n in cancelled or order.header.returned]:
            known |= orders.load_lines(needed)
        changes: list[Commit] = []
        for number, indexes in waiting.items():
            decision = _Decision(known.get(number), upload, context, settings)
            of_order = [rows[index] for index in indexes]
            decision.listed.update(_listed(of_order))
            results.update(zip(indexes, map(decision.take, of_order), strict=True))
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
    """The rows of one order, decided one after the other, and the resulting change."""

    before: Order | None
    upload: RowSource
    context: Context
    settings: Settings
    after: Order | None = None
    listed: set[tuple[int, str]] = field(default_factory=set)
    seen: set[tuple[int, str]] = field(default_factory=set)
    last_line: int = NOT_OF_A_FILE
    applied: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.after = self.before

    def take(self, row: ShipmentRow) -> RowResult:
        if self.after is None:
            return RowResult(Outcome.REJECTED, (f"発送ID {row.shipment} は見つかりません",))
        taken_before = NOT_OF_A_FILE < row.line <= self.after.header.imported_lines.get(self.upload.import_id, 0)
        if taken_before and self.after.was_applied(self.upload.import_id, row.line):
            return self._applied_before(self.after, row)
        try:
            decided = self._applied(self.after, row)
        except RowRefusedError as refusal:
            return RowResult(Outcome.REJECTED, (str(refusal),))
        self.seen.update(_listed([row]))
        if not taken_before:
            self.last_line = row.line
        if decided.order is self.after:
            return RowResult(Outcome.UNCHANGED, decided.notes, decided.not_shipped)
        if newer := self._newer_changes(decided.order, row):
            return RowResult(Outcome.PASSED_OVER, (_newer_note(max(newer)),))
        # A row that was processed before without changing anything changes nothing now.
        outcome = Outcome.UNCHANGED if taken_before else Outcome.APPLIED
        if outcome is Outcome.APPLIED:
            self.applied.append(row.line)
            self.after = decided.order
        return RowResult(outcome, decided.notes, decided.not_shipped)

    def _applied_before(self, order: Order, row: ShipmentRow) -> RowResult:
        """The result of a row that an earlier run applied, with its notes."""
        try:
            decided = self._applied(order, row)
        except RowRefusedError:
            return RowResult(Outcome.APPLIED)
        self.seen.update(_listed([row]))
        return RowResult(Outcome.APPLIED, decided.notes, decided.not_shipped)

    def _newer_changes(self, after: Order, row: ShipmentRow) -> list[datetime]:
        """When the facts that the row would change were last changed, if that was after the upload."""
        if self.after is None or row.line == NOT_OF_A_FILE:
            return []
        return newer_changes(self.after, after, row.shipment.n, self.context.said_at)

    def change(self) -> Commit | None:
        if self.before is None or self.after is None or self.after is self.before:
            return None
        after, mails = with_shipping_mails(self.after, self.context, self.settings, notify=self.upload.notify)
        if self.last_line != NOT_OF_A_FILE:
            after = after.with_import(self.upload.import_id, self.last_line, self.applied)
        return next_version(
            self.before, after, self.upload.action, self.context, reason=self.upload.name, follow_ups=mails
        )

    def _applied(self, order: Order, row: ShipmentRow) -> "_Decided":
        """The order after the row (the same object if nothing changes), with notes."""
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
            if self.upload.notify and mails_are_wanted(order, self.settings) and mail_waits(shipment, self.settings):
                notes += ("送り状番号が確認されるまで、お客様への発送のお知らせは送りません",)
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
        return _Decided(order, notes, _reason_not_shipped(shipment, row))

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
            # A carrier's file from before the parcels left does not mean that they have not left.
            status = ShippingStatus.SHIPPED
        if row.shipped_on is Clear.CLEAR:
            changes["shipped_on"] = None
        else:
            changes["shipped_on"] = shipped_on_after(stored, status, row.shipped_on, self.context.today)
        return stored.model_copy(update={**changes, "status": status}), notes

    def _numbers(self, stored: Shipment, row: ShipmentRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tracking numbers after this row: those that its upload lists, including in later rows."""
        given = row.tracking_numbers
        if given is None:
            carrier = _value(row.carrier) if row.carrier and not row.status_follows_from_date else stored.carrier
            changed = carrier != stored.carrier
            notes = self._check(stored.tracking_numbers, self.settings.carrier(carrier)) if changed else ()
            return stored.tracking_numbers, notes
        if given is Clear.CLEAR:
            return (), ()
        # Numbers with a carrier of the file were checked when the file was read.
        checked = row.carrier is not None and row.line != NOT_OF_A_FILE
        notes = () if checked else self._check(given, self.settings.carrier(_value(row.carrier) or stored.carrier))
        if all((row.shipment.n, number) in self.seen for number in given):
            notes += ("同じ送り状番号の行が重複しています",)
        kept = tuple(number for number in stored.tracking_numbers if self._stays(stored, row, number))
        numbers = tuple(dict.fromkeys((*kept, *given)))
        if len(numbers) > MAX_PARCELS:
            raise RowRefusedError(f"1つの発送に登録できる送り状番号は{MAX_PARCELS}件までです")
        if dropped := [number for number in stored.tracking_numbers if number not in numbers]:
            notes += (f"登録済みの送り状番号 {'、'.join(dropped)} は、このファイルにないため外しました",)
        return numbers, notes

    def _stays(self, stored: Shipment, row: ShipmentRow, number: str) -> bool:
        """Whether a stored number is kept: the upload lists it too, or it is newer than the upload."""
        if (row.shipment.n, number) in self.listed or stored.numbers_from == self.upload.import_id:
            return True
        if row.line == NOT_OF_A_FILE:
            return False
        written = stored.written.get("tracking_numbers")
        if written and written > self.context.said_at:
            return True
        return self.upload.is_listed is not None and self.upload.is_listed(row.shipment, number)

    def _check(self, numbers: tuple[str, ...], carrier: Carrier | None) -> tuple[str, ...]:
        """Notes on numbers that are unlikely to be the carrier's; raises RowRefusedError for impossible ones."""
        notes: list[str] = []
        for number in numbers:
            concern = carrier.concern_about(number) if carrier else None
            if carrier and concern:
                reason = f"送り状番号 {number}: {carrier.explain_concern(number)}"
                if concern is Concern.IMPOSSIBLE:
                    raise RowRefusedError(reason)
                notes.append(reason)
        return tuple(notes)


class _Decided(NamedTuple):
    """The order after a row, with its notes."""

    order: Order
    notes: tuple[str, ...]
    not_shipped: str | None


def _offered(check: Callable[[str | None, str | None], None], key: str | None, current: str | None) -> None:
    """Raises RowRefusedError if the settings no longer offer `key`."""
    try:
        check(key, current)
    except RuleError as error:
        raise RowRefusedError(str(error)) from None


def _listed(rows: Iterable[ShipmentRow]) -> Iterable[tuple[int, str]]:
    """Every tracking number of the rows with the number of its shipment."""
    for row in rows:
        if isinstance(row.tracking_numbers, tuple):
            for number in row.tracking_numbers:
                yield row.shipment.n, number


def _reason_not_shipped(shipment: Shipment, row: ShipmentRow) -> str | None:
    """Why a file whose dates imply the status leaves it as it is; None if it does not, or if it is shipped already."""
    if not row.status_follows_from_date or row.status is not None:
        return None
    if shipment.status in {ShippingStatus.SHIPPED, ShippingStatus.NOT_APPLICABLE}:
        return None
    if isinstance(row.tracking_numbers, tuple):
        return "番号を登録しました。発送日がないため発送済にはしていません"
    if isinstance(row.shipped_on, date):
        return "発送日を登録しました。送り状番号がないため発送済にはしていません"
    return "発送日も送り状番号もないため発送済にはしていません"


def _newer_note(at: datetime) -> str:
    return f"このファイルより新しい変更（{at.astimezone(TOKYO):%Y-%m-%d %H:%M}）と食い違うため、反映していません"


def _corrects(stored: Shipment, shipment: Shipment) -> bool:
    """Whether the row corrects what a mail may have said to the member; an additional parcel corrects nothing."""
    lost_number = not set(stored.tracking_numbers) <= set(shipment.tracking_numbers)
    return lost_number or stored.shipped_on != shipment.shipped_on


def _value(given: Any) -> Any:  # noqa: ANN401 - a cell of any type, or the request to clear it
    return None if given is Clear.CLEAR else given
