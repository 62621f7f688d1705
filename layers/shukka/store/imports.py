"""Import jobs in DynamoDB: one partition, newest last, removed after a year."""

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shukka.domain.import_job import ImportJob
from shukka.store.order_items import read

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PK = "IMPORT"
_KEPT = timedelta(days=365)


class ImportStore:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, job_id: str) -> ImportJob | None:
        item = self._client.get_item(
            TableName=self._table, Key={"pk": {"S": _PK}, "sk": {"S": job_id}}, ConsistentRead=True
        ).get("Item")
        return read(ImportJob, item["job"]) if item else None

    def save(self, job: ImportJob, expected: ImportJob | None) -> bool:
        """Stores the job if it is still `expected` (None: not there yet); otherwise False: another worker has it."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": _PK},
                    "sk": {"S": job.id},
                    "job": {"S": job.model_dump_json()},
                    "mark": {"S": _mark(job)},
                    "expires_at": {"N": str(int((job.received_at + _KEPT).timestamp()))},
                },
                ConditionExpression="mark = :mark" if expected else "attribute_not_exists(pk) OR mark = :mark",
                ExpressionAttributeValues={":mark": {"S": _mark(expected) if expected else "-"}},
            )
        except ClientError as failure:
            if failure.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _mark(job: ImportJob) -> str:
    """What tells one holder of the job from another."""
    return f"{job.state}|{job.lease_until.isoformat() if job.lease_until else ''}|{job.next_line}"
