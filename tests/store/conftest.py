"""The store is tested on AWS's own engine: a mock accepts what the real one refuses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from local.dynamodb_engine import dynamodb_engine
from local.tables import Tables, create_tables, delete_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def dynamodb_endpoint() -> Iterator[str]:
    """URL of a DynamoDB that lives as long as the test session."""
    with dynamodb_engine() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def dynamodb(dynamodb_endpoint: str) -> Iterator["DynamoDBClient"]:
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_endpoint,
        region_name="ap-northeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield client
    client.close()


@pytest.fixture
def tables(dynamodb: "DynamoDBClient") -> Iterator[Tables]:
    """The tables of template.yaml, empty, and the test's own."""
    created = create_tables(dynamodb, prefix=f"test-{uuid4().hex}-")
    yield created
    delete_tables(dynamodb, created)
