"""Import jobs in DynamoDB: one partition, newest last, removed after a year. Beside them, which contents were imported.

IMPORT            <id>   job, mark
CONTENT#<sha256>  -      source_key, finished_at: the last import of this content
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shukka.domain.errors import NotFoundError
from shukka.domain.imports.job import ImportJob, ImportState
from shukka.domain.order.outbox import Mail
from shukka.store import keys
from shukka.store.mail_records import find_mail, save_mail
from shukka.store.order_items import IMPORTS_KEPT, expiry, outbox_item, read
from shukka.store.transaction import Item, Transaction, put_if

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PK = "IMPORT"
# An upload that was asked for and never came leaves the list.
_WAITED_FOR = timedelta(days=1)


class ImportNotFoundError(NotFoundError):
    def __init__(self, job_id: str) -> None:
        super().__init__(f"取り込み {job_id} は見つかりません")


class SameContent(NamedTuple):
    """An import of the same bytes that took effect."""

    source_key: str
    finished_at: datetime


class ImportPage(NamedTuple):
    """Newest first. `next` is where the next page goes on, None on the last."""

    jobs: Sequence[ImportJob]
    next: str | None


class _HeldByOtherError(Exception):
    """The job is no longer what the writer knows."""


class ImportStore:
    """`outbox_table` is where mails about imports wait to be sent: the orders table, whose stream is the outbox's."""

    def __init__(self, client: "DynamoDBClient", table: str, outbox_table: str) -> None:
        self._client = client
        self._table = table
        self._outbox_table = outbox_table

    def get(self, job_id: str) -> ImportJob:
        """Raises ImportNotFoundError."""
        job = self.find(job_id)
        if job is None:
            raise ImportNotFoundError(job_id)
        return job

    def find(self, job_id: str) -> ImportJob | None:
        item = self._item(_PK, job_id)
        return read(ImportJob, item["job"]) if item else None

    def page(self, after: str | None, limit: int) -> ImportPage:
        """Jobs behind the one with the id `after`, or from the newest on."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk < :after",
            ExpressionAttributeValues={":pk": {"S": _PK}, ":after": {"S": after or keys.BEHIND_ALL}},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit + 1,
        )
        jobs = [read(ImportJob, item["job"]) for item in answer["Items"]]
        return ImportPage(jobs[:limit], jobs[limit - 1].id if len(jobs) > limit else None)

    def save(self, job: ImportJob, expected: ImportJob | None) -> bool:
        """Stores the job if it is still `expected` (None: not there yet); otherwise False: another worker has it."""
        if expected is None:
            return put_if(self._client, self._table, _job_item(job), "attribute_not_exists(pk)")
        condition, values = _still(expected)
        return put_if(self._client, self._table, _job_item(job), condition, values=values)

    def finish(self, job: ImportJob, expected: ImportJob, summary: Mail | None) -> bool:
        """Stores a job that is over together with the mail that tells of it, and the content where it took effect.

        False where the job is not `expected` any more. Raises BusyError.
        """
        writes = Transaction(self._client, self._table)
        writes.replace(_job_item(job), when=_still(expected), error=_HeldByOtherError)
        if job.content and job.took_effect:
            writes.put(_content_item(job))
        if summary:
            outbox = Transaction(self._client, self._outbox_table)
            outbox.add(outbox_item(keys.import_pk(job.id), summary), _HeldByOtherError)
            writes.extend(outbox)
        try:
            writes.commit()
        except _HeldByOtherError:
            return False
        return True

    def find_content(self, content: str) -> SameContent | None:
        """The last import of the content with this SHA-256 that took effect."""
        item = self._item(keys.content_pk(content), "-")
        if item is None:
            return None
        return SameContent(item["source_key"]["S"], datetime.fromisoformat(item["finished_at"]["S"]))

    def _item(self, pk: str, sk: str) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        return answer.get("Item")


class ImportMails:
    """What sending mails about imports needs. `table` holds the outbox."""

    def __init__(self, client: "DynamoDBClient", table: str, imports: ImportStore) -> None:
        self._client = client
        self._table = table
        self._imports = imports

    def get(self, job_id: str) -> ImportJob:
        """Raises ImportNotFoundError."""
        return self._imports.get(job_id)

    def find_mail(self, job_id: str, key: str) -> Mail | None:
        return find_mail(self._client, self._table, keys.import_pk(job_id), key)

    def save_mail(self, job_id: str, mail: Mail, expected: Mail) -> bool:
        """Replaces the record if its state and lease are still `expected`'s; otherwise False."""
        return save_mail(self._client, self._table, keys.import_pk(job_id), mail, expected)


def _job_item(job: ImportJob) -> Item:
    kept = _WAITED_FOR if job.state is ImportState.WAITING else IMPORTS_KEPT
    return {
        "pk": {"S": _PK},
        "sk": {"S": job.id},
        "job": {"S": job.model_dump_json()},
        "mark": {"S": _mark(job)},
        "expires_at": expiry(job.received_at + kept),
    }


def _content_item(job: ImportJob) -> Item:
    finished_at = job.finished_at or job.received_at
    return {
        "pk": {"S": keys.content_pk(job.content or "")},
        "sk": {"S": "-"},
        "source_key": {"S": job.source_key},
        "finished_at": {"S": finished_at.isoformat()},
        "expires_at": expiry(finished_at + IMPORTS_KEPT),
    }


def _still(expected: ImportJob) -> tuple[str, Item]:
    """The condition under which the stored job is the one that is expected, with its values."""
    return "mark = :mark", {":mark": {"S": _mark(expected)}}


def _mark(job: ImportJob) -> str:
    """What tells one holder of the job from another, and its checkpoints apart."""
    return f"{job.state}|{job.lease_until.isoformat() if job.lease_until else ''}|{job.checked}|{job.next_line}"
