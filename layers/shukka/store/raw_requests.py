"""Large requests and answers in DynamoDB's own JSON, as they are.

Items are kept in the form in which DynamoDB's protocol has them, so nothing has to be converted. botocore would walk
through every value all the same, to look for what these tables do not hold (bytes and dates); with a hundred items in a
request that takes longer than everything else an import does.
"""

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What is heavy of a request, by operation, and what botocore gets to see of it instead.
_HEAVY: dict[str, tuple[str, Any]] = {"TransactWriteItems": ("TransactItems", []), "BatchGetItem": ("RequestItems", {})}
_LARGE_ANSWERS = ("BatchGetItem", "Query")
_KEPT = "heavy_part"


def speak_plainly(client: "DynamoDBClient") -> "DynamoDBClient":
    """The client, sending and reading large bodies as they are. Its validation of parameters must be off."""
    for operation in _HEAVY:
        client.meta.events.register(f"before-parameter-build.dynamodb.{operation}", _take_out)
        client.meta.events.register(f"before-call.dynamodb.{operation}", _put_in)
    for operation in _LARGE_ANSWERS:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _read)
    return client


def _take_out(params: dict[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401
    name, nothing = _HEAVY[model.name]
    context[_KEPT], params[name] = params[name], nothing


def _put_in(params: dict[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401
    # Should this ever not be called, DynamoDB refuses the request for what is missing.
    name, _nothing = _HEAVY[model.name]
    params["body"] = to_json({**from_json(params["body"]), name: context.pop(_KEPT)})


def _read(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] == 200:
        customized_response_dict.update(from_json(response_dict["body"]))
        response_dict["body"] = b"{}"
