"""Options: what orders refer to by a key of the settings (対応状況, 決済方法, 配送業者)."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TypeVar

from pydantic import Field

from shukka.domain.errors import Rule, RuleError
from shukka.domain.text.values import Flag, Key, Value


class Option(Value):
    """A retired option is not offered for new use. Orders that have it keep it, with its label."""

    key: Key
    retired: Flag = Field(False, description="Not offered for new use; orders that have it keep it, with its label")

    @property
    def title(self) -> str:
        """What people call it."""
        raise NotImplementedError


class OptionKind(Enum):
    """Of each kind of option: its Japanese name, the field that takes its key, the rule for keys that are unknown."""

    STATUS = ("対応状況", "handling_status", Rule.UNKNOWN_STATUS)
    PAYMENT_METHOD = ("決済方法", "payment_method", Rule.UNKNOWN_PAYMENT_METHOD)
    CARRIER = ("配送業者", "carrier", Rule.UNKNOWN_CARRIER)


OptionT = TypeVar("OptionT", bound=Option)


def offered(options: Iterable[OptionT]) -> tuple[OptionT, ...]:
    """The options for new use."""
    return tuple(option for option in options if not option.retired)


def retired_first(options: Iterable[OptionT]) -> tuple[OptionT, ...]:
    """For look-ups by label where the last one wins: of two with the same label, the one that is offered."""
    return tuple(sorted(options, key=lambda option: not option.retired))


def with_removed_ones_retired(before: Sequence[OptionT], after: Sequence[OptionT]) -> tuple[OptionT, ...]:
    """`after`, and behind it what it no longer has of `before`, retired: orders may refer to it."""
    kept = {option.key for option in after}
    removed = (option for option in before if option.key not in kept)
    return (*after, *(option.model_copy(update={"retired": True}) for option in removed))


def check_offered(kind: OptionKind, key: str | None, current: str | None, options: Sequence[Option]) -> None:
    """Raises RuleError unless `key` is offered, or is what the order has (`current`), or is None."""
    if key is None or key == current:
        return
    found = next((option for option in options if option.key == key), None)
    if found and not found.retired:
        return
    name, field, unknown = kind.value
    usable = "、".join(option.key for option in offered(options))
    if found:
        message = f"{name} {found.title}（{key}）は使用を終了しています（使えるもの: {usable}）"
        raise RuleError(message, field, Rule.RETIRED_OPTION)
    raise RuleError(f"{name} {key} は設定にありません（使えるもの: {usable}）", field, unknown)
