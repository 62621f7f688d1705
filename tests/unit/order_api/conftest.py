"""The API in process, on moto: as quick as a function call, and as strict as the template's tables."""

import json
from collections.abc import Iterator
from threading import RLock
from typing import Any, NamedTuple
from urllib.parse import urlencode

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from local.tables import create_tables
from shukka.store.settings import SettingsStore
from tests.builders import some_settings

STAFF = {"cognito:groups": "[staff]", "username": "hanako"}
STOREFRONT = {"scope": "shukka/storefront", "client_id": "shop-1"}


class LambdaContext(NamedTuple):
    function_name: str = "order-api"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:order-api"
    aws_request_id: str = "lambda-request-1"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class Api:
    """Calls the handler with HTTP API events (payload 2.0)."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        claims: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str | list[str]] | None = None,
    ) -> Answer:
        claims = STAFF if claims is None else claims
        text = body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        event = {
            "version": "2.0",
            "routeKey": "ANY /{proxy+}",
            "rawPath": path,
            "rawQueryString": urlencode(query or {}, doseq=True),
            "headers": {"content-type": "application/json", **(headers or {})},
            "queryStringParameters": {
                name: value if isinstance(value, str) else ",".join(value) for name, value in (query or {}).items()
            },
            "requestContext": {
                "http": {"method": method, "path": path},
                "stage": "$default",
                "requestId": "gateway-request-1",
                "authorizer": {"jwt": {"claims": claims}},
            },
            "body": text,
            "isBase64Encoded": False,
        }
        answer = self._handler(event, LambdaContext())
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Answer(answer["statusCode"], headers, json.loads(answer["body"] or "null"))

    def place(self, request: dict[str, Any], key: str = "key-1", **options: Any) -> Answer:
        return self.call("POST", "/orders", request, headers={"idempotency-key": key}, **options)

    def patch(self, number: str, changes: dict[str, Any], etag: str) -> Answer:
        return self.call("PATCH", f"/orders/{number}", changes, headers={"if-match": etag})


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "POWERTOOLS_SERVICE_NAME": "order-api",
        "FILES_BUCKET": "files",
    }.items():
        monkeypatch.setenv(name, value)
    # moto's tables are plain dictionaries, and some requests of the API run in threads.
    one_at_a_time, call = RLock(), BaseClient._make_api_call

    def answered(*arguments: Any) -> Any:
        with one_at_a_time:
            return call(*arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", answered)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        tables = create_tables(dynamodb, prefix="")
        monkeypatch.setenv("ORDERS_TABLE", tables.orders)
        monkeypatch.setenv("SETTINGS_TABLE", tables.settings)
        monkeypatch.setenv("IMPORTS_TABLE", tables.imports)
        monkeypatch.setenv("STOCK_TABLE", tables.stock)
        monkeypatch.setenv("STOCK_QUEUE_URL", boto3.client("sqs").create_queue(QueueName="stock")["QueueUrl"])
        monkeypatch.setenv("EXPORT_QUEUE_URL", boto3.client("sqs").create_queue(QueueName="export")["QueueUrl"])
        shop = some_settings().shop
        SettingsStore(dynamodb, tables.settings, lambda: 0.0).save("shop", shop, based_on=0)

        from order_api import wiring  # noqa: PLC0415 - reads the environment that was just set
        from order_api.app import handler  # noqa: PLC0415
        from shukka import aws  # noqa: PLC0415

        for made_once in (aws.client, *vars(wiring).values()):
            if hasattr(made_once, "cache_clear"):
                made_once.cache_clear()
        yield Api(handler)
