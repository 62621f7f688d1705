"""メールテンプレート: the mails that can be sent about an order, and the words that a shop gives them."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from shukka.domain.order.outbox import Recipient
from shukka.domain.text.values import Instant, Key, Name, Value

MAX_SUBJECT, MAX_TEXT, MAX_HTML = 300, 20_000, 60_000
"""Characters of a template's parts. All of them together are far below the 400 KB of a stored item."""
MAX_OWN_TEMPLATES = 50

PLACED_MEMBER = "placed_member"
PLACED_SHOP = "placed_shop"
SHIPPED_MEMBER = "shipped_member"
STOCK_OUT = "stock_out"
PAYMENT_REQUEST = "payment_request"
PAYMENT_RECEIVED = "payment_received"
ORDER_CHANGED = "order_changed"
ORDER_CANCELLED = "order_cancelled"
MESSAGE = "message"


class BuiltIn(NamedTuple):
    """A mail that ships with Shukka. `of_shipment`: it is about one shipment of the order, not about all of it."""

    label: str
    recipient: Recipient = Recipient.MEMBER
    of_shipment: bool = False


BUILT_IN: Mapping[str, BuiltIn] = {
    PLACED_MEMBER: BuiltIn("注文受付メール"),
    PLACED_SHOP: BuiltIn("注文受付メール（店舗あて）", recipient=Recipient.SHOP),
    SHIPPED_MEMBER: BuiltIn("発送のお知らせメール", of_shipment=True),
    STOCK_OUT: BuiltIn("欠品のお知らせ"),
    PAYMENT_REQUEST: BuiltIn("入金案内"),
    PAYMENT_RECEIVED: BuiltIn("振り込み確認"),
    ORDER_CHANGED: BuiltIn("ご注文内容変更のお知らせ"),
    ORDER_CANCELLED: BuiltIn("キャンセルのお知らせ"),
    MESSAGE: BuiltIn("個別のご連絡"),
}

# Their names are the beginnings of keys of automatic mails (`placed#member`, `shipped#100001-1`).
RESERVED_KEYS = frozenset({"placed", "shipped"})

_OPENING = re.compile(r"\{[{%][^{}]*\bopening\b")


class Template(NamedTuple):
    """Jinja2 sources of one mail. `mail/view.py` has their names, `mail/template_grammar.py` what is allowed."""

    subject: str
    text: str
    html: str | None

    @property
    def takes_opening(self) -> bool:
        """Whether what staff write for one sending has a place in every part that tells it."""
        return all(_OPENING.search(part) for part in (self.text, self.html) if part is not None)


class Rendered(NamedTuple):
    """`subject` is one line, `text` and `html` end their lines with LF."""

    subject: str
    text: str
    html: str | None


class SavedTemplate(Value):
    """What the shop made of a template. `template` None: it went back to the default, or was removed.

    `version` counts the shop's changes and never starts again, so that a mail's record says with which words it went.
    """

    key: Key
    label: Name
    version: int
    saved_at: Instant
    saved_by: str
    template: Template | None = None


class TemplateState(StrEnum):
    """As shipped, as shipped but with the shop's words, the shop's own, removed."""

    DEFAULT = "default"
    CHANGED = "changed"
    OWN = "own"
    REMOVED = "removed"


class TemplateInfo(NamedTuple):
    """A template without its words. `version` is 0 where the shop never touched it."""

    key: str
    label: str
    state: TemplateState
    version: int


def info_of(key: str, saved: SavedTemplate | None) -> TemplateInfo:
    """What is known of the template `key`, which the shop may have saved."""
    built_in = BUILT_IN.get(key)
    if saved and saved.template:
        return TemplateInfo(key, saved.label, TemplateState.CHANGED if built_in else TemplateState.OWN, saved.version)
    state = TemplateState.DEFAULT if built_in else TemplateState.REMOVED
    return TemplateInfo(key, built_in.label if built_in else key, state, saved.version if saved else 0)
