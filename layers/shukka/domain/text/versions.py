"""Which version of something a change may be based on."""

from typing import NamedTuple


class Versions(NamedTuple):
    """Some versions, or any version at all where `numbers` is None."""

    numbers: frozenset[int] | None

    def include(self, version: int) -> bool:
        return self.numbers is None or version in self.numbers


ANY_VERSION = Versions(None)
