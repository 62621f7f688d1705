"""Creates the tables of `template.yaml` on a bare DynamoDB: the template stays the only place that defines them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
# What CreateTable takes as it stands in the template. Streams, TTL and backups are not needed to store and query.
_TABLE_PROPERTIES = ("KeySchema", "AttributeDefinitions", "BillingMode")
_INDEX_PROPERTIES = ("IndexName", "KeySchema", "Projection")


@dataclass(frozen=True)
class Tables:
    """The names of one set of tables."""

    orders: str
    imports: str
    settings: str


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
    )


def delete_tables(client: "DynamoDBClient", tables: Tables) -> None:
    """Delete a set of tables with everything in it."""
    for name in (tables.orders, tables.imports, tables.settings):
        client.delete_table(TableName=name)


@cache
def _resources() -> dict[str, Any]:
    resources: dict[str, Any] = _Loader(TEMPLATE.read_text()).get_single_data()["Resources"]
    return resources


def _definition(properties: dict[str, Any]) -> dict[str, Any]:
    definition = {name: properties[name] for name in _TABLE_PROPERTIES}
    indexes = properties.get("GlobalSecondaryIndexes", [])
    if indexes:
        definition["GlobalSecondaryIndexes"] = [{name: index[name] for name in _INDEX_PROPERTIES} for index in indexes]
    return definition


class _Loader(yaml.SafeLoader):
    """Reads a template; `!Ref`, `!Sub` and the like become their bare argument, because no key or index uses them."""


def _argument(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _argument)
