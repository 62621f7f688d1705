"""Many items by their keys, a hundred at a time."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from shukka.store.transaction import BusyError, Item, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

_READ_AT_ONCE = 100
_THREADS = 4
_ATTEMPTS = 8


def read_items(
    client: "DynamoDBClient", table: str, wanted: Collection[tuple[str, str]], attributes: str = ""
) -> list[Item]:
    """Those of the items with these keys (pk, sk) that exist, strongly consistent, in no order. Raises BusyError.

    `attributes` is a projection expression; without one, items come whole.
    """
    projection: KeysAndAttributesTypeDef = {"Keys": [], "ConsistentRead": True}
    if attributes:
        projection["ProjectionExpression"] = attributes

    def read(batch: Sequence[tuple[str, str]]) -> list[Item]:
        request: KeysAndAttributesTypeDef = {
            **projection,
            "Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in batch],
        }
        items: list[Item] = []
        for attempt in range(_ATTEMPTS):
            answer = client.batch_get_item(RequestItems={table: request})
            items += answer["Responses"].get(table, [])
            left = answer.get("UnprocessedKeys", {}).get(table)
            if not left:
                return items
            request = {**projection, "Keys": left["Keys"]}
            pause(attempt)
        raise BusyError

    if len(wanted) <= _READ_AT_ONCE:
        return read(list(wanted)) if wanted else []
    with ThreadPoolExecutor(_THREADS) as pool:
        return [item for batch in pool.map(read, _batches(sorted(wanted), _READ_AT_ONCE)) for item in batch]


def _batches(values: Iterable[tuple[str, str]], size: int) -> Iterator[list[tuple[str, str]]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
