"""Lists of orders, newest first, from the indexes: a page costs the same however many orders there are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shukka.domain.listing import OrderFilter, OrderPage
from shukka.domain.order import CLOSED
from shukka.domain.summary import OrderSummary
from shukka.store import keys
from shukka.store.order_items import read
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

_EXAMINED_WHEN_FILTERED = 300
"""Orders looked at in each partition for one page; the page says where to go on when that was not enough."""


class OrderList:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def page(self, wanted: OrderFilter, after: str | None, limit: int) -> OrderPage:
        """Up to `limit` orders placed before the position `after`: one request for each partition of the index."""
        index, key, partitions, filters = _plan(wanted)
        examined = max(limit, _EXAMINED_WHEN_FILTERED) if filters else limit
        found: list[Item] = []
        # Behind the frontier, a partition that was not read to its end may hold orders that belong in between.
        frontier = ""
        for partition in partitions:
            request = self._request(index, key, partition, after, filters)
            request["Limit"] = examined
            answer = self._client.query(**request)
            found += answer["Items"]
            if last := answer.get("LastEvaluatedKey"):
                frontier = max(frontier, last["placed_key"]["S"])
        found.sort(key=lambda item: str(item["placed_key"]["S"]), reverse=True)
        ready = [item for item in found if item["placed_key"]["S"] >= frontier]
        page = ready[:limit]
        position = page[-1]["placed_key"]["S"] if len(ready) > limit else frontier
        return OrderPage(tuple(read(OrderSummary, item["summary"]) for item in page), position or None)

    def _request(
        self, index: str, key: str, partition: str, after: str | None, filters: Sequence["_Filter"]
    ) -> "QueryInputTypeDef":
        condition = f"{key} = :partition"
        values: Item = {":partition": {"S": partition}}
        if after:
            condition += " AND placed_key < :after"
            values[":after"] = {"S": after}
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
        }
        if filters:
            request["FilterExpression"] = " AND ".join(
                narrowing.expression(values, n) for n, narrowing in enumerate(filters)
            )
        return request


class _Filter:
    """`attribute` is one of the texts, or none of them."""

    def __init__(self, attribute: str, texts: frozenset[str], excluded: bool) -> None:
        self._attribute = attribute
        self._texts = sorted(texts)
        self._excluded = excluded

    def expression(self, values: Item, n: int) -> str:
        names = [f":f{n}_{m}" for m in range(len(self._texts))]
        values.update({name: {"S": text} for name, text in zip(names, self._texts, strict=True)})
        expression = f"{self._attribute} IN ({', '.join(names)})"
        return f"NOT {expression}" if self._excluded else expression


def _plan(wanted: OrderFilter) -> tuple[str, str, list[str], list[_Filter]]:
    """The index, its key, the partitions to read and what is left to filter."""
    filters = []
    if wanted.shipping_status:
        filters.append(_Filter("shipping_status", wanted.shipping_status, wanted.shipping_status_excluded))
    statuses, excluded = wanted.handling_status, wanted.handling_status_excluded
    if statuses and not (wanted.member_id or filters or excluded or statuses & CLOSED):
        return "open_orders", "open_status", sorted(statuses), []
    if statuses:
        filters.append(_Filter("handling_status", statuses, excluded))
    if wanted.member_id:
        return "by_member", "member_id", [wanted.member_id], filters
    return "by_placed", "placed_shard", keys.all_placed_shards(), filters
