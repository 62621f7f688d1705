"""What a label of any carrier says: taken from the order, made legible for cp932, and checked."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from shukka.domain.order.allocation import quantities_of
from shukka.domain.order.order import Member, Order
from shukka.domain.settings import Settings, ShopProfile
from shukka.domain.shipping.shipment import Destination, Shipment
from shukka.domain.text.cp932 import legible
from shukka.domain.text.normalize import plain_code

# What follows, as an extension does, is not for the carrier.
_PHONE = re.compile(r"\(?0[0-9]{1,4}[-() ]*[0-9]{1,4}[-() ]*[0-9]{3,4}(?![0-9])")
_DIGITS = re.compile("[0-9]+")
_POSTAL_CODE = re.compile("〒?([0-9]{3})[- ]?([0-9]{4})")
# Nobody's name or street begins so, but a spreadsheet would calculate it.
_FORMULA_SIGNS = " =+-@＝＋－＠　"
_HOURS = re.compile("([0-9]{1,2})(?::00)?時?(?:[-~〜]|から)([0-9]{1,2})(?::00)?時?")
_NO_PREFERENCE = frozenset({"", "指定なし", "時間指定なし", "希望なし", "なし"})
MORNING = "午前中"


class LabelNote(NamedTuple):
    """What had to be said about a label; with `left_out`, why there is none."""

    column: str
    reason: str
    left_out: bool = False


class Notes:
    """Collects what is said about one label."""

    def __init__(self) -> None:
        self.all: list[LabelNote] = []

    def say(self, column: str, reason: str) -> None:
        self.all.append(LabelNote(column, reason))

    def leave_out(self, column: str, reason: str) -> None:
        self.all.append(LabelNote(column, reason, left_out=True))

    @property
    def refuses(self) -> bool:
        return any(note.left_out for note in self.all)


class LabelParty(NamedTuple):
    """Who sends or gets the parcel. `town` is prefecture and city; `postal_code` and `phone` have hyphens."""

    company: str
    department: str
    name: str
    phone: str
    postal_code: str
    town: str
    street: str
    building: str


class Collect(NamedTuple):
    """代引: what the carrier collects, and the tax in it, in yen."""

    amount: int
    tax: int


class Parcel(NamedTuple):
    key: str
    order_number: str
    recipient: LabelParty
    sender: LabelParty
    ship_on: date
    requested_date: date | None
    time_slot: str
    contents: str
    collect: Collect | None


def parcel_of(order: Order, shipment: Shipment, settings: Settings, ship_on: date, notes: Notes) -> Parcel:
    """The parcel; `notes` get what is missing, doubtful or illegible. `order` has its lines and shipments."""
    member = order.header.member
    recipient = _recipient(shipment.destination or member)
    if not recipient.phone and member.phone:
        recipient = recipient._replace(phone=member.phone)
        notes.say("電話番号", "配送先に電話番号がないため、発注者の電話番号を入れました")
    recipient = _checked(_legible(recipient, notes), notes)
    contents = settings.labels.contents or _contents(order, shipment)
    return Parcel(
        key=order.shipment_id(shipment),
        order_number=order.number,
        recipient=recipient,
        sender=sender_of(settings.shop),
        ship_on=ship_on,
        requested_date=_requested_date(shipment, ship_on, notes),
        time_slot=shipment.time_slot or "",
        contents=_plain(legible(contents).text),
        collect=_collect(order, settings, notes),
    )


def sender_of(shop: ShopProfile) -> LabelParty:
    fields = (shop.name, "", "", shop.phone, shop.postal_code, shop.address, "", shop.building)
    sender = LabelParty(*(_plain(legible(field).text) for field in fields))
    return sender._replace(phone=_phone(sender.phone), postal_code=_postal_code(sender.postal_code))


def slot_code(text: str, codes: Mapping[str, str]) -> str | None:
    """The carrier's code of a 配送時間帯 as people write it: empty for no request, None where the carrier has none.

    `codes` are the carrier's, by 午前中 and by 14-16.
    """
    plain = "".join(plain_code(text).split())
    if plain in _NO_PREFERENCE or plain in codes.values():
        return "" if plain in _NO_PREFERENCE else plain
    if plain.startswith("午前"):
        return codes.get(MORNING)
    hours = _HOURS.fullmatch(plain)
    return codes.get(f"{int(hours[1])}-{int(hours[2])}") if hours else None


def _recipient(found: Destination | Member) -> LabelParty:
    prefecture, town = found.prefecture or "", found.address1 or ""
    return LabelParty(
        company=found.company,
        department=found.department or "",
        name=found.name,
        phone=found.phone or "",
        postal_code=found.postal_code or "",
        # Some shops repeat the prefecture.
        town=town if town.startswith(prefecture) else prefecture + town,
        street=found.address2 or "",
        building=found.address3 or "",
    )


_COLUMNS = LabelParty("会社名", "部署名", "名前", "電話番号", "郵便番号", "住所", "住所", "建物名")


def _legible(party: LabelParty, notes: Notes) -> LabelParty:
    texts: list[str] = []
    for column, field in zip(_COLUMNS, party, strict=True):
        text, lost = legible(field)
        if lost:
            notes.say(column, f"送り状ソフトで扱えない文字「{lost}」を置き換えました（{text}）")
        texts.append(_plain(text))
    return LabelParty(*texts)


def _checked(party: LabelParty, notes: Notes) -> LabelParty:
    phone, postal_code = _phone(party.phone), _postal_code(party.postal_code)
    if not phone:
        notes.leave_out("電話番号", "電話番号がありません" if not party.phone else "電話番号が正しくありません")
    if not postal_code:
        notes.leave_out("郵便番号", "郵便番号がありません" if not party.postal_code else "郵便番号は数字7桁です")
    if not party.town:
        notes.leave_out("住所", "住所がありません")
    if not party.company and not party.name:
        notes.leave_out("名前", "お届け先の会社名も名前もありません")
    return party._replace(phone=phone, postal_code=postal_code)


def _requested_date(shipment: Shipment, ship_on: date, notes: Notes) -> date | None:
    wanted = shipment.requested_date
    if wanted and wanted <= ship_on:
        notes.say("配送希望日", f"{wanted:%Y/%m/%d} は出荷日（{ship_on:%Y/%m/%d}）以前のため、指定なしにしました")
        return None
    return wanted


def _contents(order: Order, shipment: Shipment) -> str:
    held = quantities_of(shipment, order.lines)
    names = [line.name for line in order.lines if held.get(line.line_id)]
    return names[0] + (" ほか" if len(names) > 1 else "") if names else ""


def _collect(order: Order, settings: Settings, notes: Notes) -> Collect | None:
    header = order.header
    if header.payment.method not in settings.labels.collect_methods or header.payment.paid_on:
        return None
    if len(header.shipments) > 1:
        reason = "代引の受注が複数の発送に分かれています。どの荷物でいくら集金するか、送り状ソフトで入力してください"
        notes.leave_out("代引金額", reason)
        return None
    return Collect(header.totals.total, header.totals.tax)


def _plain(text: str) -> str:
    return text.lstrip(_FORMULA_SIGNS).strip()


def _phone(text: str) -> str:
    """03-0000-1001, or as many hyphens as it is written with; empty where it is no number of ten or eleven digits."""
    match = _PHONE.match(plain_code(text))
    groups = _DIGITS.findall(match[0]) if match else []
    return "-".join(groups) if len("".join(groups)) in {10, 11} else ""


def _postal_code(text: str) -> str:
    """106-0032; empty where it is none."""
    match = _POSTAL_CODE.fullmatch(plain_code(text))
    return f"{match[1]}-{match[2]}" if match else ""
