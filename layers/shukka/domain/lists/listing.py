"""Which orders a list shows, and a page of it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from shukka.domain.errors import Rule, RuleError
from shukka.domain.lists.search import MAX_WORDS, Search, parse_search
from shukka.domain.lists.summary import OrderSummary
from shukka.domain.order.order import OverallShippingStatus
from shukka.domain.settings import Settings
from shukka.domain.text.dates import YEARS, BusinessDate
from shukka.domain.text.values import MAX_YEN, Instant, Name, Value

_MAX_KEYS = 50
# The store asks for all of them in one expression, which has room for so many; a word is looked for in six ways.
_MAX_CONDITIONS, _WEIGHT_OF_A_WORD = 120, 6

SETTLED_AFTER = timedelta(minutes=2)
"""A list of changes ends this long ago: who wrote before then has written, and the index shows it.

The API answers within 29 seconds and an import commits its rows in groups of a few seconds; an index lags by less than
a second or so. A change that became visible later than that would be missed by those who have read past it.
"""


class OrderSort(StrEnum):
    """`-placed_at`: newest first. `updated_at`: the latest change last, for those who read on from there."""

    NEWEST = "-placed_at"
    CHANGES = "updated_at"


class PaymentState(StrEnum):
    """`waiting`: unpaid, open, and by a method whose money the shop waits for before it ships."""

    PAID = "paid"
    UNPAID = "unpaid"
    WAITING = "waiting"


class Choice(NamedTuple):
    """The wanted keys, or the unwanted ones where `excluded`: sorted, each once, at least one."""

    keys: tuple[str, ...]
    excluded: bool = False

    def __str__(self) -> str:
        """As a caller writes it: `new,on_hold` or `!completed,!cancelled`."""
        return ",".join(f"!{key}" if self.excluded else key for key in self.keys)

    @classmethod
    def parse(cls, text: str) -> "Choice":
        """Raises PydanticCustomError for values that are empty, and for wanted and unwanted ones at once."""
        values = [value.strip() for value in text.split(",")]
        if not all(value.removeprefix("!") for value in values):
            raise PydanticCustomError("empty_filter", "値が空です。絞り込まない場合は項目ごと省いてください")
        excluded = {value.startswith("!") for value in values}
        if len(excluded) > 1:
            raise PydanticCustomError("mixed_filter", "含める値と「!」を付けた除く値は一緒に指定できません")
        keys = sorted({value.removeprefix("!") for value in values})
        if len(keys) > _MAX_KEYS:
            raise PydanticCustomError("long_filter", "一度に指定できる値は{most}個までです", {"most": _MAX_KEYS})
        return cls(tuple(keys), excluded.pop())


def _choice(given: Any) -> Any:  # noqa: ANN401 - what a caller wrote, in whatever type it came
    if isinstance(given, list) and all(isinstance(part, str) for part in given):
        # A query's value, which the gateway's event splits at commas.
        given = ",".join(given)
    return Choice.parse(given) if isinstance(given, str) else given


def _one_of(kind: type[StrEnum]) -> AfterValidator:
    def check(choice: Choice) -> Choice:
        known = [item.value for item in kind]
        if not set(choice.keys) <= set(known):
            raise PydanticCustomError("enum", "", {"expected": "、".join(known)})
        return choice

    return AfterValidator(check)


def _check_search(text: str) -> str:
    search = parse_search(text)
    if not search.words and not search.unwanted:
        raise PydanticCustomError("empty_search", "検索する言葉を指定してください")
    if len(search.words) + len(search.unwanted) > MAX_WORDS:
        raise PydanticCustomError("long_search", "検索する言葉は{most}個までです", {"most": MAX_WORDS})
    if any(unwanted[0] in word[0] for unwanted in search.unwanted for word in search.words):
        raise PydanticCustomError("mixed_search", "含める言葉が、除く言葉を含んでいます")
    return text


def _check_moment(moment: datetime) -> datetime:
    # Near the ends of what a datetime holds, it has no time in UTC.
    if moment.year not in YEARS:
        raise PydanticCustomError("moment", "日時が2000年から2099年の間にありません")
    return moment


Chosen = Annotated[Choice, BeforeValidator(_choice), PlainSerializer(str), WithJsonSchema({"type": "string"})]


ExactText = Annotated[
    Name,
    # A query's value, which the gateway's event splits at commas.
    BeforeValidator(lambda given: ",".join(given) if isinstance(given, list) else given),
]


class OrderQuery(Value):
    """The filters of orders as callers write them. Each narrows the list; one that is left out does not.

    Several keys are separated by commas; keys with `!` are excluded instead.
    """

    status: Chosen | None = Field(None, description="対応状況: keys of the shop's settings", examples=["new,on_hold"])
    shipping_status: Annotated[Chosen, _one_of(OverallShippingStatus)] | None = Field(
        None, description="発送状況 of the whole order", examples=["!shipped,!not_applicable"]
    )
    payment: Annotated[Chosen, _one_of(PaymentState)] | None = Field(
        None, description="paid, unpaid or waiting (unpaid, open, and not to be shipped before)", examples=["waiting"]
    )
    payment_method: Chosen | None = Field(
        None, description="決済方法: keys of the shop's settings", examples=["bank_transfer"]
    )
    member: Chosen | None = Field(None, description="会員ID", examples=["M-1001"])
    customer_order_number: ExactText | None = Field(None, description="客先注文番号, exactly as it was given")
    external_id: ExactText | None = Field(None, description="The id in another system, exactly as it was given")
    placed_from: BusinessDate | None = Field(None, description="受注日 in Tokyo, this day included")
    placed_to: BusinessDate | None = Field(None, description="受注日 in Tokyo, this day included")
    requested_from: BusinessDate | None = Field(None, description="配送希望日, this day included")
    requested_to: BusinessDate | None = Field(None, description="配送希望日, this day included")
    shipped_from: BusinessDate | None = Field(None, description="発送日 of any shipment, this day included")
    shipped_to: BusinessDate | None = Field(None, description="発送日 of any shipment, this day included")
    updated_from: Annotated[Instant, AfterValidator(_check_moment)] | None = Field(
        None, description="Changed at this moment or later", examples=["2026-11-01T00:00:00Z"]
    )
    carrier: Chosen | None = Field(
        None, description="配送業者 of any shipment: keys of the shop's settings", examples=["sagawa"]
    )
    prefecture: Chosen | None = Field(
        None, description="都道府県 that any parcel goes to", examples=["東京都,神奈川県"]
    )
    destination: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_search)] | None = Field(
        None,
        description="Words that all occur in the names of those who get the parcels: 会社名, 部署名, 担当者",
        examples=["髙島商店"],
    )
    sku: Name | None = Field(None, description="Exactly this 品番 is among the lines", examples=["SOY-180"])
    total_from: Annotated[int, Field(ge=0, le=MAX_YEN)] | None = Field(None, description="Total in yen, at least")
    total_to: Annotated[int, Field(ge=0, le=MAX_YEN)] | None = Field(None, description="Total in yen, at most")
    has_requested_date: bool | None = Field(None, description="Whether a 配送希望日 is given at all")
    stock_short: bool | None = Field(None, description="Whether stock is short of what is ordered")
    q: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_search)] | None = Field(
        None,
        description=(
            "Words that all occur in 受注番号, 客先注文番号, external_id, 会社名, 担当者, 電話番号, メールアドレス, "
            "会員ID, 配送先, 品番, JAN, 商品名 or 送り状番号; `!word` must not. "
            "Width, case, hyphens and spaces make no difference, nor do hiragana and katakana, "
            "㈱ and 株式会社, and variants of a character such as 髙 and 高. "
            "A whole 受注番号 or 発送ID answers its order alone, on the first page."
        ),
        examples=["しょうゆ 1.8L !みりん"],
    )


class Days(NamedTuple):
    """From `first` to `last`, both included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def include(self, day: date) -> bool:
        return (self.first or day) <= day <= (self.last or day)


class Amounts(NamedTuple):
    """From `least` to `most` yen, both included; None leaves that end open."""

    least: int | None = None
    most: int | None = None

    def include(self, amount: int) -> bool:
        return (self.least is None or self.least <= amount) and (self.most is None or amount <= self.most)


class OrderFilter(NamedTuple):
    """Which orders a list shows. Every part narrows it; an empty part does not.

    `awaited_methods` are the payment methods whose money the shop waits for: what makes a payment `waiting`.
    """

    handling_status: Choice | None = None
    shipping_status: Choice | None = None
    payment: Choice | None = None
    payment_method: Choice | None = None
    member_id: Choice | None = None
    customer_order_number: str | None = None
    external_id: str | None = None
    placed: Days = Days()
    requested: Days = Days()
    has_requested_date: bool | None = None
    stock_short: bool | None = None
    shipped: Days = Days()
    updated_from: datetime | None = None
    carrier: Choice | None = None
    prefecture: Choice | None = None
    destination: Search = Search()
    sku: str | None = None
    total: Amounts = Amounts()
    search: Search = Search()
    awaited_methods: tuple[str, ...] = ()

    @classmethod
    def of_member(cls, member_id: str) -> "OrderFilter":
        return cls(member_id=Choice((member_id,)))


def order_filter(query: OrderQuery, settings: Settings) -> OrderFilter:
    """What `query` means for this shop. Raises RuleError for contradictions and for keys that the settings do not have.

    A misspelt key behind `!` would otherwise show what the caller wanted to leave out.
    """
    _check_known(query.status, (status.key for status in settings.statuses), "status", Rule.UNKNOWN_STATUS)
    _check_known(
        query.payment_method,
        (method.key for method in settings.payment_methods),
        "payment_method",
        Rule.UNKNOWN_PAYMENT_METHOD,
    )
    _check_days(query.placed_from, query.placed_to, "placed_to")
    _check_days(query.requested_from, query.requested_to, "requested_to")
    _check_days(query.shipped_from, query.shipped_to, "shipped_to")
    _check_known(query.carrier, (carrier.key for carrier in settings.carriers), "carrier", Rule.UNKNOWN_CARRIER)
    if query.total_from is not None and query.total_to is not None and query.total_from > query.total_to:
        raise RuleError("金額の上限が下限より小さくなっています", "total_to", Rule.REVERSED_PERIOD)
    if query.has_requested_date is False and (query.requested_from or query.requested_to):
        raise RuleError(
            "配送希望日のない受注に、配送希望日の期間は指定できません", "has_requested_date", Rule.CONFLICTING_FILTERS
        )
    waits = query.payment and PaymentState.WAITING in query.payment.keys
    wanted = OrderFilter(
        handling_status=query.status,
        shipping_status=query.shipping_status,
        payment=query.payment,
        payment_method=query.payment_method,
        member_id=query.member,
        customer_order_number=query.customer_order_number,
        external_id=query.external_id,
        placed=Days(query.placed_from, query.placed_to),
        requested=Days(query.requested_from, query.requested_to),
        has_requested_date=query.has_requested_date,
        stock_short=query.stock_short,
        shipped=Days(query.shipped_from, query.shipped_to),
        updated_from=query.updated_from,
        carrier=query.carrier,
        prefecture=query.prefecture,
        destination=parse_search(query.destination or "")._replace(number=None),
        sku=query.sku,
        total=Amounts(query.total_from, query.total_to),
        search=parse_search(query.q or ""),
        awaited_methods=settings.awaited_methods if waits else (),
    )
    return _check_room(wanted)


def _check_room(wanted: OrderFilter) -> OrderFilter:
    """`wanted`, or RuleError where it asks for more than one request can."""
    weights = {
        name: len(value.keys) if isinstance(value, Choice) else len(value.words + value.unwanted) * _WEIGHT_OF_A_WORD
        for name, value in wanted._asdict().items()
        if isinstance(value, Choice | Search)
    }
    if sum(weights.values()) > _MAX_CONDITIONS:
        heaviest = max(weights, key=weights.__getitem__)
        field = _PARAMETERS.get(heaviest, heaviest)
        raise RuleError("条件が多すぎます。値や言葉を減らしてください", field, Rule.TOO_MANY_CONDITIONS)
    return wanted


_PARAMETERS = {"handling_status": "status", "member_id": "member", "search": "q"}


def _check_known(choice: Choice | None, keys: Iterable[str], field: str, rule: Rule) -> None:
    known = list(keys)
    unknown = [key for key in choice.keys if key not in known] if choice else []
    if unknown:
        raise RuleError(f"{'、'.join(unknown)} は設定にありません（使えるもの: {'、'.join(known)}）", field, rule)


def _check_days(first: date | None, last: date | None, field: str) -> None:
    if first and last and first > last:
        raise RuleError("期間の終わりが始まりより前です", field, Rule.REVERSED_PERIOD)


class OrderPage(NamedTuple):
    """`next` is the position behind the page, None at the end. A filtered page may be short and still have a next.

    `until`, of a list of changes: those that happened before this moment are in it.
    """

    orders: tuple[OrderSummary, ...]
    next: str | None
    until: datetime | None = None
