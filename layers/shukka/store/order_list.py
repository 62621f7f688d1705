"""Lists of orders, newest first, from the indexes: a page costs the same however many orders there are."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from shukka.domain.lists.filtering import meets
from shukka.domain.lists.findable import EXACT, exact_sku, prefecture_line
from shukka.domain.lists.listing import Amounts, Choice, Days, OrderFilter, OrderPage, PaymentState
from shukka.domain.lists.search import searchable
from shukka.domain.lists.summary import OpenOrders, OpenState, OrderSummary
from shukka.domain.order.order import CLOSED
from shukka.domain.text.values import TOKYO
from shukka.store import keys
from shukka.store.order_items import read
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

_EXAMINED_WHEN_FILTERED = 1_000
"""Orders looked at in each partition for one filtered page; the page says where to go on when that was not enough."""

_READ_FOR_A_FILE = 1_000
"""Orders looked at in each partition at a time, where all are read in the end."""

# The position behind an order that was answered first because the search names it: the list from its beginning.
_BEHIND_THE_NAMED = keys.BEHIND_ALL


# Between the parts of a position in a list of changes; keys do not have it.
_BETWEEN = "/"

# One is a reserved word, and an expression may have 4 KB.
_ALIASES = {
    "#s": "search",
    "#l": "search_lines",
    "#n": "search_names",
    "#a": "search_addresses",
    "#t": "total",
}


class Listed(NamedTuple):
    """An order, and the position behind it; or no order, and a position up to which there is none."""

    position: str
    order: OrderSummary | None


class OrderList:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def page(self, wanted: OrderFilter, after: str | None, limit: int) -> OrderPage:
        """Up to `limit` orders placed before the position `after`, newest first.

        One request for each partition of the index, at most `keys.PLACED_SHARDS`; each examines `limit` orders, or
        with filters 1,000 (or 1 MB, if that is less). An order that the search names by its number is looked up first,
        with one request, and makes a page of its own; the pages behind it show the others that hold the words.
        """
        named = wanted.search.number
        if named and after is None and (order := self._find_named(named, wanted)):
            return OrderPage((order,), _BEHIND_THE_NAMED)
        index = _index_for(wanted)
        answers = self._query_all(
            _page_request(index, partition, wanted, after, limit) for partition in index.partitions
        )
        found = [item for answer in answers for item in answer["Items"] if _meets(item, wanted)]
        if named and after is not None:
            found = [item for item in found if not _is(item, named)]
        found.sort(key=_placed_key, reverse=True)
        # Behind the frontier, a partition that was not read to its end may hold orders that belong in between.
        frontier = max(
            (_placed_key(last) for answer in answers if (last := answer.get("LastEvaluatedKey"))), default=""
        )
        ready = [item for item in found if _placed_key(item) >= frontier]
        page = ready[:limit]
        position = _placed_key(page[-1]) if len(ready) > limit else frontier
        return OrderPage(tuple(map(_summary, page)), position or None)

    def changes(self, wanted: OrderFilter, position: str | None, settled: datetime, limit: int) -> OrderPage:
        """Up to `limit` orders that changed behind the position and before `settled`, the latest change last.

        Each order is where its last change was, once. All pages of a list end at the moment at which its first page
        ended: `until`. Requests are those of `page`; a search by number is one for a word.
        """
        until, _, after = position.partition(_BETWEEN) if position else (keys.moment(settled), "", "")
        index = _Index("by_updated", "placed_shard", keys.all_placed_shards(), wanted._replace(updated_from=None))
        since = keys.moment(wanted.updated_from) if wanted.updated_from else keys.BEFORE_ALL
        first = max(since, keys.just_behind(after)) if after else since
        end = OrderPage((), None, keys.parse_moment(max(until, since)))
        if first > until:
            return end
        answers = self._query_all(
            _changes_request(index, partition, first, until, limit) for partition in index.partitions
        )
        found = [item for answer in answers for item in answer["Items"] if _meets(item, wanted)]
        unread = [_updated_key(last) for answer in answers if (last := answer.get("LastEvaluatedKey"))]
        frontier = min(unread, default=keys.BEHIND_ALL)
        ready = sorted((item for item in found if _updated_key(item) <= frontier), key=_updated_key)
        page = ready[:limit]
        behind = _updated_key(page[-1]) if len(ready) > limit else frontier
        more = behind != keys.BEHIND_ALL
        return end._replace(orders=tuple(map(_summary, page)), next=f"{until}{_BETWEEN}{behind}" if more else None)

    def newest_first(self, wanted: OrderFilter, after: str | None) -> Iterator[Listed]:
        """All orders placed before the position `after`, in the order of the pages but without reading any twice.

        However little of what is examined is wanted, a position to go on from comes every 1,000 orders of a partition.
        """
        named = wanted.search.number
        if named and after is None and (order := self._find_named(named, wanted)):
            yield Listed(_BEHIND_THE_NAMED, order)
        index = _index_for(wanted)
        partitions = [self._partition(index, partition, wanted, after) for partition in index.partitions]
        for listed in heapq.merge(*partitions, key=lambda listed: listed.position, reverse=True):
            is_named = listed.order is not None and listed.order.number == named
            yield listed._replace(order=None) if is_named else listed

    def _partition(self, index: "_Index", partition: str, wanted: OrderFilter, after: str | None) -> Iterator[Listed]:
        request = _page_request(index, partition, wanted, after, _READ_FOR_A_FILE)
        while True:
            answer = self._client.query(TableName=self._table, **request)
            found = [item for item in answer["Items"] if _meets(item, wanted)]
            yield from (Listed(_placed_key(item), _summary(item)) for item in found)
            last = answer.get("LastEvaluatedKey")
            if not last:
                return
            if not found or _placed_key(found[-1]) != _placed_key(last):
                yield Listed(_placed_key(last), None)
            request["ExclusiveStartKey"] = last

    def count_open(self) -> OpenOrders:
        """All open orders by what they wait for: one request for each of the `keys.PLACED_SHARDS` partitions.

        A request counts what 1 MB of the index holds, some 4,000 orders; where there are more, the count is not
        complete.
        """
        answers = self._query_all(
            {
                "IndexName": "open_work",
                "KeyConditionExpression": "open_shard = :shard",
                "ExpressionAttributeValues": {":shard": {"S": shard}},
                "ProjectionExpression": "handling_status, shipping_status, payment_method, paid_on, stock_short",
            }
            for shard in keys.all_open_shards()
        )
        counts = Counter(_open_state(item) for answer in answers for item in answer["Items"])
        return OpenOrders(counts, complete=not any("LastEvaluatedKey" in answer for answer in answers))

    def _find_named(self, number: str, wanted: OrderFilter) -> OrderSummary | None:
        """The order with this number, if the other filters let it through."""
        values = _Values()
        key = f"pk = {values.name(keys.order_pk(number))} AND sk = {values.name(keys.ROOT)}"
        rest = wanted._replace(search=wanted.search._replace(words=()))
        conditions = _conditions(rest, values)
        conditions += _placed_condition(wanted.placed, values)
        (answer,) = self._query_all([_request(key, conditions, values)])
        return next((_summary(item) for item in answer["Items"] if _meets(item, wanted)), None)

    def _query_all(self, requests: Iterable[Mapping[str, Any]]) -> "list[QueryOutputTypeDef]":
        """The answers to all requests, which are made at the same time."""
        with ThreadPoolExecutor(keys.PLACED_SHARDS) as pool:
            return list(pool.map(lambda request: self._client.query(TableName=self._table, **request), requests))


class _Values:
    """Values of expressions, by the names that stand for them."""

    def __init__(self) -> None:
        self.by_name: Item = {}

    def name(self, text: str) -> str:
        name = f":{len(self.by_name)}"
        self.by_name[name] = {"S": text}
        return name

    def number(self, number: int) -> str:
        name = f":{len(self.by_name)}"
        self.by_name[name] = {"N": str(number)}
        return name

    def names(self, texts: Iterable[str]) -> str:
        return ", ".join(map(self.name, texts))


class _Index(NamedTuple):
    """An index, the partitions of it that hold what is wanted, and what is then left to filter."""

    name: str
    key: str
    partitions: Sequence[str]
    rest: OrderFilter


def _index_for(wanted: OrderFilter) -> _Index:
    """The smallest index that needs no more requests than the one of all orders."""
    members, statuses = wanted.member_id, wanted.handling_status
    if _few(members):
        return _Index("by_member", "member_id", members.keys, wanted._replace(member_id=None))
    if _few(statuses) and not CLOSED & set(statuses.keys):
        return _Index("open_orders", "open_status", statuses.keys, wanted._replace(handling_status=None))
    return _Index("by_placed", "placed_shard", keys.all_placed_shards(), wanted)


def _few(choice: Choice | None) -> TypeGuard[Choice]:
    return choice is not None and not choice.excluded and len(choice.keys) <= keys.PLACED_SHARDS


def _page_request(index: _Index, partition: str, wanted: OrderFilter, after: str | None, limit: int) -> dict[str, Any]:
    values = _Values()
    key = f"{index.key} = {values.name(partition)}"
    if after or wanted.placed != Days():
        first, last = _placed_range(wanted.placed, after)
        key += f" AND placed_key BETWEEN {values.name(first)} AND {values.name(last)}"
    conditions = _conditions(index.rest, values)
    examined = max(limit, _EXAMINED_WHEN_FILTERED) if conditions else limit
    newest_first = {"IndexName": index.name, "ScanIndexForward": False, "Limit": examined}
    return {**_request(key, conditions, values), **newest_first}


def _changes_request(index: _Index, partition: str, first: str, until: str, limit: int) -> dict[str, Any]:
    values = _Values()
    key = f"{index.key} = {values.name(partition)}"
    key += f" AND updated_key BETWEEN {values.name(first)} AND {values.name(until)}"
    conditions = [*_conditions(index.rest, values), *_placed_condition(index.rest.placed, values)]
    examined = max(limit, _EXAMINED_WHEN_FILTERED) if conditions else limit
    return {**_request(key, conditions, values), "IndexName": index.name, "Limit": examined}


def _request(key: str, conditions: Sequence[str], values: _Values) -> dict[str, Any]:
    request: dict[str, Any] = {
        "KeyConditionExpression": key,
        "ExpressionAttributeValues": values.by_name,
        "ProjectionExpression": "placed_key, updated_key, summary, stock_short",
    }
    if not conditions:
        return request
    request["FilterExpression"] = expression = " AND ".join(conditions)
    # Those that are not used are refused.
    if names := {alias: name for alias, name in _ALIASES.items() if alias in expression}:
        request["ExpressionAttributeNames"] = names
    return request


def _placed_condition(placed: Days, values: _Values) -> list[str]:
    if placed == Days():
        return []
    first, last = _placed_range(placed, None)
    return [f"placed_key BETWEEN {values.name(first)} AND {values.name(last)}"]


def _placed_range(placed: Days, after: str | None) -> tuple[str, str]:
    """The first and the last key, both included, of the days and below the position `after`."""
    first = keys.moment(_midnight(placed.first)) if placed.first else keys.BEFORE_ALL
    last = keys.moment(_midnight(placed.last + timedelta(days=1))) if placed.last else keys.BEHIND_ALL
    return first, min(last, keys.just_before(after)) if after else last


def _midnight(day: date) -> datetime:
    """The beginning of `day` in Tokyo, in UTC."""
    return datetime.combine(day, time(), TOKYO).astimezone(UTC)


def _conditions(wanted: OrderFilter, values: _Values) -> list[str]:
    """What an order has to meet. `placed` is not among them: it is part of the indexes' keys.

    Of carriers, 発送日 and totals, what passes is looked at once more, exactly (`_meets`).
    """
    chosen = {
        "handling_status": wanted.handling_status,
        "shipping_status": wanted.shipping_status,
        "payment_method": wanted.payment_method,
        "member_id": wanted.member_id,
    }
    conditions = [
        _unless(choice.excluded, f"{attribute} IN ({values.names(choice.keys)})")
        for attribute, choice in chosen.items()
        if choice
    ]
    exact = {"customer_order_number": wanted.customer_order_number, "external_id": wanted.external_id}
    conditions += [f"{attribute} = {values.name(text)}" for attribute, text in exact.items() if text]
    if wanted.payment:
        states = (_payment_condition(state, wanted.awaited_methods, values) for state in wanted.payment.keys)
        conditions.append(_unless(wanted.payment.excluded, f"({' OR '.join(states)})"))
    if wanted.requested.first:
        conditions.append(f"requested_date >= {values.name(wanted.requested.first.isoformat())}")
    if wanted.requested.last:
        conditions.append(f"requested_date <= {values.name(wanted.requested.last.isoformat())}")
    if wanted.has_requested_date is not None:
        conditions.append(_unless(not wanted.has_requested_date, "attribute_exists(requested_date)"))
    if wanted.stock_short is not None:
        conditions.append(_unless(not wanted.stock_short, "attribute_exists(stock_short)"))
    if wanted.updated_from:
        conditions.append(f"updated_key >= {values.name(keys.moment(wanted.updated_from))}")
    if wanted.prefecture:
        goes_to = (f"contains(#a, {values.name(prefecture_line(key))})" for key in wanted.prefecture.keys)
        conditions.append(_unless(wanted.prefecture.excluded, f"({' OR '.join(goes_to)})"))
    if wanted.sku:
        conditions.append(_sku_condition(wanted.sku, values))
    conditions += _digest_conditions(wanted, values)
    for search, holds in ((wanted.search, _holds), (wanted.destination, _names_hold)):
        conditions += [f"({holds(word, values)})" for word in search.words]
        conditions += [f"NOT ({holds(word, values)})" for word in search.unwanted]
    return conditions


def _sku_condition(sku: str, values: _Values) -> str:
    exact, mark = values.name(exact_sku(sku)), values.name(EXACT)
    # Lines that have not changed since then hold it as it is searched, first or further down.
    first, further = values.name(f"{searchable(sku)}\n"), values.name(f"\n{searchable(sku)}\n")
    earlier = f"NOT begins_with(#l, {mark}) AND (begins_with(#l, {first}) OR contains(#l, {further}))"
    return f"(contains(#l, {exact}) OR {earlier})"


def _digest_conditions(wanted: OrderFilter, values: _Values) -> Iterator[str]:
    """Conditions of what `_meets`. Orders that have not changed since these attributes exist pass."""
    conditions = []
    if _few(wanted.carrier):  # Others are left to `_meets`: the more there are, the less a condition sorts out.
        conditions.append(" OR ".join(f"contains(carriers, {values.name(key)})" for key in wanted.carrier.keys))
    if wanted.shipped.last:
        conditions.append(f"first_shipped_on <= {values.name(wanted.shipped.last.isoformat())}")
    if wanted.shipped.first:
        conditions.append(f"last_shipped_on >= {values.name(wanted.shipped.first.isoformat())}")
    if wanted.total.least is not None:
        conditions.append(f"#t >= {values.number(wanted.total.least)}")
    if wanted.total.most is not None:
        conditions.append(f"#t <= {values.number(wanted.total.most)}")
    return (f"({condition} OR attribute_not_exists(#t))" for condition in conditions)


def _meets(item: Item, wanted: OrderFilter) -> bool:
    if wanted.carrier is None and (wanted.shipped, wanted.total) == (Days(), Amounts()):
        return True
    summary = _summary(item)
    return meets(wanted, summary.total, summary.shipments)


def _payment_condition(state: str, awaited_methods: Iterable[str], values: _Values) -> str:
    match PaymentState(state):
        case PaymentState.PAID:
            return "attribute_exists(paid_on)"
        case PaymentState.UNPAID:
            return "attribute_not_exists(paid_on)"
        case PaymentState.WAITING:
            # IN needs a list that is not empty; no method has an empty key.
            awaited = f"payment_method IN ({values.names(('', *awaited_methods))})"
            closed = f"handling_status IN ({values.names(sorted(CLOSED))})"
            return f"attribute_not_exists(paid_on) AND {awaited} AND NOT {closed}"


def _holds(word: tuple[str, ...], values: _Values) -> str:
    now, *earlier = map(values.name, word)
    # Destinations have been searchable only since words have their present form.
    places = [f"contains({text}, {now})" for text in ("#s", "#l", "#n", "#a")]
    return " OR ".join([*places, *(f"contains({text}, {name})" for name in earlier for text in ("#s", "#l"))])


def _names_hold(word: tuple[str, ...], values: _Values) -> str:
    return f"contains(#n, {values.name(word[0])})"


def _unless(negated: bool, condition: str) -> str:
    return f"NOT {condition}" if negated else condition


def _summary(item: Item) -> OrderSummary:
    summary = read(OrderSummary, item["summary"])
    short = item.get("stock_short", {}).get("SS", ())
    return summary.model_copy(update={"stock_short": tuple(sorted(short))}) if short else summary


def _placed_key(item: Mapping[str, Any]) -> str:
    return str(item["placed_key"]["S"])


def _updated_key(item: Mapping[str, Any]) -> str:
    return str(item["updated_key"]["S"])


def _is(item: Item, number: str) -> bool:
    return keys.number_in(_placed_key(item)) == number


def _open_state(item: Mapping[str, Any]) -> OpenState:
    return OpenState(
        handling_status=item["handling_status"]["S"],
        shipping_status=item["shipping_status"]["S"],
        payment_method=item["payment_method"]["S"],
        paid="paid_on" in item,
        stock_short="stock_short" in item,
    )
