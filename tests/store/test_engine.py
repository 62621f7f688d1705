"""What the store relies on, asked of the engine and the tables of template.yaml themselves."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.dynamodb_engine import dynamodb_engine
from local.request_counter import count_requests
from local.tables import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def order_root(number: int, **attributes: str) -> dict[str, Any]:
    texts = {"pk": f"ORDER#{number}", "sk": "ROOT", "summary": f"order {number}", **attributes}
    return {name: {"S": text} for name, text in texts.items()}


def put_new(table: str, item: dict[str, Any]) -> "TransactWriteItemTypeDef":
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


def test_a_transaction_is_cancelled_as_a_whole_with_a_reason_for_each_write(
    dynamodb: "DynamoDBClient", tables: Tables
) -> None:
    dynamodb.put_item(TableName=tables.orders, Item=order_root(100001))

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(
            TransactItems=[
                put_new(tables.orders, order_root(100002)),
                put_new(tables.orders, order_root(100001, summary="overwritten")),
            ]
        )

    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    stored = dynamodb.scan(TableName=tables.orders)["Items"]
    assert stored == [order_root(100001)]


def test_an_index_gives_the_newest_first_and_only_what_it_projects(dynamodb: "DynamoDBClient", tables: Tables) -> None:
    for number, placed_key in ((100001, "2026-04-01T09:00:00Z"), (100002, "2026-04-02T09:00:00Z")):
        item = order_root(number, placed_shard="0", placed_key=placed_key, staff_memo="not for lists")
        dynamodb.put_item(TableName=tables.orders, Item=item)

    page = dynamodb.query(
        TableName=tables.orders,
        IndexName="by_placed",
        KeyConditionExpression="placed_shard = :shard",
        ExpressionAttributeValues={":shard": {"S": "0"}},
        ScanIndexForward=False,
    )

    assert [item["summary"]["S"] for item in page["Items"]] == ["order 100002", "order 100001"]
    assert "staff_memo" not in page["Items"][0]


@pytest.mark.parametrize("index", ["open_orders", "unshipped"])
def test_a_sparse_index_leaves_out_items_without_its_key(
    dynamodb: "DynamoDBClient", tables: Tables, index: str
) -> None:
    waiting = order_root(
        100001,
        open_status="new",
        placed_key="2026-04-01T09:00:00Z",
        unshipped_status="not_shipped",
        ship_by="2026-04-03",
    )
    done = order_root(100002, placed_key="2026-04-02T09:00:00Z")
    for item in (waiting, done):
        dynamodb.put_item(TableName=tables.orders, Item=item)

    found = dynamodb.scan(TableName=tables.orders, IndexName=index)["Items"]

    assert [item["pk"]["S"] for item in found] == ["ORDER#100001"]


def test_every_test_starts_with_empty_tables(dynamodb: "DynamoDBClient", tables: Tables) -> None:
    for name in (tables.orders, tables.imports, tables.settings):
        assert dynamodb.scan(TableName=name)["Count"] == 0


def test_requests_are_counted_by_operation_whether_they_succeed_or_not(
    dynamodb: "DynamoDBClient", tables: Tables
) -> None:
    with count_requests(dynamodb) as requests:
        dynamodb.put_item(TableName=tables.orders, Item=order_root(100001))
        dynamodb.get_item(TableName=tables.orders, Key={"pk": {"S": "ORDER#100001"}, "sk": {"S": "ROOT"}})
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.get_item(TableName="no-such-table", Key={"pk": {"S": "ORDER#100001"}})
    dynamodb.scan(TableName=tables.orders)

    assert requests == {"PutItem": 1, "GetItem": 2}


def test_two_engines_run_side_by_side_without_sharing_data(dynamodb: "DynamoDBClient", tables: Tables) -> None:
    with dynamodb_engine() as endpoint:
        other = boto3.client(
            "dynamodb",
            endpoint_url=endpoint,
            region_name="ap-northeast-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        names = other.list_tables()["TableNames"]
        other.close()

    assert names == []
    assert tables.orders in dynamodb.list_tables()["TableNames"]
