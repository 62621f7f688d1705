"""What a PATCH changes: only what it names."""

from collections.abc import Mapping
from typing import Any

from pydantic import MISSING

from shukka.domain.text.values import Value


class Amendment(Value):
    """Changes to something stored. A field that is absent stays as it is; null clears one, where its type has null.

    Every field is declared `T | MISSING = MISSING`. Absence is then a value of its own: no schema publishes a default
    that a generated client could send back, and no use case can take a default for what a caller wrote.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        wrong = [name for name, field in cls.model_fields.items() if field.default is not MISSING]
        if wrong:
            raise TypeError(f"{cls.__name__} must declare as `T | MISSING = MISSING`: {', '.join(wrong)}")

    def given(self) -> dict[str, Any]:
        """What the caller named, by field. An amendment inside is what it names in turn, absent if that is nothing."""
        named: dict[str, Any] = {}
        for name, value in self:
            if isinstance(value, Amendment):
                if inner := value.given():
                    named[name] = inner
            elif value is not MISSING:
                named[name] = value
        return named


def changed(given: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `given` that differ from what is stored under the same name: to repeat a value is no change."""
    return {name: value for name, value in given.items() if value != stored[name]}
