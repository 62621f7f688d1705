"""The stock keeper's queue: a level was set while orders wait for the sku."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from shukka.store import keys
from shukka.store.transaction import BusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

# The most that SendMessageBatch takes.
_BATCH = 10


class StockQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def tell(self, skus: Iterable[str]) -> None:
        """Asks the keeper to check which orders still wait for each sku. Raises BusyError if the queue refuses one."""
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(n), "MessageBody": json.dumps({"pk": keys.sku_pk(sku), "sk": keys.LEVEL}, ensure_ascii=False)}
            for n, sku in enumerate(skus)
        ]
        for start in range(0, len(entries), _BATCH):
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries[start : start + _BATCH])
            if answer.get("Failed"):
                raise BusyError
