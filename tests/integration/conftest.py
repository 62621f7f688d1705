from collections.abc import Iterator

import pytest

from local.stack import Stack, running_stack
from tests.integration.desk import Desk


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The project's template, deployed once for all tests: a test works on orders of its own."""
    with running_stack() as deployed:
        yield deployed


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A stack of the test's own, where the first order is 100001."""
    with running_stack() as deployed:
        yield deployed


@pytest.fixture(scope="session")
def desk(stack: Stack) -> Desk:
    return Desk(stack)
