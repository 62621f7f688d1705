"""Which columns an export can have, and what stands in them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shukka.domain.errors import Rule, RuleError
from shukka.domain.exports.job import ExportKind
from shukka.domain.imports.mapping import ImportField
from shukka.domain.imports.native import NATIVE_HEADINGS
from shukka.domain.imports.row import CLEARING_MARKS
from shukka.domain.order.allocation import Quantities, quantities_of
from shukka.domain.order.line import Line
from shukka.domain.order.order import Member, Order, OrderHeader
from shukka.domain.order.totals import RATES, RateTotal, TaxCategory
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Destination, Shipment, ShippingStatus
from shukka.domain.text.normalize import plain_code
from shukka.domain.text.options import retired_first
from shukka.domain.text.values import TOKYO

Fact = str | int | date | datetime | None

NUMBER_SEPARATOR = "/"
"""Between the tracking numbers of a cell. A comma would make one number of them in some spreadsheet programs."""

_TAX_LABELS = {TaxCategory.STANDARD: "標準", TaxCategory.REDUCED: "軽減", TaxCategory.EXEMPT: "非課税"}


class Entry(NamedTuple):
    """What a row is about: an order; or a shipment of it; or what a shipment holds of a line, and what was returned."""

    order: Order
    settings: Settings
    shipment: Shipment | None = None
    line: Line | None = None
    quantity: int = 0
    returned: int = 0

    @property
    def header(self) -> OrderHeader:
        return self.order.header

    @property
    def recipient(self) -> Member | Destination:
        return (self.shipment.destination if self.shipment else None) or self.header.member


@dataclass(frozen=True)
class Column:
    """`is_code`: digits that a spreadsheet program would take for a number."""

    heading: str
    value: Callable[[Entry], Fact]
    is_code: bool = False

    def cell(self, entry: Entry) -> str:
        return _text(self.value(entry))


def columns_of(kind: ExportKind, headings: Sequence[str] | None) -> Sequence[Column]:
    """The columns with these headings, or the usual ones. Raises RuleError for unknown headings."""
    known = {column.heading: column for column in _KNOWN[kind]}
    if headings is None:
        return [known[heading] for heading in _USUAL[kind]]
    unknown = [heading for heading in headings if heading not in known]
    if unknown:
        raise RuleError(
            f"{'、'.join(unknown)} という列はありません（使えるもの: {'、'.join(known)}）",
            "columns",
            Rule.UNKNOWN_COLUMN,
        )
    if len(set(headings)) < len(headings):
        raise RuleError("同じ列を2回以上指定することはできません", "columns", Rule.REPEATED_COLUMN)
    return [known[heading] for heading in headings]


def entries_of(kind: ExportKind, order: Order, settings: Settings) -> Iterator[Entry]:
    """The rows of an order. Of a line that is divided between shipments, there is one for each, with its quantity."""
    if kind is ExportKind.ORDERS:
        yield Entry(order, settings)
    elif kind is ExportKind.SHIPMENTS:
        yield from (Entry(order, settings, shipment) for shipment in order.shipments)
    else:
        held = [(shipment, quantities_of(shipment, order.lines)) for shipment in order.shipments]
        for line in order.lines:
            yield from _entries_of_line(order, settings, line, held)


def _entries_of_line(
    order: Order, settings: Settings, line: Line, held: Sequence[tuple[Shipment, Quantities]]
) -> Iterator[Entry]:
    returned = line.returned
    rows = [(shipment, quantities[line.line_id]) for shipment, quantities in held if quantities.get(line.line_id)]
    for shipment, quantity in rows:
        # Nobody records which parcel returned goods were in; over all rows of the line, the numbers add up.
        here = min(returned, quantity) if shipment.status is ShippingStatus.SHIPPED else 0
        returned -= here
        yield Entry(order, settings, shipment, line, quantity, here)
    if not rows:
        yield Entry(order, settings, None, line, line.quantity)


def _text(value: Fact) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"
    return str(value)


def _person(prefix: str, who: Callable[[Entry], Member | Destination]) -> list[Column]:
    return [
        Column(f"{prefix}会社名", lambda entry: who(entry).company),
        Column(f"{prefix}部署名", lambda entry: who(entry).department),
        Column(f"{prefix}担当者", lambda entry: who(entry).name),
        Column(f"{prefix}電話番号", lambda entry: who(entry).phone, is_code=True),
        Column(f"{prefix}郵便番号", lambda entry: who(entry).postal_code),
        Column(f"{prefix}都道府県", lambda entry: who(entry).prefecture),
        Column(f"{prefix}住所1", lambda entry: who(entry).address1),
        Column(f"{prefix}住所2", lambda entry: who(entry).address2),
        Column(f"{prefix}住所3", lambda entry: who(entry).address3),
    ]


def _rate(category: TaxCategory, amount: Callable[[RateTotal], int]) -> Callable[[Entry], int]:
    def value(entry: Entry) -> int:
        return sum(amount(rate) for rate in entry.header.totals.rates if rate.tax_category is category)

    return value


def _rates() -> Iterator[Column]:
    for category, percent in RATES.items():
        name = f"{percent}%" if percent else _TAX_LABELS[category]
        yield Column(f"{name}対象額（税抜）", _rate(category, lambda rate: rate.net))
        if percent:
            yield Column(f"{name}消費税", _rate(category, lambda rate: rate.tax))


_PLACED = [
    Column("受注番号", lambda entry: entry.header.number),
    Column("受注日時", lambda entry: entry.header.placed_at),
    Column("対応状況", lambda entry: entry.settings.status_label(entry.header.handling_status)),
]
_MEMBER = [
    Column("会員ID", lambda entry: entry.header.member.member_id, is_code=True),
    *_person("", lambda entry: entry.header.member),
    Column("メールアドレス", lambda entry: entry.header.member.email),
]
_MONEY = [
    Column("決済方法", lambda entry: entry.settings.payment_label(entry.header.payment.method)),
    Column("決済確認日", lambda entry: entry.header.payment.paid_on),
    Column("入金額", lambda entry: entry.header.payment.paid_amount),
    Column("商品合計", lambda entry: entry.header.totals.goods),
    Column("送料", lambda entry: entry.header.totals.shipping_fee),
    Column("決済手数料", lambda entry: entry.header.totals.payment_fee),
    Column("値引き", lambda entry: entry.header.totals.discount),
    Column("ポイント利用", lambda entry: entry.header.totals.points_used),
    *_rates(),
    Column("税抜合計", lambda entry: entry.header.totals.net),
    Column("消費税", lambda entry: entry.header.totals.tax),
    Column("合計金額", lambda entry: entry.header.totals.total),
]
_MESSAGES = [
    Column("連絡事項", lambda entry: entry.header.message_from_member),
    Column("お客様への連絡事項", lambda entry: entry.header.message_to_member),
    Column("管理用メモ", lambda entry: entry.header.staff_memo),
]


_REFERENCES = [
    Column("客先注文番号", lambda entry: entry.header.customer_order_number, is_code=True),
    Column("外部ID", lambda entry: entry.header.external_id, is_code=True),
    Column("追加情報", lambda entry: _as_json(entry.header.metadata)),
]


def _as_json(metadata: Mapping[str, str]) -> str | None:
    return json.dumps(metadata, ensure_ascii=False) if metadata else None


def _numbers_of_order(entry: Entry) -> str:
    digests = entry.header.shipments.values()
    return NUMBER_SEPARATOR.join(number for digest in digests for number in digest.tracking_numbers)


def _last_shipped_on(entry: Entry) -> date | None:
    return max((found.shipped_on for found in entry.header.shipments.values() if found.shipped_on), default=None)


_ORDERS = [
    *_PLACED,
    Column("発送状況", lambda entry: entry.header.shipping_status.label),
    *_MEMBER,
    *_MONEY,
    Column("配送希望日", lambda entry: entry.header.requested_date),
    Column("配送時間帯", lambda entry: entry.header.time_slot),
    *_MESSAGES,
    Column("明細数", lambda entry: entry.header.line_count),
    Column("発送数", lambda entry: len(entry.header.shipments)),
    Column("送り状番号", _numbers_of_order, is_code=True),
    Column("発送日", _last_shipped_on),
    Column("返品数", lambda entry: entry.header.returned),
    *_REFERENCES,
]


def _of_shipment(value: Callable[[Shipment], Fact]) -> Callable[[Entry], Fact]:
    return lambda entry: value(entry.shipment) if entry.shipment else None


def _shipment_id(entry: Entry) -> str | None:
    return entry.order.shipment_id(entry.shipment) if entry.shipment else None


def _carrier_name(entry: Entry) -> str | None:
    carrier = entry.settings.carrier(entry.shipment.carrier if entry.shipment else None)
    return carrier.name if carrier else None


_SHIPMENT = [
    Column("発送ID", _shipment_id),
    *_person("配送先 ", lambda entry: entry.recipient),
    Column("配送業者", _carrier_name),
    Column("送り状番号", _of_shipment(lambda found: NUMBER_SEPARATOR.join(found.tracking_numbers)), is_code=True),
    Column("発送状況", _of_shipment(lambda found: found.status.label)),
    Column("発送日", _of_shipment(lambda found: found.shipped_on)),
    Column("納品日", _of_shipment(lambda found: found.delivered_on)),
    Column("配送希望日", _of_shipment(lambda found: found.requested_date)),
    Column("配送時間帯", _of_shipment(lambda found: found.time_slot)),
    Column("出荷管理番号", _of_shipment(lambda found: found.external_shipment_code), is_code=True),
    Column("発送メモ", _of_shipment(lambda found: found.memo)),
]


def _of_line(value: Callable[[Line], Fact]) -> Callable[[Entry], Fact]:
    return lambda entry: value(entry.line) if entry.line else None


def _amount(entry: Entry) -> int | None:
    """Yen in the order's price mode, of what this row has of the line and was not returned."""
    return entry.line.amount_of(entry.quantity - entry.returned) if entry.line else None


_LINE = [
    Column("明細ID", _of_line(lambda line: line.line_id)),
    Column("品番", _of_line(lambda line: line.sku), is_code=True),
    Column("JANコード", _of_line(lambda line: line.jan_code), is_code=True),
    Column("商品名", _of_line(lambda line: line.name)),
    Column("単価", _of_line(lambda line: line.unit_price)),
    Column("入数", _of_line(lambda line: line.units_per_set)),
    Column("単位", _of_line(lambda line: line.unit)),
    Column("受注数", lambda entry: entry.quantity),
    Column("金額", _amount),
    Column("税率", _of_line(lambda line: RATES[line.tax_category])),
    Column("税区分", _of_line(lambda line: _TAX_LABELS[line.tax_category])),
    Column("返品数", lambda entry: entry.returned),
]


# --- 標準形式: what an import reads back as exactly what is stored ---


def _read_back(key: str | None, labels: Iterable[tuple[str, str]]) -> str | None:
    """The label that an import takes for this key and no other; None, which changes nothing, where there is none."""
    meanings: dict[str, str] = {}
    mine: str | None = None
    for known, label in labels:
        meanings |= {plain_code(word).casefold(): known for word in (label, known)}
        mine = label if known == key else mine
    return mine if mine is not None and meanings[plain_code(mine).casefold()] == key else None


def _kept(value: Callable[[Entry], str | None]) -> Callable[[Entry], str | None]:
    """A text that would clear itself in an import is left blank."""

    def text(entry: Entry) -> str | None:
        found = value(entry)
        return None if found and found.strip() in CLEARING_MARKS else found

    return text


def _carriers(entry: Entry) -> Iterator[tuple[str, str]]:
    return ((carrier.key, carrier.name) for carrier in retired_first(entry.settings.carriers))


def _statuses(entry: Entry) -> Iterator[tuple[str, str]]:
    return ((status.key, status.label) for status in retired_first(entry.settings.statuses))


def _text_of_shipment(value: Callable[[Shipment], str | None]) -> Callable[[Entry], str | None]:
    return _kept(lambda entry: value(entry.shipment) if entry.shipment else None)


def _carrier_read_back(entry: Entry) -> str | None:
    return _read_back(entry.shipment.carrier if entry.shipment else None, _carriers(entry))


_F = ImportField
_NATIVE_VALUES: Mapping[ImportField, Callable[[Entry], Fact]] = {
    _F.SHIPMENT_ID: _shipment_id,
    _F.TRACKING_NUMBERS: _of_shipment(lambda found: NUMBER_SEPARATOR.join(found.tracking_numbers)),
    _F.CARRIER: _carrier_read_back,
    _F.STATUS: _of_shipment(lambda found: found.status.label),
    _F.SHIPPED_ON: _of_shipment(lambda found: found.shipped_on),
    _F.DELIVERED_ON: _of_shipment(lambda found: found.delivered_on),
    _F.REQUESTED_DATE: _of_shipment(lambda found: found.requested_date),
    _F.TIME_SLOT: _text_of_shipment(lambda found: found.time_slot),
    _F.EXTERNAL_SHIPMENT_CODE: _text_of_shipment(lambda found: found.external_shipment_code),
    _F.MEMO: _text_of_shipment(lambda found: found.memo),
    _F.MESSAGE_TO_MEMBER: _kept(lambda entry: entry.header.message_to_member),
    _F.HANDLING_STATUS: lambda entry: _read_back(entry.header.handling_status, _statuses(entry)),
}
_NATIVE = [
    Column(NATIVE_HEADINGS[name][0], value, is_code=name in {_F.TRACKING_NUMBERS, _F.EXTERNAL_SHIPMENT_CODE})
    for name, value in _NATIVE_VALUES.items()
]

_KNOWN: Mapping[ExportKind, Sequence[Column]] = {
    ExportKind.ORDERS: _ORDERS,
    ExportKind.ORDER_LINES: [*_PLACED, *_MEMBER, *_MONEY, *_MESSAGES, *_SHIPMENT, *_LINE, *_REFERENCES],
    # Columns that an import does not know are passed over by it.
    ExportKind.SHIPMENTS: [*_NATIVE, *_PLACED[:2], *_person("配送先 ", lambda entry: entry.recipient), *_REFERENCES],
}
_USUAL: Mapping[ExportKind, Sequence[str]] = {
    **{kind: [column.heading for column in known] for kind, known in _KNOWN.items()},
    ExportKind.SHIPMENTS: [column.heading for column in _NATIVE],
}
