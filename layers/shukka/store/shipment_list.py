"""The shipping desk's list: what is still to ship, by the day it is wanted."""

from typing import TYPE_CHECKING

from shukka.domain.lists.summary import OrderSummary
from shukka.domain.lists.unshipped import ShipmentFilter, ShipmentPage, WaitingShipment
from shukka.domain.shipping.shipment import Shipment
from shukka.store import keys
from shukka.store.order_items import read
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

_EXAMINED_WHEN_FILTERED = 500


class ShipmentList:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def page(self, wanted: ShipmentFilter, after: str | None, limit: int) -> ShipmentPage:
        """Up to `limit` shipments behind the position `after`: a request for each status, and one for their orders."""
        found: list[Item] = []
        frontiers: list[str] = []
        for status in wanted.statuses:
            answer = self._client.query(**self._request(wanted, status, after, limit))
            found += answer["Items"]
            if last := answer.get("LastEvaluatedKey"):
                frontiers.append(last["ship_by"]["S"])
        found.sort(key=lambda item: str(item["ship_by"]["S"]))
        # Behind the nearest frontier, a partition that was not read to its end may hold shipments that belong between.
        ready = [item for item in found if not frontiers or item["ship_by"]["S"] <= min(frontiers)]
        page = ready[:limit]
        more = page[-1]["ship_by"]["S"] if len(ready) > limit else min(frontiers, default="")
        return ShipmentPage(self._with_orders(page), more or None)

    def _request(self, wanted: ShipmentFilter, status: str, after: str | None, limit: int) -> "QueryInputTypeDef":
        values: Item = {
            ":status": {"S": status},
            ":first": {"S": after + "!" if after else str(wanted.requested_from or "0")},
            ":last": {"S": f"{wanted.requested_to or '9999-99-99'}~"},
        }
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": "unshipped",
            "KeyConditionExpression": "unshipped_status = :status AND ship_by BETWEEN :first AND :last",
            "ExpressionAttributeValues": values,
            "Limit": limit,
        }
        if wanted.carrier:
            values[":carrier"] = {"S": wanted.carrier}
            request["FilterExpression"] = "carrier = :carrier"
            request["Limit"] = max(limit, _EXAMINED_WHEN_FILTERED)
        return request

    def _with_orders(self, items: list[Item]) -> tuple[WaitingShipment, ...]:
        """The shipments with their orders' summaries as they are now; the index may lag behind by moments."""
        pks = sorted({item["pk"]["S"] for item in items})
        if not pks:
            return ()
        answer = self._client.batch_get_item(
            RequestItems={
                self._table: {
                    "Keys": [{"pk": {"S": pk}, "sk": {"S": keys.ROOT}} for pk in pks],
                    "ProjectionExpression": "pk, summary",
                }
            }
        )
        orders = {root["pk"]["S"]: read(OrderSummary, root["summary"]) for root in answer["Responses"][self._table]}
        return tuple(
            WaitingShipment(orders[item["pk"]["S"]], read(Shipment, item["shipment"]))
            for item in items
            if item["pk"]["S"] in orders
        )
