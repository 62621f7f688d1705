"""出荷: one delivery of an order, its parcels and its state."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, Field

from shukka.domain.text.normalize import plain_code
from shukka.domain.text.values import SHIPMENT_ID, Key, Label, Note, Quantity, Value

MAX_PARCELS = 99


class ShippingStatus(StrEnum):
    """発送状況: 未発送, 発送指示, 発送済, 対象外."""

    NOT_SHIPPED = "not_shipped"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @classmethod
    def parse(cls, text: str) -> "ShippingStatus | None":
        """The status with this label or key; None if there is none."""
        return _STATUSES.get(plain_code(text).casefold())


_LABELS = {
    ShippingStatus.NOT_SHIPPED: "未発送",
    ShippingStatus.INSTRUCTED: "発送指示",
    ShippingStatus.SHIPPED: "発送済",
    ShippingStatus.NOT_APPLICABLE: "対象外",
}
_STATUSES = {
    "発送済み": ShippingStatus.SHIPPED,
    **{status.label: status for status in ShippingStatus},
    **{status.value: status for status in ShippingStatus},
}


class ShipmentId(NamedTuple):
    """発送ID `<order_number>-<n>`: it names its order, so no look-up is needed."""

    order_number: str
    n: int

    def __str__(self) -> str:
        return f"{self.order_number}-{self.n}"

    @classmethod
    def parse(cls, text: str) -> "ShipmentId | None":
        """The id in `text`, or None. 0100001-1 is not an id: each shipment has exactly one."""
        if not _SHIPMENT_ID.fullmatch(text):
            return None
        number, _, n = text.partition("-")
        return cls(number, int(n))

    @classmethod
    def find_in(cls, text: str) -> "ShipmentId | None":
        """The id in a carrier's key field: as people type it, with or without a suffix (100123-1-F)."""
        match = _SHIPMENT_KEY.fullmatch(plain_code(text))
        return cls.parse(match[1]) if match else None


_SHIPMENT_ID = re.compile(SHIPMENT_ID)
_SHIPMENT_KEY = re.compile(rf"({SHIPMENT_ID})(?:[-_/][0-9A-Za-z]{{1,10}})?")


class ShipmentDigest(Value):
    """What lists and the member's history show of a shipment."""

    status: ShippingStatus = ShippingStatus.NOT_SHIPPED
    carrier: Key | None = None
    tracking_numbers: tuple[str, ...] = ()
    shipped_on: date | None = None


class Destination(Value):
    """配送先, if it is not the member's own address."""

    company: Label = ""
    department: Label | None = None
    name: Label = ""
    phone: Label | None = None
    postal_code: Label | None = None
    prefecture: Label | None = None
    address1: Label | None = None
    address2: Label | None = None
    address3: Label | None = None


class Shipment(Value):
    """`allocations` maps line ids to quantities; None while the order has one shipment, which then holds every line.

    `mail_settled`: the shipping mail is in the outbox, or none will be sent. So it is sent once, even if the status
    changes again. `numbers_from` is the import that wrote the tracking numbers: a second row of the same file adds a
    parcel, while another file replaces the numbers. `confirmed_numbers` are those that staff confirmed although they
    do not look like the carrier's. Each entrance validates numbers. `written`: when each fact that files write was
    last changed, by the upload of a file or by a person.
    """

    n: Annotated[int, Field(ge=1)]
    status: ShippingStatus = ShippingStatus.NOT_SHIPPED
    carrier: Key | None = None
    tracking_numbers: Annotated[tuple[str, ...], Field(max_length=MAX_PARCELS)] = ()
    confirmed_numbers: tuple[str, ...] = ()
    shipped_on: date | None = None
    delivered_on: date | None = None
    requested_date: date | None = None
    time_slot: Label | None = None
    external_shipment_code: Label | None = None
    memo: Note | None = None
    destination: Destination | None = None
    allocations: dict[int, Quantity] | None = None
    mail_settled: bool = False
    numbers_from: str | None = None
    written: dict[str, AwareDatetime] = Field(default_factory=dict)

    def has_code(self, code: str) -> bool:
        """Whether its 出荷管理番号 is `code`, in the form of `plain_code`."""
        return self.external_shipment_code is not None and plain_code(self.external_shipment_code) == code

    @property
    def digest(self) -> ShipmentDigest:
        return ShipmentDigest(
            status=self.status,
            carrier=self.carrier,
            tracking_numbers=self.tracking_numbers,
            shipped_on=self.shipped_on,
        )
