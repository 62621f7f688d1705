"""Counts what a boto3 client really sends, for tests and the bench."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.client import BaseClient


@contextmanager
def count_requests(client: BaseClient) -> Iterator[Counter[str]]:
    """Count the HTTP requests of `client` while the block runs, by operation: `{"TransactWriteItems": 2}`.

    Retries count, because they are requests too. The counter keeps its value after the block.
    """
    requests: Counter[str] = Counter()

    def count(event_name: str, **_: object) -> None:
        requests[event_name.rpartition(".")[2]] += 1

    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}"
    # First, because a mock that answers in place of the service ends the event for everyone behind it.
    client.meta.events.register_first(event, count)
    try:
        yield requests
    finally:
        client.meta.events.unregister(event, count)
