"""Clients of AWS, one of each kind per container."""

from functools import cache
from typing import TYPE_CHECKING, Literal, overload

import boto3
from botocore.config import Config

from shukka.store.raw_requests import speak_plainly

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

_STANDARD = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    signature_version="v4",
    # botocore would describe the platform anew for each request, twice: a tenth of what a request costs.
    user_agent="shukka",
)
# Links and forms are signed for the bucket's own host in its own region: from the global host, S3 sends callers of a
# new bucket on to another, for which the signature does not hold.
_S3 = _STANDARD.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
# SES has no idempotency token, so a call whose answer was lost must not be made again by the SDK. Both time-outs
# together stay far below the sender's lease.
_SES = _STANDARD.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# What the stores build is checked by its types, and by DynamoDB.
_DYNAMODB = _STANDARD.merge(Config(parameter_validation=False))
_CONFIGS = {"dynamodb": _DYNAMODB, "s3": _S3, "sesv2": _SES}


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sesv2"]) -> "SESV2Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@cache
def client(service: Literal["dynamodb", "s3", "sesv2", "sqs"]) -> object:
    """The container's client of `service`, with time-outs and retries set."""
    config = _CONFIGS.get(service, _STANDARD)
    if service == "dynamodb":
        return speak_plainly(boto3.client(service, config=config))
    return boto3.client(service, config=config)
