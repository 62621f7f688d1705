"""What happened to an order: who, when, what changed (before → after), why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from shukka.domain.order.order import Order
from shukka.domain.text.values import Instant, Value, business_date

# What every change moves, and what repeats another part of the order.
_HEADER_FIELDS_NOT_TOLD: dict[str, Any] = {
    **dict.fromkeys(("number", "version", "placed_at", "placed_by", "updated_at"), True),
    **dict.fromkeys(("line_count", "returned", "next_line_id", "next_shipment_n", "shipments"), True),
    **dict.fromkeys(("imported_lines", "applied_lines", "written"), True),
    "totals": {"rates": True, "rule": True},
}
_SHIPMENT_FIELDS_NOT_TOLD = dict.fromkeys(("n", "mail_settled", "numbers_from", "written"), True)
_LINE_FIELDS_NOT_TOLD = {"line_id": True}
_ABSENT = object()

_Fact: TypeAlias = "str | int | bool | None"


class Context(NamedTuple):
    """Who does it, when, and under which request id. `actor` is `staff:<id>`, `storefront:<id>` or `import:<id>`.

    `at` is the moment of writing, which lists of changes rely on. `stated_at` is when what is written was stated, where
    that was earlier: an upload may wait before it is worked on.
    """

    at: Instant
    actor: str
    request_id: str
    stated_at: Instant | None = None

    @property
    def said_at(self) -> Instant:
        """When what is written was stated."""
        return self.stated_at or self.at

    @property
    def today(self) -> date:
        """The business day in Tokyo on which it was stated."""
        return business_date(self.said_at)


class Change(Value):
    """One fact that changed. `field` is a path such as `member.phone`, `lines.3.quantity` or `shipments.1.status`.

    `before` is None where the fact is new, `after` where it is gone.
    """

    field: str
    before: str | int | bool | None = None
    after: str | int | bool | None = None


class HistoryEntry(Value):
    """`action` is the use case's verb; `version` is the order's after it."""

    version: int
    at: Instant
    actor: str
    action: str
    request_id: str
    reason: str | None = None
    changes: tuple[Change, ...] = ()


def changes_between(before: Order, after: Order) -> tuple[Change, ...]:
    """Every fact that differs, in a stable order; empty where nothing that a person would call a change happened."""
    old: dict[str, _Fact] = {}
    new: dict[str, _Fact] = {}
    for prefix, was, becomes, not_told in _parts(before, after):
        differing = _differing(was, becomes)
        told = {name for name in differing if not_told.get(name) is not True}
        if told:
            for facts, part in ((old, was), (new, becomes)):
                if part:
                    facts.update(_flat(prefix, part.model_dump(mode="json", include=told, exclude=not_told)))
    fields = [*new, *(field for field in old if field not in new)]
    return tuple(
        Change(field=field, before=old.get(field), after=new.get(field))
        for field in fields
        if old.get(field) != new.get(field)
    )


def _parts(before: Order, after: Order) -> Iterator[tuple[str, Value | None, Value | None, Mapping[str, Any]]]:
    """What orders consist of, as it was and as it becomes, each with the path of its facts and what is not told."""
    yield "", before.header, after.header, _HEADER_FIELDS_NOT_TOLD
    if before.lines is not after.lines:
        old_lines = {line.line_id: line for line in before.lines}
        new_lines = {line.line_id: line for line in after.lines}
        for line_id in new_lines | old_lines:
            yield f"lines.{line_id}.", old_lines.get(line_id), new_lines.get(line_id), _LINE_FIELDS_NOT_TOLD
    old_shipments = {shipment.n: shipment for shipment in before.shipments}
    new_shipments = {shipment.n: shipment for shipment in after.shipments}
    for n in new_shipments | old_shipments:
        yield f"shipments.{n}.", old_shipments.get(n), new_shipments.get(n), _SHIPMENT_FIELDS_NOT_TOLD


def _differing(was: Value | None, becomes: Value | None) -> Iterable[str]:
    """Names of fields that are not the same object in both: only those can differ."""
    if was is None or becomes is None:
        return vars(was or becomes)
    old = vars(was)
    return [name for name, part in vars(becomes).items() if part is not old.get(name, _ABSENT)]


def _flat(prefix: str, value: Mapping[str, object]) -> Iterator[tuple[str, _Fact]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(f"{prefix}{key}.", item)
        elif isinstance(item, Sequence) and not isinstance(item, str):
            if item and isinstance(item[0], Mapping):
                for index, element in enumerate(item):
                    yield from _flat(f"{prefix}{key}.{index}.", element)
            else:
                yield f"{prefix}{key}", ", ".join(map(str, item)) or None
        else:
            assert item is None or isinstance(item, str | int | bool)  # noqa: S101 - a JSON dump holds nothing else
            yield f"{prefix}{key}", item
