"""Creates the tables of `template.yaml` on a bare DynamoDB: the template stays the only place that defines them."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from local.template import load_template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What CreateTable takes as it stands in the template. Streams, TTL and backups are not needed to store and query.
_TABLE_PROPERTIES = ("KeySchema", "AttributeDefinitions", "BillingMode")
_INDEX_PROPERTIES = ("IndexName", "KeySchema", "Projection")


@dataclass(frozen=True)
class Tables:
    """The names of one set of tables."""

    orders: str
    imports: str
    settings: str
    stock: str


def create_tables(client: "DynamoDBClient", prefix: str) -> Tables:
    """Create the tables as `template.yaml` defines them and give their names, which start with `prefix`."""
    resources = _resources()

    def create(logical_id: str, name: str) -> str:
        client.create_table(TableName=f"{prefix}{name}", **_definition(resources[logical_id]["Properties"]))
        return f"{prefix}{name}"

    return Tables(
        orders=create("OrdersTable", "orders"),
        imports=create("ImportsTable", "imports"),
        settings=create("SettingsTable", "settings"),
        stock=create("StockTable", "stock"),
    )


def delete_tables(client: "DynamoDBClient", tables: Tables) -> None:
    """Delete a set of tables with everything in it."""
    for name in (tables.orders, tables.imports, tables.settings, tables.stock):
        client.delete_table(TableName=name)


@cache
def _resources() -> dict[str, Any]:
    resources: dict[str, Any] = load_template()["Resources"]
    return resources


def _definition(properties: dict[str, Any]) -> dict[str, Any]:
    definition = {name: properties[name] for name in _TABLE_PROPERTIES}
    indexes = properties.get("GlobalSecondaryIndexes", [])
    if indexes:
        definition["GlobalSecondaryIndexes"] = [{name: index[name] for name in _INDEX_PROPERTIES} for index in indexes]
    return definition
