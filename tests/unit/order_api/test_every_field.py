"""An order with every field, placed and edited over HTTP, and read back wherever orders go out.

The fields come from the models: a new one fails here until somebody gives it a value and says, door by door, what shows
it and what keeps it back.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from shukka.domain.documents.document import document_content
from shukka.domain.exports.columns import _KNOWN as KNOWN_COLUMNS
from shukka.domain.exports.job import ExportKind, RequestExport
from shukka.domain.exports.sheet import sheet_of
from shukka.domain.order.line import Line, LineInput
from shukka.domain.order.order import Member, Order, OrderHeader, Payment
from shukka.domain.order.outbox import DocumentKind, Mail, Recipient
from shukka.domain.order.totals import Adjustments
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Destination, Shipment, ShipmentDigest
from shukka.mail.compose import render_mail
from shukka.mail.view import mail_view
from shukka.usecases.order.amend import MemberAmendment, OrderAmendment
from shukka.usecases.order.place import PlaceOrder
from shukka.usecases.shipping.amend import DestinationAmendment, ShipmentAmendment
from tests.builders import NOW
from tests.unit.order_api.conftest import STOREFRONT, Api

# --- what is written: every field of every request, each with a value of its own ---

PLACED: dict[str, Any] = {
    "member": {
        "member_id": "M-1001",
        "company": "発注会社",
        "department": "発注部署",
        "name": "発注者",
        "email": "orderer@example.jp",
        "phone": "03-1111-1111",
        "postal_code": "106-0032",
        "prefecture": "東京都",
        "address1": "港区",
        "address2": "六本木1-1",
        "address3": "発注ビル",
    },
    "destination": {
        "company": "配送先会社",
        "department": "配送先部署",
        "name": "受取人",
        "phone": "045-222-2222",
        "postal_code": "233-0001",
        "prefecture": "神奈川県",
        "address1": "横浜市",
        "address2": "港南区2-2",
        "address3": "配送先ビル",
    },
    "payment_method": "bank_transfer",
    "shipping_fee": 811,
    "payment_fee": 322,
    "discount": 53,
    "points_used": 24,
    "requested_date": "2026-12-01",
    "time_slot": "午前中",
    "message_from_member": "お客様の連絡",
    "customer_order_number": "PO-1",
    "external_id": "web-1",
    "metadata": {"経路": "LINE"},
    "lines": [
        {
            "sku": "SOY-180",
            "jan_code": "4900000000097",
            "name": "しょうゆ",
            "units_per_set": 6,
            "unit": "箱",
            "unit_price": 690,
            "quantity": 11,
            "tax_category": "reduced",
            # The kind is stored where it is not the usual one: money with a sku.
            "kind": "money",
        }
    ],
}
AMENDED_MEMBER = {name: f"{text}二" for name, text in PLACED["member"].items()} | {"email": "second@example.jp"}
AMENDED_DESTINATION = {name: f"{text}二" for name, text in PLACED["destination"].items()}
AMENDED: dict[str, Any] = {
    "handling_status": "processing",
    "return_stock": True,
    "move_stock": True,
    "member": AMENDED_MEMBER,
    "shipping_fee": 813,
    "payment_fee": 324,
    "discount": 55,
    "points_used": 26,
    "payment_method": "credit_card",
    "paid_on": "2026-12-02",
    "paid_amount": 7_123,
    "requested_date": "2026-12-03",
    "time_slot": "14-16",
    "message_to_member": "お客様への連絡",
    "staff_memo": "管理用メモの中身",
    "customer_order_number": "PO-2",
    "external_id": "web-2",
    "metadata": {"経路": "電話受付"},
    "reason": "理由",
}
SHIPPED: dict[str, Any] = {
    "status": "shipped",
    "carrier": "sagawa",
    "tracking_numbers": ["390459983082"],
    "shipped_on": "2026-12-04",
    "delivered_on": "2026-12-05",
    "requested_date": "2026-12-06",
    "time_slot": "18-20",
    "external_shipment_code": "WMS-1",
    "memo": "発送メモの中身",
    "destination": AMENDED_DESTINATION,
    "confirm_numbers": True,
    "notify": False,
    "reason": "理由",
}
REQUESTS = [
    (PlaceOrder, PLACED),
    (Member, PLACED["member"]),
    (Destination, PLACED["destination"]),
    (LineInput, PLACED["lines"][0]),
    (OrderAmendment, AMENDED),
    (MemberAmendment, AMENDED_MEMBER),
    (ShipmentAmendment, SHIPPED),
    (DestinationAmendment, AMENDED_DESTINATION),
]


@pytest.mark.parametrize(("model", "body"), REQUESTS, ids=lambda part: getattr(part, "__name__", ""))
def test_every_field_that_can_be_written_is_written_here(model, body):
    assert body.keys() == model.model_fields.keys()
    values = [value for value in body.values() if not isinstance(value, bool | dict | list)]
    assert len(set(values)) == len(values), "two fields with one value cannot be told apart"


# --- placing ---


def test_a_placed_order_has_every_field_of_its_request(api: Api):
    assert api.place(PLACED, claims=STOREFRONT).status == 201

    order = api.call("GET", "/orders/100001").body

    (shipment,), (line,) = order["shipments"], order["lines"]
    assert {name: order[name] for name in PLACED.keys() - {"destination", "lines"}} == {
        name: value for name, value in PLACED.items() if name not in {"destination", "lines"}
    }
    assert {name: line[name] for name in PLACED["lines"][0]} == PLACED["lines"][0]
    for name in ("requested_date", "time_slot", "destination"):
        assert shipment[name] == PLACED[name], name


# --- the doors ---


Place = str | tuple[str, Any] | None


class Shown(NamedTuple):
    """A fact and its place at each door; None where the door does not show it. A pair names what is shown instead."""

    value: object
    staff: Place
    member: Place
    mail: Place
    document: Place
    export: Place


HEADINGS = {
    "member_id": "会員ID",
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
ADDRESS = "{0[prefecture]}{0[address1]}{0[address2]}"
ORDERER = ADDRESS.format(AMENDED_MEMBER)
RECEIVER = ADDRESS.format(AMENDED_DESTINATION)


def person(name: str, mail: Place, document: Place) -> Shown:
    return Shown(AMENDED_MEMBER[name], f"member.{name}", None, mail, document, f"orders:{HEADINGS[name]}")


def receiver(name: str, mail: Place) -> Shown:
    heading = f"order_lines:配送先 {HEADINGS[name]}"
    return Shown(AMENDED_DESTINATION[name], f"shipments.0.destination.{name}", None, mail, None, heading)


def day(text: str, *doors: Place) -> Shown:
    return Shown(date.fromisoformat(text), *doors)


def adjustment(name: str, heading: str) -> Shown:
    return Shown(AMENDED[name], name, *(f"totals.{name}",) * 3, f"orders:{heading}")


FACTS: dict[str, Shown] = {
    "order.handling_status": Shown(
        "processing", "handling_status", "handling_status", None, None, ("orders:対応状況", "処理中")
    ),
    "member.member_id": person("member_id", "member.member_id", None),
    "member.company": person("company", "member.company", "recipient.name"),
    "member.department": person("department", "member.department", "recipient.department"),
    "member.name": person("name", "member.name", "recipient.person"),
    "member.email": person("email", "member.email", None),
    "member.phone": person("phone", "member.phone", None),
    "member.postal_code": person("postal_code", "member.postal_code", "recipient.postal_code"),
    "member.prefecture": person("prefecture", ("member.address", ORDERER), ("recipient.address", ORDERER)),
    "member.address1": person("address1", ("member.address", ORDERER), ("recipient.address", ORDERER)),
    "member.address2": person("address2", ("member.address", ORDERER), ("recipient.address", ORDERER)),
    "member.address3": person("address3", "member.building", "recipient.building"),
    "payment.method": Shown(
        "credit_card",
        "payment_method",
        ("payment_label", "クレジットカード"),
        ("order.payment_method", "クレジットカード"),
        ("payment_method", "クレジットカード"),
        ("orders:決済方法", "クレジットカード"),
    ),
    "payment.paid_on": day("2026-12-02", "paid_on", "paid_on", "payment.received_on", None, "orders:決済確認日"),
    "payment.paid_amount": Shown(7_123, "paid_amount", None, "payment.received", None, "orders:入金額"),
    "order.requested_date": day(
        "2026-12-03", "requested_date", "requested_date", "order.requested_on", None, "orders:配送希望日"
    ),
    "order.time_slot": Shown(
        "14-16", "time_slot", "time_slot", ("order.time_slot", "14時～16時"), None, "orders:配送時間帯"
    ),
    "order.message_from_member": Shown(
        "お客様の連絡", *("message_from_member",) * 2, "order.message_from_member", None, "orders:連絡事項"
    ),
    "order.message_to_member": Shown(
        "お客様への連絡",
        *("message_to_member",) * 2,
        "order.message_to_member",
        "message",
        "orders:お客様への連絡事項",
    ),
    "order.staff_memo": Shown("管理用メモの中身", "staff_memo", None, None, None, "orders:管理用メモ"),
    "order.customer_order_number": Shown(
        "PO-2",
        *("customer_order_number",) * 2,
        "order.customer_order_number",
        "customer_order_number",
        "orders:客先注文番号",
    ),
    "order.external_id": Shown("web-2", "external_id", None, None, None, "orders:外部ID"),
    "order.metadata": Shown("電話受付", "metadata.経路", None, None, None, ("orders:追加情報", '{"経路": "電話受付"}')),
    "order.returned": Shown(2, "lines.0.returned", "lines.0.returned", None, None, "orders:返品数"),
    "adjustments.shipping_fee": adjustment("shipping_fee", "送料"),
    "adjustments.payment_fee": adjustment("payment_fee", "決済手数料"),
    "adjustments.discount": adjustment("discount", "値引き"),
    "adjustments.points_used": adjustment("points_used", "ポイント利用"),
    "line.sku": Shown("SOY-180", *("lines.0.sku",) * 4, "order_lines:品番"),
    "line.jan_code": Shown("4900000000097", "lines.0.jan_code", None, None, None, "order_lines:JANコード"),
    "line.name": Shown("しょうゆ", *("lines.0.name",) * 4, "order_lines:商品名"),
    "line.units_per_set": Shown(6, *("lines.0.units_per_set",) * 4, "order_lines:入数"),
    "line.unit": Shown("箱", *("lines.0.unit",) * 4, "order_lines:単位"),
    "line.unit_price": Shown(690, *("lines.0.unit_price",) * 4, "order_lines:単価"),
    "line.quantity": Shown(11, *("lines.0.quantity",) * 3, ("lines.0.quantity", 9), "order_lines:受注数"),
    "line.tax_category": Shown(
        "reduced",
        *("lines.0.tax_category",) * 2,
        ("lines.0.reduced", True),
        "lines.0.tax_category",
        ("order_lines:税区分", "軽減"),
    ),
    "line.kind": Shown("goods", "lines.0.kind", None, None, None, None),
    "line.line_id": Shown(1, *("lines.0.line_id",) * 2, None, None, "order_lines:明細ID"),
    "line.returned": Shown(2, *("lines.0.returned",) * 2, None, None, "order_lines:返品数"),
    "shipment.status": Shown("shipped", *("shipments.0.status",) * 2, None, None, ("shipments:発送状況", "発送済")),
    "shipment.carrier": Shown(
        "sagawa",
        "shipments.0.carrier",
        ("shipments.0.carrier_name", "佐川急便"),
        ("shipment.carrier", "佐川急便"),
        None,
        ("shipments:配送業者", "佐川急便"),
    ),
    "shipment.tracking_numbers": Shown(
        "390459983082",
        "shipments.0.tracking_numbers.0",
        "shipments.0.tracking.0.number",
        "shipment.parcels.0.number",
        None,
        "shipments:送り状番号",
    ),
    "shipment.shipped_on": day(
        "2026-12-04", *("shipments.0.shipped_on",) * 2, "shipment.shipped_on", "transacted_from", "shipments:発送日"
    ),
    "shipment.delivered_on": day("2026-12-05", *("shipments.0.delivered_on",) * 2, None, None, "shipments:納品日"),
    "shipment.requested_date": day(
        "2026-12-06", *("shipments.0.requested_date",) * 2, "shipment.requested_on", None, "shipments:配送希望日"
    ),
    "shipment.time_slot": Shown(
        "18-20", *("shipments.0.time_slot",) * 2, ("shipment.time_slot", "18時～20時"), None, "shipments:配送時間帯"
    ),
    "shipment.external_shipment_code": Shown(
        "WMS-1", "shipments.0.external_shipment_code", None, None, None, "shipments:出荷管理番号"
    ),
    "shipment.memo": Shown("発送メモの中身", "shipments.0.memo", None, None, None, "shipments:発送メモ"),
    "destination.company": receiver("company", "delivery.company"),
    "destination.department": receiver("department", "delivery.department"),
    "destination.name": receiver("name", "delivery.name"),
    "destination.phone": receiver("phone", "delivery.phone"),
    "destination.postal_code": receiver("postal_code", "delivery.postal_code"),
    "destination.prefecture": receiver("prefecture", ("delivery.address", RECEIVER)),
    "destination.address1": receiver("address1", ("delivery.address", RECEIVER)),
    "destination.address2": receiver("address2", ("delivery.address", RECEIVER)),
    "destination.address3": receiver("address3", "delivery.building"),
}

MODELS: dict[str, set[str]] = {
    "order": set(OrderHeader.model_fields),
    "member": set(Member.model_fields),
    "payment": set(Payment.model_fields),
    "adjustments": set(Adjustments._fields),
    "line": set(Line.model_fields),
    "shipment": set(Shipment.model_fields),
    "destination": set(Destination.model_fields),
}
# What consists of other facts in the table, and what only the system reads.
NO_FACTS = {
    *(f"order.{name}" for name in ("member", "payment", "totals", "shipments")),
    *(f"order.{name}" for name in ("number", "version", "placed_at", "placed_by", "updated_at")),
    *(f"order.{name}" for name in ("line_count", "next_line_id", "next_shipment_n")),
    *(f"order.{name}" for name in ("imported_lines", "applied_lines", "written")),
    *(f"shipment.{name}" for name in ("n", "destination", "allocations", "confirmed_numbers")),
    *(f"shipment.{name}" for name in ("mail_settled", "numbers_from", "written")),
}


def test_every_stored_field_is_a_fact_with_its_doors():
    fields = {f"{model}.{name}" for model, names in MODELS.items() for name in names}

    assert fields - NO_FACTS == FACTS.keys()
    assert fields >= NO_FACTS
    assert ShipmentDigest.model_fields.keys() <= Shipment.model_fields.keys()


# --- reading ---


@pytest.fixture
def order(api: Api) -> Order:
    """Placed, amended, shipped and partly returned, each with everything that the request takes."""
    from order_api import wiring  # noqa: PLC0415 - its environment is the fixture's

    line = {name: value for name, value in PLACED["lines"][0].items() if name != "kind"}
    etag = api.place({**PLACED, "lines": [line]}).etag
    returned = {"lines": [{"line_id": 1, "quantity": 2, "restock": True}]}
    for method, path, body in [
        ("PATCH", "/orders/100001", AMENDED),
        ("PATCH", "/shipments/100001-1", SHIPPED),
        ("POST", "/orders/100001/returns", returned),
    ]:
        answer = api.call(method, path, body, headers={"if-match": etag})
        assert answer.status == 200, answer.body
        etag = api.call("GET", "/orders/100001").etag
    return wiring.orders().get("100001")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every simple value in dicts and lists, with its path."""
    if isinstance(value, dict | list | tuple):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def check(door: str, seen: dict[str, Any], write: Callable[[Any], Any]) -> None:
    """Each fact is at its place, as the door writes it, and no text that the door keeps back is anywhere."""
    wrong = {}
    for name, shown in FACTS.items():
        place = getattr(shown, door)
        if place is None:
            if isinstance(shown.value, str):
                wrong |= {f"{name} at {path}": text for path, text in seen.items() if shown.value in str(text)}
            continue
        path, value = place if isinstance(place, tuple) else (place, write(shown.value))
        if seen.get(path) != value:
            wrong[f"{name} at {path}"] = seen.get(path)
    assert wrong == {}


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def in_a_mail(value: Any) -> Any:
    return (
        f"{value.year}年{value.month}月{value.day}日（{'月火水木金土日'[value.weekday()]}）"
        if as_json(value) != value
        else value
    )


def test_staff_read_every_fact(api: Api, order: Order):
    check("staff", dict(leaves(api.call("GET", "/orders/100001").body)), as_json)


def test_the_member_reads_what_is_theirs(api: Api, order: Order):
    answer = api.call("GET", f"/members/{quote(AMENDED_MEMBER['member_id'])}/orders/100001", claims=STOREFRONT)

    assert answer.status == 200
    check("member", dict(leaves(answer.body)), as_json)


def test_a_mail_template_sees_what_the_member_may_read(order: Order):
    check("mail", dict(leaves(mail_view(order, order.shipments[0], Settings()))), in_a_mail)


def test_a_document_shows_what_belongs_on_paper(order: Order):
    check(
        "document",
        dict(leaves(document_content(order, Settings(), DocumentKind.INVOICE).model_dump())),
        lambda value: value,
    )


def test_an_export_has_a_column_for_every_fact(order: Order):
    cells: dict[str, str] = {}
    for kind in (ExportKind.ORDERS, ExportKind.ORDER_LINES, ExportKind.SHIPMENTS):
        # Of the shipments' columns, the usual ones are those that an import reads back.
        columns = [column.heading for column in KNOWN_COLUMNS[kind]]
        sheet = sheet_of(RequestExport(kind=kind, columns=columns), Settings(), date(2026, 12, 7))
        text = (sheet.beginning() + b"".join(row.text for row in sheet.rows(order))).decode("utf-8-sig")
        headings, row = csv.reader(io.StringIO(text, newline=""))
        cells |= {f"{kind}:{heading}": cell for heading, cell in zip(headings, row, strict=True)}

    check("export", cells, str)


def facts(text: str) -> set[str]:
    """`model.field` for each "model: field field"."""
    models = (line.split(": ") for line in text.splitlines())
    return {f"{model}.{name}" for model, names in models for name in names.split()}


TO_THE_MEMBER = """member: company department name
destination: company name phone postal_code prefecture address1 address2 address3"""
IN_LETTERS = {
    "placed_member": facts(
        f"""{TO_THE_MEMBER}
order: customer_order_number message_from_member message_to_member requested_date time_slot
payment: method
line: sku name unit"""
    ),
    "placed_shop": facts(
        """member: member_id company department name email phone postal_code prefecture address1 address2 address3
order: customer_order_number message_from_member requested_date time_slot
payment: method
line: sku name unit"""
    ),
    "shipped_member": facts(
        f"""{TO_THE_MEMBER}
order: customer_order_number message_to_member
shipment: carrier tracking_numbers shipped_on requested_date time_slot
line: name unit"""
    ),
}


@pytest.mark.parametrize("template", IN_LETTERS)
def test_a_letter_says_what_it_is_for(order: Order, template: str):
    mail = Mail(
        key="any",
        template=template,
        recipient=Recipient.MEMBER,
        shipment_n=1 if template == "shipped_member" else None,
        created_at=NOW,
    )

    text = render_mail(mail, order, Settings(), None).text

    view = dict(leaves(mail_view(order, order.shipments[0], Settings())))
    places = {
        name: shown.mail if isinstance(shown.mail, str | None) else shown.mail[0] for name, shown in FACTS.items()
    }
    texts = {name: view[place] for name, place in places.items() if place and isinstance(view[place], str)}
    assert {name for name, part in texts.items() if part in text} == IN_LETTERS[template]
