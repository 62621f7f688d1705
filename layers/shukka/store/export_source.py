"""Orders for a file: any number of them, in constant memory, with packed reads."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from shukka.domain.exports.job import ExportKind, LabelRequest
from shukka.domain.lists.filtering import is_wanted
from shukka.domain.lists.listing import OrderFilter
from shukka.domain.lists.summary import OrderSummary
from shukka.domain.lists.unshipped import ShipmentFilter
from shukka.domain.order.order import Order
from shukka.domain.shipping.shipment import ShipmentId
from shukka.store import keys
from shukka.store.batch_read import read_items
from shukka.store.order_items import read_order
from shukka.store.order_list import OrderList
from shukka.store.shipment_list import ShipmentList
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Orders read together. Lines make an order large: up to some 400 KB.
_AT_ONCE = {ExportKind.ORDERS: 100, ExportKind.SHIPMENTS: 50, ExportKind.ORDER_LINES: 25}
_LABELS_AT_ONCE = 50

Key = tuple[str, str]


class SourcePage(NamedTuple):
    """`orders` have the shipments to write. The next page starts behind `position`.

    `unknown` are the requested 発送ID that do not exist.
    """

    position: str
    orders: Sequence[Order]
    unknown: Sequence[str] = ()


class ExportSource:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._orders = OrderList(client, table)
        self._shipments = ShipmentList(client, table)

    def orders(self, kind: ExportKind, wanted: OrderFilter, after: str | None) -> Iterator[SourcePage]:
        """Orders newest first, with what this kind of file needs of them: roots alone, shipments, or lines too."""
        for position, summaries in self._chunks(wanted, after, _AT_ONCE[kind]):
            shipments = {order.number: order.shipments if kind is not ExportKind.ORDERS else () for order in summaries}
            loaded = self._load(shipments, whole=kind is not ExportKind.ORDERS, lines=kind is ExportKind.ORDER_LINES)
            found = [loaded[order.number] for order in summaries if order.number in loaded]
            yield SourcePage(position, found)

    def shipments_to_label(
        self, request: LabelRequest, wanted: OrderFilter, waiting: ShipmentFilter, after: str | None
    ) -> Iterator[SourcePage]:
        """Each shipment that waits, as its order with this shipment alone; or those that the request names."""
        for position, ids in self._named(request, after) if request.shipments else self._waiting(waiting, after):
            by_order: dict[str, set[int]] = {}
            for number, n in ids:
                by_order.setdefault(number, set()).add(n)
            loaded = self._load(by_order, whole=False, lines=True)
            found = {
                ShipmentId(order.number, shipment.n): order.model_copy(update={"shipments": (shipment,)})
                for order in loaded.values()
                for shipment in order.shipments
            }
            requested = [
                found[shipment] for shipment in ids if shipment in found and is_wanted(found[shipment], wanted)
            ]
            unknown = [str(shipment) for shipment in ids if shipment not in found] if request.shipments else []
            yield SourcePage(position, requested, unknown)

    def _chunks(
        self, wanted: OrderFilter, after: str | None, size: int
    ) -> Iterator[tuple[str, Sequence[OrderSummary]]]:
        chunk: list[OrderSummary] = []
        position = ""
        for position, order in self._orders.newest_first(wanted, after):
            if order:
                chunk.append(order)
            if len(chunk) == size or not order:
                yield position, chunk
                chunk = []
        if chunk:
            yield position, chunk

    def _waiting(self, waiting: ShipmentFilter, after: str | None) -> Iterator[tuple[str, Sequence[ShipmentId]]]:
        position = after
        while position != keys.BEHIND_ALL:
            page = self._shipments.page(waiting, position, _LABELS_AT_ONCE)
            position = page.next or keys.BEHIND_ALL
            yield position, [ShipmentId(found.order.number, found.shipment.n) for found in page.shipments]

    @staticmethod
    def _named(request: LabelRequest, after: str | None) -> Iterator[tuple[str, Sequence[ShipmentId]]]:
        asked = [found for text in dict.fromkeys(request.shipments) if (found := ShipmentId.parse(text))]
        for start in range(int(after or 0), len(asked), _LABELS_AT_ONCE):
            yield str(start + _LABELS_AT_ONCE), asked[start : start + _LABELS_AT_ONCE]

    def _load(self, wanted: Mapping[str, Collection[int]], *, whole: bool, lines: bool) -> dict[str, Order]:
        """The orders by number, with these shipments; `whole`: with any that they have got since the list was read."""
        asked: set[Key] = set()
        items: dict[Key, Item] = {}
        missing = {(keys.order_pk(number), keys.ROOT) for number in wanted}
        missing |= {(keys.order_pk(number), keys.shipment_sk(n)) for number, ns in wanted.items() for n in ns}
        if lines:
            missing |= {(keys.order_pk(number), keys.lines_sk(0)) for number in wanted}
        orders: dict[str, Order] = {}
        while missing:
            items |= {_key(item): item for item in read_items(self._client, self._table, missing)}
            asked |= missing
            orders = _orders(items)
            missing = {key for order in orders.values() for key in _lacking(order, items, whole=whole, lines=lines)}
            missing -= asked
        return orders


def _orders(items: Mapping[Key, Item]) -> dict[str, Order]:
    by_order: dict[str, list[Item]] = {}
    for (pk, _), item in sorted(items.items()):
        by_order.setdefault(pk, []).append(item)
    return {order.number: order for items in by_order.values() if (order := read_order(items))}


def _lacking(order: Order, items: Collection[Key], *, whole: bool, lines: bool) -> Iterator[Key]:
    """What the order's root says there is more of: other shipments, the next chunk of lines."""
    pk = keys.order_pk(order.number)
    if whole:
        yield from ((pk, keys.shipment_sk(n)) for n in order.header.shipments)
    if lines and len(order.lines) < order.header.line_count:
        yield pk, keys.lines_sk(sum(1 for key in items if key[0] == pk and key[1].startswith("LINES#")))


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
