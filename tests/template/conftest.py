from collections.abc import Callable, Mapping
from typing import Any

import pytest

from local.template import load_template

Resources = Mapping[str, dict[str, Any]]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return load_template()


@pytest.fixture(scope="session")
def of_type(template: dict[str, Any]) -> Callable[[str], Resources]:
    """The properties of all resources of a type, by logical id."""

    def find(resource_type: str) -> Resources:
        found = {
            logical_id: resource["Properties"]
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == resource_type
        }
        assert found, f"the rule would hold for nothing: there is no {resource_type}"
        return found

    return find


@pytest.fixture(scope="session")
def functions(of_type: Callable[[str], Resources]) -> Resources:
    return of_type("AWS::Serverless::Function")
