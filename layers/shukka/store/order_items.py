"""How an order lies in its items.

Values travel as JSON text in one attribute; what conditions and indexes need stands beside it as flat attributes, which
are derived at every write and never read back.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from shukka.domain.lists.findable import addresses_text, carriers, goods_text, header_text, names_text, shipped_days
from shukka.domain.lists.summary import summary_of
from shukka.domain.order.goods_return import GoodsReturn
from shukka.domain.order.history import Change, HistoryEntry
from shukka.domain.order.line import Line
from shukka.domain.order.order import Order, OrderHeader
from shukka.domain.order.outbox import FollowUp, Mail, StockMove
from shukka.domain.shipping.shipment import Shipment, ShippingStatus
from shukka.domain.text.values import AS_STORED
from shukka.store import keys
from shukka.store.transaction import Attribute, Item
from shukka.usecases.ports import Placing

# An item may hold 400 KB; the rest is room for keys and for what else an item carries.
_CHUNK_BYTES = 300_000
# Some 1,400 lines with an article number and twenty characters of name; what lies behind is not found by search.
_SEARCH_BYTES = 100_000
# Some hundred parcels with different destinations.
_SEARCH_PLACES_BYTES = 20_000
_NO_REQUESTED_DATE = "9999-12-31"
IDEMPOTENCY_KEPT = timedelta(days=1)
IMPORTS_KEPT = timedelta(days=365)
"""Import jobs and what is about them. Orders and what is about them stay."""

_LINES = TypeAdapter(tuple[Line, ...])
_CHANGES = TypeAdapter(tuple[Change, ...])
_HELD = TypeAdapter(dict[str, int])

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], attribute: Attribute) -> Model:
    """The value in `attribute`. Fields that a later version of the program added are ignored."""
    return model.model_validate_json(attribute["S"], extra="ignore", context=AS_STORED)


def read_order(items: Iterable[Item]) -> Order | None:
    """The order whose root, line, return and shipment items are among `items` in key order; None without a root."""
    header: OrderHeader | None = None
    lines: list[Line] = []
    shipments: list[Shipment] = []
    returns: list[GoodsReturn] = []
    held: dict[str, int] = {}
    stock_short: tuple[str, ...] = ()
    shared_numbers: tuple[str, ...] = ()
    for item in items:
        kind = item["sk"]["S"].partition("#")[0]
        if kind == keys.ROOT:
            header = read(OrderHeader, item["header"])
            held = _HELD.validate_json(item["held"]["S"]) if "held" in item else {}
            stock_short = tuple(sorted(item.get("stock_short", {}).get("SS", ())))
            shared_numbers = tuple(sorted(item.get("shared_numbers", {}).get("SS", ())))
        elif kind == "LINES":
            lines.extend(read_lines(item))
        elif kind == "SHIPMENT":
            shipments.append(read(Shipment, item["shipment"]))
        elif kind == "RETURN":
            returns.append(read(GoodsReturn, item["return"]))
    if header is None:
        return None
    return Order(
        header=header,
        lines=tuple(lines),
        shipments=tuple(shipments),
        returns=tuple(returns),
        held=held,
        stock_short=stock_short,
        shared_numbers=shared_numbers,
    )


def read_lines(chunk: Item) -> tuple[Line, ...]:
    return _LINES.validate_json(chunk["lines"]["S"], extra="ignore", context=AS_STORED)


def root_attributes(order: Order, *, lines_known: bool, destinations_known: bool) -> dict[str, Attribute | None]:
    """The root's attributes; None removes one, which takes the order out of a sparse index.

    What follows from the lines or from the destinations is among them where `order` has all of those.
    """
    header = order.header
    member, payment = header.member, header.payment
    days = shipped_days(header.shipments)
    attributes: dict[str, Attribute | None] = {
        "version": {"N": str(header.version)},
        "header": _json(header),
        "summary": _json(summary_of(order)),
        "placed_shard": _text(keys.placed_shard(header.number)),
        "placed_key": _text(keys.time_key(header.placed_at, header.number)),
        "updated_key": _text(keys.time_key(header.updated_at, header.number)),
        "member_id": _text(member.member_id),
        "handling_status": _text(header.handling_status),
        "open_status": _text(header.handling_status) if header.is_open else None,
        "open_shard": _text(keys.open_shard(header.number)) if header.is_open else None,
        "shipping_status": _text(header.shipping_status),
        "payment_method": _text(payment.method),
        "paid_on": _text(payment.paid_on),
        "requested_date": _text(header.requested_date),
        "held": {"S": _HELD.dump_json(order.held).decode()} if order.held else None,
        "customer_order_number": _text(header.customer_order_number),
        "external_id": _text(header.external_id),
        "total": {"N": str(header.totals.total)},
        "carriers": _texts(carriers(header.shipments)),
        "first_shipped_on": _text(days[0]) if days else None,
        "last_shipped_on": _text(days[-1]) if days else None,
        "search": _text(header_text(header)),
    }
    if lines_known:
        attributes["search_lines"] = _text(_cut(goods_text(order.lines), _SEARCH_BYTES))
    if destinations_known:
        attributes["search_names"] = _text(_cut(names_text(order), _SEARCH_PLACES_BYTES))
        attributes["search_addresses"] = _text(_cut(addresses_text(order), _SEARCH_PLACES_BYTES))
    return attributes


def _cut(text: str, most: int) -> str:
    """The beginning of `text`, at most so many bytes."""
    return text.encode()[:most].decode(errors="ignore")


def line_items(pk: str, lines: Iterable[Line]) -> list[Item]:
    chunks = _chunks(line.model_dump_json() for line in lines)
    return [_item(pk, keys.lines_sk(n), lines=_text(chunk)) for n, chunk in enumerate(chunks)]


def shipment_item(pk: str, order: Order, shipment: Shipment) -> Item:
    waiting = shipment.status in {ShippingStatus.NOT_SHIPPED, ShippingStatus.INSTRUCTED} and order.header.is_open
    requested = shipment.requested_date.isoformat() if shipment.requested_date else _NO_REQUESTED_DATE
    return _item(
        pk,
        keys.shipment_sk(shipment.n),
        shipment=_json(shipment),
        shipment_code=_text(keys.shipment_code(code)) if (code := shipment.external_shipment_code) else None,
        carrier=_text(shipment.carrier) if waiting else None,
        unshipped_status=_text(shipment.status) if waiting else None,
        ship_by=_text(f"{requested}#{order.number:0>15}-{shipment.n:04d}") if waiting else None,
    )


def return_item(pk: str, record: GoodsReturn) -> Item:
    return _item(pk, keys.return_sk(record.n), **{"return": _json(record)})


def history_items(pk: str, entry: HistoryEntry) -> list[Item]:
    """One item, or several parts where an edit changed more than an item holds."""
    whole = _json(entry)
    if len(whole["S"].encode()) <= _CHUNK_BYTES:
        return [_item(pk, keys.history_sk(entry.version, 0), entry=whole)]
    parts = _chunks(change.model_dump_json() for change in entry.changes)
    return [
        _item(
            pk,
            keys.history_sk(entry.version, n),
            entry=_json(entry.model_copy(update={"changes": _CHANGES.validate_json(part)})),
        )
        for n, part in enumerate(parts)
    ]


def read_history(items: Iterable[Item]) -> list[HistoryEntry]:
    """Entries by version, parts put together again."""
    entries: dict[int, HistoryEntry] = {}
    for item in items:
        part = read(HistoryEntry, item["entry"])
        entry = entries.get(part.version)
        entries[part.version] = entry.model_copy(update={"changes": entry.changes + part.changes}) if entry else part
    return list(entries.values())


def outbox_item(pk: str, follow_up: FollowUp) -> Item:
    """`state` and `lease_until` stand beside the record because conditions need them."""
    if isinstance(follow_up, Mail):
        return _item(
            pk,
            keys.mail_sk(follow_up.key),
            record=_json(follow_up),
            state=_text(follow_up.state),
            lease_until=_text(follow_up.lease_until),
            expires_at=expiry(follow_up.created_at + IMPORTS_KEPT) if keys.is_import(pk) else None,
        )
    if isinstance(follow_up, StockMove):
        return _item(pk, keys.stock_move_sk(follow_up.version), record=_json(follow_up), state=_text(follow_up.state))
    return _item(
        pk,
        keys.document_sk(follow_up.kind, follow_up.revision),
        record=_json(follow_up),
        state=_text(follow_up.state),
    )


def placing_item(placing: Placing, answer: OrderHeader) -> Item:
    """The answer takes the place of the claim."""
    return _item(
        keys.idempotency_pk(placing.client, placing.key),
        "-",
        payload_hash=_text(placing.payload_hash),
        answer=_json(answer),
        expires_at=expiry(answer.placed_at + IDEMPOTENCY_KEPT),
    )


def _item(pk: str, sk: str, **attributes: Attribute | None) -> Item:
    present = {name: value for name, value in attributes.items() if value is not None}
    return {"pk": {"S": pk}, "sk": {"S": sk}, **present}


def _text(value: str | date | None) -> Attribute | None:
    """A text, a day or a moment. An empty text says no more than an absent one, and an index refuses it as a key."""
    if not value:
        return None
    return {"S": value if isinstance(value, str) else value.isoformat()}


def _texts(values: Collection[str]) -> Attribute | None:
    return {"SS": sorted(values)} if values else None


def expiry(at: datetime) -> Attribute:
    """The time to live of an item, as DynamoDB wants it."""
    return {"N": str(int(at.timestamp()))}


def _json(value: BaseModel) -> Attribute:
    return {"S": value.model_dump_json()}


def _chunks(parts: Iterable[str]) -> list[str]:
    """JSON texts as JSON arrays, each small enough for an item."""
    return [f"[{','.join(chunk)}]" for chunk in _grouped(parts)]


def _grouped(parts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for part in parts:
        part_size = len(part.encode()) + 1
        if chunk and size + part_size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(part)
        size += part_size
    if chunk:
        yield chunk
