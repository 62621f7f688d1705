"""Keys of every item, in one place."""

from datetime import UTC, datetime

from shukka.domain.order.outbox import DocumentKind
from shukka.domain.shipping.shipment import ShipmentId
from shukka.domain.text.normalize import plain_code

# DynamoDB takes 2,048 bytes; some characters become many in their plain form.
_LONGEST_KEY = 2_048
PLACED_SHARDS = 4
"""Newest-first lists and counts read this many partitions; each takes 1,000 order writes a second."""


def order_pk(number: str) -> str:
    return f"ORDER#{number}"


def number_of(pk: str) -> str:
    return pk.removeprefix("ORDER#")


ROOT = "ROOT"
# Lines, mails, returns, root and shipments lie side by side, so one query reads an order with its mails and without
# its history.
ORDER_FROM, ORDER_TO = "LINES#", "SHIPMENT#~"


def lines_sk(chunk: int) -> str:
    return f"LINES#{chunk:04d}"


def return_sk(n: int) -> str:
    return f"RETURN#{n:04d}"


def shipment_sk(n: int) -> str:
    return f"SHIPMENT#{n:04d}"


def shipment_of(pk: str, sk: str) -> ShipmentId:
    """Raises ValueError where the keys are not a shipment's."""
    kind, _, n = sk.partition("#")
    if kind != "SHIPMENT":
        raise ValueError("not a shipment's key")
    return ShipmentId(number_of(pk), int(n))


def tracking_pk(number: str) -> str:
    return f"TRACKING#{number}"


def tracking_number_of(pk: str) -> str:
    return pk.removeprefix("TRACKING#")


def shipment_code(code: str) -> str:
    """A 出荷管理番号 as its index has it, no longer than a key may be."""
    return plain_code(code).encode()[:_LONGEST_KEY].decode(errors="ignore")


def history_sk(version: int, part: int) -> str:
    return f"HISTORY#{version:08d}#{part:04d}"


def mail_sk(key: str) -> str:
    return f"MAIL#{key}"


def mail_key(sk: str) -> str:
    return sk.removeprefix("MAIL#")


def import_pk(job_id: str) -> str:
    return f"IMPORT#{job_id}"


def is_import(pk: str) -> bool:
    return pk.startswith("IMPORT#")


def content_pk(sha256: str) -> str:
    return f"CONTENT#{sha256}"


def document_sk(kind: DocumentKind, revision: int) -> str:
    return f"DOCUMENT#{kind}#{revision:04d}"


def document_prefix(kind: DocumentKind) -> str:
    return f"DOCUMENT#{kind}#"


def stock_move_sk(version: int) -> str:
    return f"STOCK#{version:08d}"


def stock_move_version(sk: str) -> int:
    """Raises ValueError where `sk` is not a stock move's."""
    return int(sk.removeprefix("STOCK#"))


def sku_pk(sku: str) -> str:
    return f"SKU#{sku}"


def sku_of(pk: str) -> str:
    return pk.removeprefix("SKU#")


LEVEL = "LEVEL"
# The level and the orders that wait for the sku lie side by side, behind the ledger.
WAITING_TO = "WAIT#~"


def ledger_sk(key: str) -> str:
    return f"LEDGER#{key}"


def waiting_sk(number: str) -> str:
    return f"WAIT#{number:0>15}"


def stock_import_pk(client_key: str) -> str:
    return f"IMPORT#{client_key}"


def parse_document_sk(sk: str) -> tuple[DocumentKind, int]:
    """Kind and revision; raises ValueError where `sk` is not a document's."""
    _, kind, revision = sk.split("#")
    return DocumentKind(kind), int(revision)


def idempotency_pk(client: str, key: str) -> str:
    return f"IDEMPOTENCY#{client}#{key}"


def placed_shard(number: str) -> str:
    return f"PLACED#{int(number) % PLACED_SHARDS}"


def all_placed_shards() -> list[str]:
    return [f"PLACED#{shard}" for shard in range(PLACED_SHARDS)]


def open_shard(number: str) -> str:
    return f"OPEN#{int(number) % PLACED_SHARDS}"


def all_open_shards() -> list[str]:
    return [f"OPEN#{shard}" for shard in range(PLACED_SHARDS)]


def time_key(at: datetime, number: str) -> str:
    """A moment and an order. Sorts as time, then as number."""
    return f"{moment(at)}#{number:0>15}"


def number_in(time_key: str) -> str:
    return time_key.rpartition("#")[2].lstrip("0")


BEFORE_ALL, BEHIND_ALL = "0", "~"
"""What sorts before and behind every `time_key`."""


def moment(at: datetime) -> str:
    """`at`, in UTC. Sorts before the keys of all moments from `at` on, and behind all others."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


def parse_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def just_before(key: str) -> str:
    """Sorts behind every key below the `time_key` given, and before that one. (BETWEEN includes both its ends.)"""
    return f"{key[:-1]}{chr(ord(key[-1]) - 1)}~"


def just_behind(key: str) -> str:
    """Sorts behind the `time_key` given, and before every later one."""
    return f"{key} "
