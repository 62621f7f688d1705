"""Lists of orders on AWS's own engine: what they show, in what order, and at what cost."""

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.request_counter import count_requests
from local.tables import create_tables, delete_tables
from shukka.domain.errors import RuleError
from shukka.domain.lists.listing import Amounts, Choice, Days, OrderFilter, OrderQuery, PaymentState, order_filter
from shukka.domain.lists.search import parse_search, search_text
from shukka.domain.order.order import CLOSED, Order, Payment
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.domain.text.values import business_date
from shukka.store import keys
from shukka.store.order_list import OrderList
from shukka.store.transaction import Item
from tests.builders import NOW, a_destination, a_line, a_member, a_shipment, an_order, some_settings
from tests.bulk import load_items, load_roots, root_item

AWAITED = ("bank_transfer",)
STATUSES = ("new", "processing", "on_hold", "gift_wrapping", "completed", "cancelled")


@pytest.fixture
def order_list(dynamodb, tables):
    return OrderList(dynamodb, tables.orders)


def many(count: int, **header) -> Iterator[Order]:
    """Orders a minute apart, so that later numbers are newer."""
    base = an_order(**header)
    for n in range(count):
        number = str(100_001 + n)
        yield base.with_header(number=number, placed_at=NOW + timedelta(minutes=n))


def numbers(page) -> list[str]:
    return [order.number for order in page.orders]


def read_through(order_list: OrderList, wanted: OrderFilter, limit: int) -> list[str]:
    """All numbers, page by page."""
    found, position = [], None
    while True:
        page = order_list.page(wanted, position, limit)
        assert len(page.orders) <= limit
        found += numbers(page)
        if page.next is None:
            return found
        assert position is None or page.next < position, "every page gets further"
        position = page.next


# --- cost ---

FILTERS = {
    "none": OrderFilter(),
    "status": OrderFilter(handling_status=Choice(("new",))),
    "statuses": OrderFilter(handling_status=Choice(("completed", "new"))),
    "not cancelled": OrderFilter(handling_status=Choice(("cancelled",), excluded=True)),
    "waiting": OrderFilter(payment=Choice(("waiting",)), awaited_methods=AWAITED),
    "member": OrderFilter.of_member("M-1001"),
    "days": OrderFilter(placed=Days(date(2026, 11, 1), date(2026, 11, 30))),
    "words": OrderFilter(search=parse_search("しょうゆ")),
    "words nobody has": OrderFilter(search=parse_search("みりん")),
    "a number nobody has": OrderFilter(search=parse_search("999999")),
}


def requests_of_first_pages(dynamodb, order_list) -> dict[str, int]:
    counts = {}
    for name, wanted in FILTERS.items():
        with count_requests(dynamodb) as requests:
            order_list.page(wanted, None, 50)
        counts[name] = requests.total()
    with count_requests(dynamodb) as requests:
        order_list.count_open()
    return {**counts, "summary": requests.total()}


def test_a_page_costs_the_same_at_a_hundred_and_at_two_thousand_orders(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, many(100))
    few = requests_of_first_pages(dynamodb, order_list)
    load_roots(dynamodb, tables.orders, many(2_000))

    assert requests_of_first_pages(dynamodb, order_list) == few
    named = few.pop("a number nobody has")
    assert max(few.values()) == keys.PLACED_SHARDS
    assert named == keys.PLACED_SHARDS + 1
    assert few["member"] == few["status"] == 1


def test_an_order_is_found_by_its_number_in_one_request(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, many(20))

    with count_requests(dynamodb) as requests:
        page = order_list.page(OrderFilter(search=parse_search("１００００７")), None, 50)

    assert (numbers(page), dict(requests)) == (["100007"], {"Query": 1})


def test_a_filter_that_finds_little_goes_on_where_it_stopped(dynamodb, tables, order_list, monkeypatch):
    monkeypatch.setattr("shukka.store.order_list._EXAMINED_WHEN_FILTERED", 5)
    rare = an_order("100001", payment=Payment(method="account"), placed_at=NOW - timedelta(days=1))
    load_roots(dynamodb, tables.orders, [rare, *(order.with_header(number=f"2{order.number}") for order in many(60))])
    wanted = OrderFilter(payment_method=Choice(("account",)))

    first = order_list.page(wanted, None, 5)

    assert (first.orders, first.next is None) == ((), False)
    assert read_through(order_list, wanted, 5) == ["100001"]


# --- what is found ---


def test_days_begin_and_end_at_midnight_in_tokyo(dynamodb, tables, order_list):
    midnight = datetime(2026, 11, 25, 15, tzinfo=UTC)
    moments = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=1, microseconds=-1)]
    moments.append(midnight + timedelta(days=1))
    load_roots(
        dynamodb,
        tables.orders,
        (an_order(str(100_001 + n), placed_at=moment) for n, moment in enumerate(moments)),
    )
    day = date(2026, 11, 26)

    assert read_through(order_list, OrderFilter(placed=Days(day, day)), 1) == ["100003", "100002"]
    assert read_through(order_list, OrderFilter(placed=Days(None, day)), 2) == ["100003", "100002", "100001"]
    assert read_through(order_list, OrderFilter(placed=Days(day, None)), 2) == ["100004", "100003", "100002"]


@pytest.mark.parametrize(
    "text",
    [
        "株式会社髙島",
        "﨑山一郎",
        "﨑山　一郎",
        "03-0000-1001",
        "０３００００１００１",
        "soy-180",
        "ＳＯＹ１８０",
        "soy",
        "丸大豆 1.8l",
        "4444-1375-8703",
        "444413758703",
        "13758703 髙島",
        "しょうゆ !みりん",
        "100001-1",
        "0000",
        "buyer1@EXAMPLE.jp",
        "m-1001",
        "4900000000097",
        "株式会社能登倉庫",
        "㈱能登倉庫 港南区",
        "高島商店",
        "崎山",
        "ショウユ",
        "ｼｮｳﾕ",
        "（株）高島",
        "神奈川県横浜市",
        "233-0001",
        "0450000000",
    ],
)
def test_an_order_is_found_by_what_people_remember(dynamodb, tables, order_list, text):
    shipment = a_shipment(
        tracking_numbers=("444413758703",), status=ShippingStatus.SHIPPED, destination=a_destination()
    )
    load_roots(dynamodb, tables.orders, [an_order(shipments=(shipment,))])

    assert numbers(order_list.page(OrderFilter(search=parse_search(text)), None, 50)) == ["100001"]


def as_stored_before(order: Order) -> Item:
    """The root item as it was before kana and variants were folded and lists had these filters."""

    def earlier(*parts: str | None) -> dict[str, str]:
        folded = (unicodedata.normalize("NFKC", part).casefold() for part in parts if part)
        return {"S": "\n".join(re.sub(r"[\s\-]+", "", part) for part in folded)}

    item, member = root_item(order), order.header.member
    for name in ("updated_key", "total", "carriers", "first_shipped_on", "last_shipped_on"):
        item.pop(name, None)
    for name in ("search_names", "search_addresses"):
        item.pop(name)
    summary = json.loads(item["summary"]["S"])
    del summary["updated_at"]
    item["summary"] = {"S": json.dumps(summary)}
    item["search"] = earlier(order.number, member.company, member.name, member.phone)
    item["search_lines"] = earlier(*(line.sku for line in order.lines), *(line.name for line in order.lines))
    return item


@pytest.mark.parametrize(
    "text", ["髙島商店", "㈱髙島 !みりん", "﨑山", "しょうゆ", "ＳＯＹ180", "100001", "03-0000-1001"]
)
def test_an_order_from_before_is_found_by_what_was_stored_then(dynamodb, tables, order_list, text):
    member = a_member(company="㈱髙島商店")
    load_items(dynamodb, tables.orders, [as_stored_before(an_order(member=member))])

    assert numbers(order_list.page(OrderFilter(search=parse_search(text)), None, 50)) == ["100001"]


def test_an_order_from_before_is_filtered_by_what_is_known_of_it(dynamodb, tables, order_list):
    shipment = a_shipment(carrier="sagawa", status=ShippingStatus.SHIPPED, shipped_on=date(2026, 11, 20))
    order = an_order(shipments=(shipment,))
    load_items(dynamodb, tables.orders, [as_stored_before(order)])
    total, day = order.header.totals.total, date(2026, 11, 20)

    found = {
        "carrier": OrderFilter(carrier=Choice(("sagawa",))),
        "shipped": OrderFilter(shipped=Days(day, day)),
        "total": OrderFilter(total=Amounts(total, total)),
        "sku": OrderFilter(sku="SOY-180"),
    }
    missed = {
        "carrier": OrderFilter(carrier=Choice(("yamato",))),
        "shipped": OrderFilter(shipped=Days(day + timedelta(days=1), None)),
        "total": OrderFilter(total=Amounts(total + 1, None)),
        "sku": OrderFilter(sku="SOY"),
        "updated_from": OrderFilter(updated_from=NOW),
    }

    assert [name for name, wanted in found.items() if read_through(order_list, wanted, 50) != ["100001"]] == []
    assert [name for name, wanted in missed.items() if read_through(order_list, wanted, 50)] == []
    (row,) = order_list.page(OrderFilter(), None, 50).orders
    assert row.updated_at is None


def test_a_sku_is_exact(dynamodb, tables, order_list):
    for n, sku in enumerate(["SOY-180", "soy-180", "SOY180", "SOY-180-6", None]):
        load_roots(dynamodb, tables.orders, [an_order(str(100_001 + n), lines=(a_line(sku=sku, name="SOY-180"),))])

    assert read_through(order_list, OrderFilter(sku="SOY-180"), 50) == ["100001"]
    assert read_through(order_list, OrderFilter(sku="SOY"), 50) == []


def test_the_most_that_may_be_asked_is_what_the_engine_takes(dynamodb, tables, order_list):
    """An expression may have 4 KB and 300 operators."""
    load_roots(dynamodb, tables.orders, many(2))
    words = " ".join(f"しょうゆ{chr(0x4E00 + n)}" for n in range(10))
    few, prefectures = ",".join(f"!m{n}" for n in range(5)), ",".join(f"!{n}県" for n in range(47))
    asked = {
        "status": "!cancelled",
        "shipping_status": "!shipped",
        "payment": "!waiting",
        "payment_method": "!account",
        "placed_from": "2026-01-01",
        "placed_to": "2026-12-31",
        "requested_from": "2026-01-01",
        "requested_to": "2026-12-31",
        "has_requested_date": True,
        "stock_short": False,
        "shipped_from": "2026-01-01",
        "shipped_to": "2026-12-31",
        "updated_from": NOW,
        "carrier": "!sagawa,!own",
        "sku": "S" * 255,
        "total_from": 1,
        "total_to": 2,
    }
    for most in (
        {"q": words, "prefecture": prefectures},
        {"q": words, "destination": " ".join(words.split()[:8]), "member": few},
        {"member": ",".join(f"!m{n}" for n in range(50)), "prefecture": prefectures},
    ):
        wanted = order_filter(OrderQuery.model_validate(asked | most), some_settings())

        assert read_through(order_list, wanted, 50) == []
        assert order_list.changes(wanted, None, NOW + timedelta(days=1), 50).orders == ()
    with pytest.raises(RuleError, match="条件が多すぎます"):
        order_filter(OrderQuery.model_validate(asked | {"q": words, "destination": words}), some_settings())


# --- what changed since ---


def changed(number: str, minutes: float, **header) -> Order:
    return an_order(number, updated_at=NOW + timedelta(minutes=minutes), **header)


def all_changes(order_list: OrderList, wanted: OrderFilter, settled: datetime, limit: int):
    """The numbers, page by page, and where the next list begins."""
    found, position = [], None
    while True:
        page = order_list.changes(wanted, position, settled, limit)
        found += numbers(page)
        if page.next is None:
            return found, page.until
        assert position is None or page.next > position, "every page gets further"
        position = page.next


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_changes_come_in_their_order_up_to_what_has_settled(dynamodb, tables, order_list, limit):
    moments = {"100001": 5, "100002": 1, "100003": 3, "100004": 3, "100005": 2, "100006": 3, "100007": 9}
    load_roots(dynamodb, tables.orders, (changed(number, minutes) for number, minutes in moments.items()))
    settled = NOW + timedelta(minutes=9)

    found, until = all_changes(order_list, OrderFilter(), settled, limit)

    assert found == ["100002", "100005", "100003", "100004", "100006", "100001"]
    assert until == settled
    since = OrderFilter(updated_from=NOW + timedelta(minutes=3))
    assert all_changes(order_list, since, settled, limit)[0] == ["100003", "100004", "100006", "100001"]
    assert all_changes(order_list, OrderFilter(updated_from=until), settled + timedelta(minutes=1), limit)[0] == [
        "100007"
    ]


def test_a_list_of_changes_from_what_has_not_settled_is_empty_and_ends_where_it_begins(order_list):
    since = NOW + timedelta(minutes=1)

    assert order_list.changes(OrderFilter(updated_from=since), None, NOW, 50) == ((), None, since)
    assert order_list.changes(OrderFilter(), None, NOW, 50) == ((), None, NOW)


def test_all_pages_of_a_list_of_changes_end_where_the_first_did(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, (changed(str(100_001 + n), n) for n in range(6)))
    settled = NOW + timedelta(minutes=4)
    first = order_list.changes(OrderFilter(), None, settled, 2)
    load_roots(dynamodb, tables.orders, [changed("100001", 5), changed("100004", 5)])

    rest = order_list.changes(OrderFilter(), first.next, settled + timedelta(hours=1), 50)

    assert (numbers(first), numbers(rest)) == (["100001", "100002"], ["100003"])
    assert first.until == rest.until == settled
    assert all_changes(order_list, OrderFilter(updated_from=settled), settled + timedelta(hours=1), 2)[0] == [
        "100005",
        "100001",
        "100004",
        "100006",
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(st.integers(100_001, 100_012), st.tuples(st.integers(1, 4), st.integers(0, 3))), max_size=30
    )
)
def test_who_reads_on_from_where_the_list_ended_misses_nothing_and_reads_nothing_twice(dynamodb, steps):
    """A step is a change of an order, a second after the one before, or a reading in pages that change meanwhile."""
    tables = create_tables(dynamodb, prefix="changes-")
    order_list = OrderList(dynamodb, tables.orders)
    clock, versions, seen, since = NOW, {}, [], None

    def change(number: int) -> None:
        versions[number] = versions.get(number, 0) + 1
        order = an_order(str(number), version=versions[number], updated_at=clock)
        load_roots(dynamodb, tables.orders, [order])

    def read(limit: int) -> None:
        nonlocal since, clock
        position, wanted = None, OrderFilter(updated_from=since)
        while True:
            page = order_list.changes(wanted, position, clock - timedelta(seconds=2), limit)
            seen.extend((order.number, order.version) for order in page.orders)
            if page.next is None:
                since = page.until
                return
            position = page.next
            clock += timedelta(seconds=1)
            change(100_001)

    try:
        for step in steps:
            clock += timedelta(seconds=1)
            if isinstance(step, int):
                change(step)
            else:
                read(step[0])
        clock += timedelta(minutes=1)
        read(3)
        clock += timedelta(minutes=1)
        read(100)
    finally:
        delete_tables(dynamodb, tables)
    assert len(seen) == len(set(seen)), "nothing twice"
    assert {(str(number), version) for number, version in versions.items()} <= set(seen), "the last state of each"


def test_changes_are_filtered_like_any_list_at_the_same_cost(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, many(300))
    wanted = OrderFilter(
        handling_status=Choice(("new",)), search=parse_search("しょうゆ"), placed=Days(date(2026, 11, 1))
    )

    with count_requests(dynamodb) as requests:
        page = order_list.changes(wanted, None, NOW + timedelta(minutes=1), 50)

    assert (len(page.orders), dict(requests)) == (50, {"Query": keys.PLACED_SHARDS})
    named = wanted._replace(search=parse_search("100007"))
    assert numbers(order_list.changes(named, None, NOW + timedelta(minutes=1), 50)) == ["100007"]


@pytest.mark.parametrize("text", ["みりん", "しょうゆ みりん", "しょうゆ !soy", "100002", "髙島﨑山", "03-0000-1002"])
def test_an_order_is_not_found_by_what_it_has_not(dynamodb, tables, order_list, text):
    load_roots(dynamodb, tables.orders, [an_order()])

    page = order_list.page(OrderFilter(search=parse_search(text)), None, 50)
    assert (page.orders, page.next) == ((), None)


def test_the_last_of_a_thousand_lines_is_found(dynamodb, tables, order_list):
    lines = tuple(a_line(n, sku=f"SKU-{n:05d}", name=f"業務用 {n} 番の長い名前の商品 20kg") for n in range(1, 1_001))
    load_roots(dynamodb, tables.orders, [an_order(lines=lines)])

    for text in ("SKU-01000", "1000番の長い名前"):
        assert numbers(order_list.page(OrderFilter(search=parse_search(text)), None, 50)) == ["100001"]


def test_a_number_answers_its_order_first_and_others_behind_it(dynamodb, tables, order_list):
    other = an_order("100003", member=a_member(phone="100001"))
    load_roots(dynamodb, tables.orders, [an_order("100001", placed_at=NOW + timedelta(days=1)), other])
    wanted = OrderFilter(search=parse_search("100001"))

    assert numbers(order_list.page(wanted, None, 50)) == ["100001"]
    assert read_through(order_list, wanted, 50) == ["100001", "100003"]


def test_a_number_is_filtered_like_any_other_order(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, [an_order()])
    search = parse_search("100001")
    today = business_date(NOW)

    for missed in (
        OrderFilter(search=search, handling_status=Choice(("completed",))),
        OrderFilter(search=search, member_id=Choice(("M-1001",), excluded=True)),
        OrderFilter(search=search, placed=Days(today + timedelta(days=1), None)),
        OrderFilter(search=parse_search("100001 !100001")),
    ):
        assert read_through(order_list, missed, 50) == []
    assert read_through(order_list, OrderFilter(search=search, placed=Days(today, today)), 50) == ["100001"]


@pytest.mark.parametrize(
    "other",
    [{}, {"member_id": Choice(("M-1001",))}, {"handling_status": Choice(("new",))}],
    ids=["by_placed", "by_member", "open_orders"],
)
def test_an_order_is_found_by_exactly_what_others_call_it(dynamodb, tables, order_list, other):
    names = [("PO-1", "web-1"), ("PO-1", "web-2"), ("PO-11", "web-1"), ("po-1", None)]
    orders = (
        order.with_header(customer_order_number=number, external_id=web)
        for order, (number, web) in zip(many(4), names, strict=True)
    )
    load_roots(dynamodb, tables.orders, orders)

    def found(**wanted):
        return numbers(order_list.page(OrderFilter(**other, **wanted), None, 50))

    assert found(customer_order_number="PO-1") == ["100002", "100001"]
    assert found(external_id="web-1") == ["100003", "100001"]
    assert found(customer_order_number="PO-1", external_id="web-1") == ["100001"]


def test_orders_that_are_short_of_stock_are_listed_with_what_is_missing(dynamodb, tables, order_list):
    load_roots(dynamodb, tables.orders, many(3))
    dynamodb.update_item(
        TableName=tables.orders,
        Key={"pk": {"S": keys.order_pk("100002")}, "sk": {"S": keys.ROOT}},
        UpdateExpression="SET stock_short = :skus",
        ExpressionAttributeValues={":skus": {"SS": ["SOY-180", "MISO-1"]}},
    )

    short = order_list.page(OrderFilter(stock_short=True), None, 50)

    assert [(order.number, order.stock_short) for order in short.orders] == [("100002", ("MISO-1", "SOY-180"))]
    assert read_through(order_list, OrderFilter(stock_short=False), 50) == ["100003", "100001"]
    assert order_list.count_open().having(stock_short=True) == 1


def test_open_orders_are_counted_by_what_they_wait_for(dynamodb, tables, order_list):
    load_roots(
        dynamodb,
        tables.orders,
        [
            an_order("100001"),
            an_order("100002", handling_status="on_hold"),
            an_order("100003", payment=Payment(method="bank_transfer", paid_on=date(2026, 11, 26))),
            an_order("100004", shipments=(a_shipment(status=ShippingStatus.SHIPPED),)),
            an_order("100005", handling_status="completed"),
            an_order("100006", handling_status="cancelled"),
        ],
    )

    counted = order_list.count_open()

    assert (counted.counts.total(), counted.complete) == (4, True)
    assert counted.having(handling_status="new") == 3
    assert counted.having(shipping_status="shipped") == 1
    assert counted.having(payment_method="bank_transfer", paid=False) == 3


# --- any filter, any orders ---

DAYS = [date(2026, 11, 20) + timedelta(days=n) for n in range(7)]
CHANGES_BEGIN = datetime(2026, 11, 27, tzinfo=UTC)
CARRIERS = ["yamato", "sagawa", "own"]
SKUS = [None, "SOY-180", "soy-180", "MISO/10"]
PURCHASES, WEB_IDS = ("PO-1", "PO-10"), ("web-1", "web-2")
MEMBERS = ["M-1", "M-2", "M-3", "M-4", "M-5", "M-6"]
days = st.sampled_from(DAYS)


def choices(values) -> st.SearchStrategy[Choice | None]:
    keys_ = st.sets(st.sampled_from(values), min_size=1, max_size=len(values)).map(lambda chosen: tuple(sorted(chosen)))
    return st.none() | st.builds(Choice, keys_, st.booleans())


@st.composite
def ranges(draw) -> Days:
    ends = sorted([draw(days), draw(days)])
    return Days(*(day if draw(st.booleans()) else None for day in ends))


def varied_orders(count: int) -> list[Order]:
    """Orders that differ in whatever can be filtered, some of them placed at the same moment."""
    pick = random.Random(20_261_126)
    orders = []
    for n in range(count):
        shipments = tuple(
            a_shipment(
                k,
                status=pick.choice(list(ShippingStatus)),
                carrier=pick.choice([None, *CARRIERS]),
                shipped_on=pick.choice([None, *DAYS]),
                tracking_numbers=pick.choice([(), ("10000312",)]),
                destination=pick.choice([None, a_destination(), a_destination(prefecture=None, name="田中 花子")]),
            )
            for k in range(1, pick.choice([2, 2, 3]))
        )
        orders.append(
            an_order(
                str(100_001 + n),
                placed_at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=pick.randrange(160)),
                handling_status=pick.choice(STATUSES),
                member=a_member(
                    member_id=pick.choice([None, *MEMBERS]),
                    company=pick.choice(["髙島商店", "ナカムラ酒店", "ｶﾌﾞｼｷ Shop"]),
                ),
                payment=Payment(method=pick.choice(["bank_transfer", "account"]), paid_on=pick.choice([None, *DAYS])),
                requested_date=pick.choice([None, *DAYS]),
                customer_order_number=pick.choice([None, *PURCHASES]),
                external_id=pick.choice([None, *WEB_IDS]),
                lines=(
                    a_line(
                        sku=pick.choice(SKUS),
                        name=pick.choice(["しょうゆ 1.8L", "みりん", "味噌 10kg"]),
                        quantity=pick.choice([1, 2, 3]),
                    ),
                ),
                shipments=shipments,
                updated_at=CHANGES_BEGIN + timedelta(hours=pick.randrange(160)),
            )
        )
    return orders


requests = st.builds(
    OrderFilter,
    handling_status=choices(STATUSES),
    shipping_status=choices([status.value for status in ShippingStatus]),
    payment=choices([state.value for state in PaymentState]),
    payment_method=choices(["bank_transfer", "account", "barter"]),
    member_id=choices(MEMBERS),
    customer_order_number=st.sampled_from([None, *PURCHASES, "PO"]),
    external_id=st.sampled_from([None, *WEB_IDS, "web"]),
    placed=ranges(),
    requested=ranges(),
    has_requested_date=st.none() | st.booleans(),
    stock_short=st.sampled_from([None, None, False, True]),
    shipped=ranges(),
    updated_from=st.none()
    | st.integers(-5, 170).map(lambda n: datetime(2026, 11, 27, tzinfo=UTC) + timedelta(hours=n)),
    carrier=choices(CARRIERS),
    prefecture=choices(["東京都", "神奈川県", "北海道"]),
    destination=st.sampled_from(["", "商店", "倉庫 !花子", "たなか", "田中", "㈱能登", "港南区"]).map(
        lambda text: parse_search(text)._replace(number=None)
    ),
    sku=st.sampled_from([None, "SOY-180", "SOY", "MISO/10"]),
    total=st.builds(Amounts, *[st.none() | st.sampled_from([4_000, 4_471, 8_942, 20_000])] * 2),
    search=st.sampled_from(["", "", "商店", "しょうゆ", "！みりん", "酒店 味噌", "かぶ", "カブシキshop", "100003"]).map(
        parse_search
    ),
    awaited_methods=st.sampled_from([(), AWAITED]),
)
# Most requests narrow by one or two things: all at once would find nothing most of the time.
blank = OrderFilter()


@st.composite
def filters(draw) -> OrderFilter:
    request = draw(requests)
    kept = draw(st.sets(st.sampled_from(OrderFilter._fields), max_size=3)) | {"awaited_methods"}
    return blank._replace(**{field: getattr(request, field) for field in kept})


def chosen(choice: Choice | None, value: str | None) -> bool:
    return choice is None or (value in choice.keys) is not choice.excluded


def any_chosen(choice: Choice | None, values: set[str | None]) -> bool:
    return choice is None or bool(values & set(choice.keys)) is not choice.excluded


def within(range_: Days, day: date | None) -> bool:
    if range_ == Days():
        return True
    return day is not None and (range_.first or day) <= day <= (range_.last or day)


def payment_states(order: Order, awaited: tuple[str, ...]) -> set[str]:
    header = order.header
    if header.payment.paid_on:
        return {"paid"}
    waits = header.payment.method in awaited and header.handling_status not in CLOSED
    return {"unpaid", "waiting"} if waits else {"unpaid"}


def is_wanted(order: Order, wanted: OrderFilter) -> bool:
    """The filter as one would write it over orders in memory."""
    header = order.header
    states = payment_states(order, wanted.awaited_methods)
    member = header.member
    places = [shipment.destination or member for shipment in order.shipments]
    names = [name for place in places for name in (place.company, place.department, place.name)]
    text = search_text(
        [
            *(header.number, member.company, member.name, member.phone, member.email, member.member_id),
            *(fact for line in order.lines for fact in (line.sku, line.jan_code, line.name)),
            *(number for shipment in order.shipments for number in shipment.tracking_numbers),
            *names,
            *(f"{place.prefecture or ''}{place.address1}{place.address2}" for place in places),
        ]
    )
    prefectures = {place.prefecture or "神奈川県" for place in places}
    days = [shipment.shipped_on for shipment in order.shipments if shipment.shipped_on]
    least, most = wanted.total
    return (
        chosen(wanted.handling_status, header.handling_status)
        and chosen(wanted.shipping_status, header.shipping_status)
        and chosen(wanted.payment_method, header.payment.method)
        and chosen(wanted.member_id, header.member.member_id)
        and (wanted.customer_order_number is None or header.customer_order_number == wanted.customer_order_number)
        and (wanted.external_id is None or header.external_id == wanted.external_id)
        and (wanted.payment is None or bool(states & set(wanted.payment.keys)) is not wanted.payment.excluded)
        and within(wanted.placed, business_date(header.placed_at))
        and within(wanted.requested, header.requested_date)
        and wanted.has_requested_date in {None, header.requested_date is not None}
        and wanted.stock_short is not True
        and (wanted.shipped == Days() or any(within(wanted.shipped, day) for day in days))
        and (wanted.updated_from is None or header.updated_at >= wanted.updated_from)
        and any_chosen(wanted.carrier, {shipment.carrier for shipment in order.shipments})
        and any_chosen(wanted.prefecture, prefectures)
        and wanted.destination.finds(search_text(names))
        and wanted.sku in {None, *(line.sku for line in order.lines)}
        and (least or 0) <= header.totals.total <= (10**9 if most is None else most)
        and (wanted.search.finds(text) or wanted.search.number == header.number)
    )


def expected(orders: list[Order], wanted: OrderFilter) -> list[str]:
    newest_first = sorted(orders, key=lambda order: (order.header.placed_at, int(order.number)), reverse=True)
    # The order that the search names comes first.
    found = [order.number for order in newest_first if is_wanted(order, wanted)]
    return sorted(found, key=lambda number: number != wanted.search.number)


@pytest.fixture(scope="module")
def varied(dynamodb):
    """Those orders, and their list."""
    tables = create_tables(dynamodb, prefix="varied-")
    orders = varied_orders(80)
    load_roots(dynamodb, tables.orders, orders)
    yield orders, OrderList(dynamodb, tables.orders)
    delete_tables(dynamodb, tables)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=filters(), limit=st.sampled_from([3, 7, 100]), examined=st.sampled_from([9, 1_000]))
def test_pages_show_exactly_what_is_wanted_each_once_and_newest_first(varied, monkeypatch, wanted, limit, examined):
    monkeypatch.setattr("shukka.store.order_list._EXAMINED_WHEN_FILTERED", examined)
    orders, order_list = varied

    assert read_through(order_list, wanted, limit) == expected(orders, wanted)


def test_keys_are_cut_where_they_should_be():
    placed = [keys.time_key(NOW + timedelta(microseconds=n), str(number)) for n in range(3) for number in (9, 10, 11)]

    for before, key in pairwise(placed):
        assert before < keys.just_before(key) < key
    assert keys.time_key(NOW, "99") < keys.moment(NOW + timedelta(microseconds=1)) < placed[3]
    assert [keys.number_in(key) for key in placed[:3]] == ["9", "10", "11"]
