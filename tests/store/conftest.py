"""The store is tested on AWS's own engine: a mock accepts what the real one refuses."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from local.dynamodb_engine import dynamodb_engine
from local.patience import HANG_SECONDS
from local.tables import Tables, create_tables, delete_tables
from shukka.store.raw_requests import speak_plainly

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def dynamodb_endpoint() -> Iterator[str]:
    """URL of a DynamoDB that lives as long as the test session."""
    with dynamodb_engine() as endpoint:
        yield endpoint


def dynamodb_client(endpoint: str, *, plain: bool = True) -> "DynamoDBClient":
    """A client as functions have it, or where it is not `plain` as boto3 makes it."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="ap-northeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=not plain, read_timeout=HANG_SECONDS),
    )
    return speak_plainly(client) if plain else client


@pytest.fixture(scope="session")
def dynamodb(dynamodb_endpoint: str) -> Iterator["DynamoDBClient"]:
    with closing(dynamodb_client(dynamodb_endpoint)) as client:
        yield client


@pytest.fixture
def tables(dynamodb: "DynamoDBClient") -> Iterator[Tables]:
    """The tables of template.yaml, empty, and the test's own."""
    created = create_tables(dynamodb, prefix=f"test-{uuid4().hex}-")
    yield created
    delete_tables(dynamodb, created)
