"""発送を見つける: the shipments of rows that have a 受注番号, a 出荷管理番号 or a recipient instead of a 発送ID."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shukka.domain.imports.recipient import Recipient
from shukka.domain.imports.row import Reference, ReferringRow, RejectedRow, RowProblem, ShipmentRow
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import Shipment, ShipmentId, ShippingStatus
from shukka.usecases.ports import ShipmentSearch

_OPEN = frozenset({ShippingStatus.NOT_SHIPPED, ShippingStatus.INSTRUCTED})
_MOST_NAMED = 5
_MOST_OF_A_CODE = 20


class _Candidate(NamedTuple):
    id: ShipmentId
    shipment: Shipment


class NotFoundReason(Exception):
    """Why a row has no shipment, in Japanese."""


@dataclass
class ShipmentFinder:
    """Finds the shipments of a file's rows, some rows at a time. One finder serves one run through a file.

    A row gets a shipment only without any doubt, never the likeliest of several. If one of several was the only
    unshipped one, that holds for the whole run: the second parcel of a shipment follows the first, which has made it
    発送済 meanwhile.
    """

    shipments: ShipmentSearch
    _chosen: dict[Reference, ShipmentId] = field(default_factory=dict)
    _waiting: Sequence[tuple[ShipmentId, Shipment, Recipient]] | None = None

    def found(self, rows: Iterable[ShipmentRow | ReferringRow | RejectedRow]) -> list[ShipmentRow | RejectedRow]:
        """The rows in their order, each with its shipment, or rejected with the reason."""
        rows = list(rows)
        asked = [row for row in rows if isinstance(row, ReferringRow) and row.reference not in self._chosen]
        by_order, by_code = self._looked_up([row.reference for row in asked]) if asked else ({}, {})
        return [self._settled(row, by_order, by_code) if isinstance(row, ReferringRow) else row for row in rows]

    def _looked_up(
        self, references: Sequence[Reference]
    ) -> tuple[Mapping[str, list[_Candidate]], Mapping[str, list[_Candidate]]]:
        """Candidates by order number and by code."""
        orders = self.shipments.load((), {reference.order_number for reference in references} - {""})
        by_order = {number: _candidates(order) for number, order in orders.items()}
        codes = {reference.code for reference in references if reference.code and reference.order_number not in orders}
        ids = self.shipments.find_by_code(codes, _MOST_OF_A_CODE + 1) if codes else {}
        holders = self.shipments.load({shipment for found in ids.values() for shipment in found})
        loaded = {found.id: found for order in holders.values() for found in _candidates(order)}
        by_code = {
            code: [loaded[found] for found in known if found in loaded and loaded[found].shipment.has_code(code)]
            for code, known in ids.items()
        }
        return by_order, by_code

    def _settled(
        self,
        referring: ReferringRow,
        by_order: Mapping[str, list[_Candidate]],
        by_code: Mapping[str, list[_Candidate]],
    ) -> ShipmentRow | RejectedRow:
        row, reference = referring
        try:
            shipment = self._chosen.get(reference) or self._only(referring, by_order, by_code)
        except NotFoundReason as reason:
            problem = RowProblem(row.line, "", reference.recipient, str(reason))
            return RejectedRow(row.line, (problem, *row.warnings))
        if reference.recipient and not reference.postal_code:
            by_name = f"お届け先の氏名だけで発送ID {shipment} と結び付けました。ご確認ください"
            doubt = RowProblem(row.line, "", reference.recipient, by_name)
            return row._replace(shipment=shipment, warnings=(*row.warnings, doubt))
        return row._replace(shipment=shipment)

    def _only(
        self,
        referring: ReferringRow,
        by_order: Mapping[str, list[_Candidate]],
        by_code: Mapping[str, list[_Candidate]],
    ) -> ShipmentId:
        """The only shipment that fits the row. Raises NotFoundReason."""
        reference = referring.reference
        if reference.order_number in by_order:
            candidates = by_order[reference.order_number]
            coded = [found for found in candidates if reference.code and found.shipment.has_code(reference.code)]
            return self._choose(coded or candidates, referring, f"受注 {reference.order_number} ")
        if reference.code:
            if candidates := by_code.get(reference.code, []):
                what = f"出荷管理番号 {reference.code} "
                if len(candidates) > _MOST_OF_A_CODE:
                    raise NotFoundReason(f"{what}の発送が多すぎるため、どれか決められません。発送IDで指定してください")
                return self._choose(candidates, referring, what)
            raise NotFoundReason(
                f"受注番号が {reference.order_number} の受注は見つかりません"
                if reference.order_number == reference.code
                else f"「{reference.code}」は、発送ID・受注番号・出荷管理番号のどれにもあたりません"
            )
        if reference.order_number:
            raise NotFoundReason(f"受注番号が {reference.order_number} の受注は見つかりません")
        return self._choose(self._waiting_for(referring), referring, "このお届け先")

    def _waiting_for(self, referring: ReferringRow) -> list[_Candidate]:
        row, reference = referring
        if self._waiting is None:
            self._waiting = self.shipments.list_waiting()
        return [
            _Candidate(shipment_id, shipment)
            for shipment_id, shipment, recipient in self._waiting
            if recipient.is_called(reference.recipient, reference.postal_code)
            and (shipment.carrier is None or row.carrier in {None, shipment.carrier})
        ]

    def _choose(self, candidates: Sequence[_Candidate], referring: ReferringRow, what: str) -> ShipmentId:
        """The shipment that already has the row's numbers, else the only one, else the only unshipped one.

        Raises NotFoundReason.
        """
        numbers = referring.row.tracking_numbers
        if isinstance(numbers, tuple):
            holders = [found for found in candidates if set(numbers) <= set(found.shipment.tracking_numbers)]
            if len(holders) == 1:
                return holders[0].id
        if len(candidates) == 1:
            return candidates[0].id
        waiting = [found for found in candidates if found.shipment.status in _OPEN]
        if len(waiting) == 1:
            self._chosen[referring.reference] = waiting[0].id
            return waiting[0].id
        if not waiting:
            raise NotFoundReason(f"{what}に、未発送の発送がありません")
        named = "、".join(str(found.id) for found in waiting[:_MOST_NAMED])
        raise NotFoundReason(f"{what}に、未発送の発送が{len(waiting)}件あります（{named}）。発送IDで指定してください")


def _candidates(order: Order) -> list[_Candidate]:
    return [_Candidate(ShipmentId(order.number, shipment.n), shipment) for shipment in order.shipments]
