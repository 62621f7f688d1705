"""Export jobs in DynamoDB, beside those of imports; and the queue that they are worked on from."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from shukka.domain.exports.job import ExportJob
from shukka.store.order_items import expiry, read
from shukka.store.transaction import Item, put_if

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_PK = "EXPORT"
# As long as the bucket keeps the files.
_KEPT = timedelta(days=30)


class ExportPage(NamedTuple):
    """`next` is the position behind the page, None at the end."""

    jobs: tuple[ExportJob, ...]
    next: str | None


class ExportStore:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, job_id: str) -> ExportJob | None:
        item = self._client.get_item(
            TableName=self._table, Key={"pk": {"S": _PK}, "sk": {"S": job_id}}, ConsistentRead=True
        ).get("Item")
        return read(ExportJob, item["job"]) if item else None

    def page(self, after: str | None, limit: int) -> ExportPage:
        """Up to `limit` jobs asked for before the position `after`, newest first."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk < :after",
            ExpressionAttributeValues={":pk": {"S": _PK}, ":after": {"S": after or "~"}},
            ScanIndexForward=False,
            Limit=limit,
        )
        last = answer.get("LastEvaluatedKey")
        jobs = tuple(read(ExportJob, item["job"]) for item in answer["Items"])
        return ExportPage(jobs, last["sk"]["S"] if last else None)

    def add(self, job: ExportJob) -> None:
        """Stores a new job. The same request a second time leaves it as it is."""
        put_if(self._client, self._table, _item(job), "attribute_not_exists(pk)")

    def save(self, job: ExportJob) -> ExportJob | None:
        """Stores the job with its next revision; None where another worker has saved it meanwhile."""
        saved = job.model_copy(update={"revision": job.revision + 1})
        expected = {":expected": {"N": str(job.revision)}}
        return (
            saved if put_if(self._client, self._table, _item(saved), "revision = :expected", None, expected) else None
        )


def _item(job: ExportJob) -> Item:
    return {
        "pk": {"S": _PK},
        "sk": {"S": job.id},
        "job": {"S": job.model_dump_json()},
        "revision": {"N": str(job.revision)},
        "expires_at": expiry(job.requested_at + _KEPT),
    }


class SqsExportQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, job_id: str) -> None:
        """Has the job worked on, or worked on further."""
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps({"export_id": job_id}))
