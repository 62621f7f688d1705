"""Bodies that are sent and read as they are: DynamoDB gets and gives the same as through botocore's own conversion."""

from contextlib import closing

import pytest
from botocore.exceptions import ClientError

from local.request_counter import count_requests
from tests.store.conftest import dynamodb_client

ITEMS = [
    {
        "pk": {"S": "ORDER#1"},
        "sk": {"S": f"LINES#{n:04d}"},
        "lines": {"S": '能登 \u2028 "引用" \\ 😀' * 50},
        "n": {"N": "7"},
    }
    for n in range(60)
]


@pytest.fixture
def stock(dynamodb_endpoint):
    """A client as boto3 makes it."""
    with closing(dynamodb_client(dynamodb_endpoint, plain=False)) as client:
        yield client


def puts(table, items, **more):
    return [{"Put": {"TableName": table, "Item": item, **more}} for item in items]


def test_both_clients_read_what_was_written(dynamodb, stock, tables):
    dynamodb.transact_write_items(TransactItems=puts(tables.orders, ITEMS))

    keys = [{name: item[name] for name in ("pk", "sk")} for item in ITEMS]
    wanted = {tables.orders: {"Keys": keys, "ConsistentRead": True}}
    ours, theirs = (client.batch_get_item(RequestItems=wanted) for client in (dynamodb, stock))
    by_sk = [sorted(answer["Responses"][tables.orders], key=lambda item: item["sk"]["S"]) for answer in (ours, theirs)]
    assert by_sk == [ITEMS, ITEMS]
    assert ours.keys() == theirs.keys()
    assert ours["UnprocessedKeys"] == theirs["UnprocessedKeys"] == {}


def test_pages_of_a_query_are_the_same(dynamodb, stock, tables):
    dynamodb.transact_write_items(TransactItems=puts(tables.orders, ITEMS))

    query = {
        "TableName": tables.orders,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "ORDER#1"}},
        "Limit": 25,
    }
    pages = []
    for client in (stock, dynamodb):
        found = list(client.get_paginator("query").paginate(**query))
        pages.append([{name: part for name, part in page.items() if name != "ResponseMetadata"} for page in found])
    assert pages[0] == pages[1]
    assert [page["Count"] for page in pages[0]] == [25, 25, 10]


def test_each_write_of_a_cancelled_transaction_has_its_reason(dynamodb, tables):
    dynamodb.transact_write_items(TransactItems=puts(tables.orders, ITEMS[:1]))

    writes = puts(tables.orders, ITEMS[:2], ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(ClientError) as failure:
        dynamodb.transact_write_items(TransactItems=writes)

    reasons = [reason["Code"] for reason in failure.value.response["CancellationReasons"]]
    assert reasons == ["ConditionalCheckFailed", "None"]


def test_a_request_that_is_sent_twice_is_recognised(dynamodb, tables):
    bodies = []

    def keep(request, **_):
        bodies.append(bytes(request.body))

    dynamodb.meta.events.register("before-send.dynamodb.TransactWriteItems", keep, unique_id="keep")
    with count_requests(dynamodb) as requests:
        dynamodb.transact_write_items(TransactItems=puts(tables.orders, ITEMS))
    dynamodb.meta.events.unregister("before-send.dynamodb.TransactWriteItems", unique_id="keep")

    assert requests == {"TransactWriteItems": 1}
    assert b'"ClientRequestToken"' in bodies[0]
    assert "能登".encode() in bodies[0]
