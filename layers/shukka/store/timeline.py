"""Everything that happened to an order, from its own items."""

from typing import TYPE_CHECKING

from shukka.domain.errors import OrderNotFoundError
from shukka.domain.order.goods_return import GoodsReturn
from shukka.domain.order.outbox import Document, Mail, StockMove
from shukka.domain.order.timeline import Happening, TimelinePage, newest_first
from shukka.store import keys
from shukka.store.order_items import read, read_history, read_lines
from shukka.store.transaction import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef


class Timeline:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def page(self, number: str, after: str | None) -> TimelinePage:
        """What happened to the order, newest first: one query of at most 1 MB. Raises OrderNotFoundError.

        Nearly every order is one page. Of one whose record is larger, the first page has all stock moves, returns and
        mails and the newest changes; the pages behind it have the older changes, and then the documents.
        """
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": keys.order_pk(number)}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        if after:
            request["ExclusiveStartKey"] = {"pk": {"S": keys.order_pk(number)}, "sk": {"S": after}}
        answer = self._client.query(**request)
        if not answer["Items"] and not after:
            raise OrderNotFoundError(number)
        kinds: dict[str, list[Item]] = {}
        # Parts of one change, and lines, stand in their order only when read forward.
        for item in reversed(answer["Items"]):
            kinds.setdefault(item["sk"]["S"].partition("#")[0], []).append(item)
        happenings: list[Happening] = [
            *read_history(kinds.get("HISTORY", ())),
            *(read(StockMove, item["record"]) for item in kinds.get("STOCK", ())),
            *(read(Mail, item["record"]) for item in kinds.get("MAIL", ())),
            *(read(Document, item["record"]) for item in kinds.get("DOCUMENT", ())),
            *(read(GoodsReturn, item["return"]) for item in kinds.get("RETURN", ())),
        ]
        names = {line.line_id: line.name for item in kinds.get("LINES", ()) for line in read_lines(item)}
        last = answer.get("LastEvaluatedKey")
        return TimelinePage(newest_first(happenings), names, last["sk"]["S"] if last else None)
