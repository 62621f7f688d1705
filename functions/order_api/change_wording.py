"""A change in the words of the desk: what was changed, and what it was before and after."""

from collections.abc import Callable, Mapping

from shukka.domain.order.history import Change
from shukka.domain.order.line import LineKind
from shukka.domain.order.totals import TaxCategory
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import ShippingStatus

Fact = str | int | bool | None

_PERSON = {
    "company": "会社名",
    "department": "部署名",
    "name": "担当者",
    "email": "メールアドレス",
    "phone": "電話番号",
    "postal_code": "郵便番号",
    "prefecture": "都道府県",
    "address1": "住所1",
    "address2": "住所2",
    "address3": "住所3",
}
_HEADER = {
    "handling_status": "対応状況",
    "requested_date": "配送希望日",
    "time_slot": "配送時間帯",
    "message_from_member": "連絡事項",
    "message_to_member": "お客様への連絡事項",
    "staff_memo": "管理用メモ",
    "customer_order_number": "客先注文番号",
    "external_id": "外部ID",
    "member.member_id": "会員ID",
    **{f"member.{field}": f"発注者の{label}" for field, label in _PERSON.items()},
    "payment.method": "決済方法",
    "payment.paid_on": "決済確認日",
    "payment.paid_amount": "入金額",
    "totals.goods": "商品合計",
    "totals.shipping_fee": "送料",
    "totals.payment_fee": "決済手数料",
    "totals.discount": "値引き",
    "totals.points_used": "ポイント利用",
    "totals.net": "税抜合計",
    "totals.tax": "消費税",
    "totals.total": "合計金額",
}
_LINE = {
    "sku": "品番",
    "jan_code": "JANコード",
    "name": "商品名",
    "units_per_set": "入数",
    "unit": "単位",
    "unit_price": "単価",
    "quantity": "数量",
    "tax_category": "税区分",
    "kind": "種別",
    "returned": "返品数",
}
_SHIPMENT = {
    "status": "発送状況",
    "carrier": "配送業者",
    "tracking_numbers": "送り状番号",
    "confirmed_numbers": "確認済みの送り状番号",
    "shipped_on": "発送日",
    "delivered_on": "納品日",
    "requested_date": "配送希望日",
    "time_slot": "配送時間帯",
    "external_shipment_code": "出荷管理番号",
    "memo": "発送メモ",
    "destination": "配送先",
    **{f"destination.{field}": f"配送先の{label}" for field, label in _PERSON.items()},
    "allocations": "商品の割り当て",
}
_YEN = frozenset({"payment.paid_amount", "unit_price", *(field for field in _HEADER if field.startswith("totals."))})
_TAX_CATEGORIES = {
    TaxCategory.STANDARD: "標準税率",
    TaxCategory.REDUCED: "軽減税率",
    TaxCategory.EXEMPT: "非課税",
}
_LINE_KINDS = {LineKind.GOODS: "商品", LineKind.MONEY: "金額のみ"}
# Long enough to know a product by; a change of 2,000 lines repeats their names many times.
_NAME_SHOWN = 40


def names_of_lines(changes: tuple[Change, ...], known: Mapping[int, str]) -> Mapping[int, str]:
    """Names of lines by id: the known ones, and those in the changes themselves, removed lines included."""
    changed = {
        int(change.field.split(".")[1]): str(change.after or change.before)
        for change in changes
        if change.field.startswith("lines.") and change.field.endswith(".name")
    }
    return {**changed, **known}


def label_of(field: str, number: str, line_names: Mapping[int, str]) -> str:
    """What the path of a change is called; `number` is the order's. The path itself where it has no name."""
    kind, _, rest = field.partition(".")
    if kind == "metadata":
        return f"追加情報「{rest}」"
    if kind not in {"lines", "shipments"}:
        return _HEADER.get(field, field)
    n, _, part = rest.partition(".")
    if kind == "lines":
        return f"「{_line(n, line_names)}」の{_LINE.get(part, part)}"
    if part.startswith("allocations."):
        return f"発送 {number}-{n} に入れる「{_line(part.removeprefix('allocations.'), line_names)}」の数量"
    return f"発送 {number}-{n} の{_SHIPMENT.get(part, part)}"


def _line(line_id: str, names: Mapping[int, str]) -> str:
    return names.get(int(line_id), f"明細{line_id}")[:_NAME_SHOWN]


def text_of(field: str, fact: Fact, settings: Settings) -> str | None:
    """A fact as people write it: the label of a key, yen with separators; None where there is none."""
    if fact is None:
        return None
    part = field.split(".", 2)[2] if field.startswith(("lines.", "shipments.")) else field
    if part in _YEN:
        return f"{fact:,}円"
    if isinstance(fact, str) and (label := _KEYS.get(part)):
        return label(fact, settings)
    return str(fact)


def _carrier(key: str, settings: Settings) -> str:
    carrier = settings.carrier(key)
    return carrier.name if carrier else key


# Keys of things by the part of the path that holds them.
_KEYS: Mapping[str, Callable[[str, Settings], str]] = {
    "handling_status": lambda key, settings: settings.status_label(key),
    "payment.method": lambda key, settings: settings.payment_label(key),
    "carrier": _carrier,
    "status": lambda key, _: ShippingStatus(key).label,
    "tax_category": lambda key, _: _TAX_CATEGORIES[TaxCategory(key)],
    "kind": lambda key, _: _LINE_KINDS[LineKind(key)],
}
