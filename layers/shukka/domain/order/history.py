"""What happened to an order: who, when, what changed (before → after), why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from shukka.domain.order.order import Order
from shukka.domain.text.values import Instant, Value, business_date

# Fields that every change updates, or that repeat another part of the order.
_UNRECORDED_HEADER_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("number", "version", "placed_at", "placed_by", "updated_at"), True),
    **dict.fromkeys(("line_count", "returned", "next_line_id", "next_shipment_n", "shipments"), True),
    **dict.fromkeys(("imported_lines", "applied_lines", "written"), True),
    "totals": {"rates": True, "rule": True},
}
_UNRECORDED_SHIPMENT_FIELDS = dict.fromkeys(("n", "mail_settled", "numbers_from", "written"), True)
_UNRECORDED_LINE_FIELDS = {"line_id": True}
_ABSENT = object()

_Fact: TypeAlias = "str | int | bool | None"


class Context(NamedTuple):
    """Who makes a change, when, and under which request id. `actor`: `staff:<id>`, `storefront:<id>`, `import:<id>`.

    `at` is the moment of writing, which lists of changes rely on. `stated_at` is when the facts were stated, if that
    was earlier: an upload may wait before it is processed.
    """

    at: Instant
    actor: str
    request_id: str
    stated_at: Instant | None = None

    @property
    def said_at(self) -> Instant:
        """When the facts were stated."""
        return self.stated_at or self.at

    @property
    def today(self) -> date:
        """The business day in Tokyo on which the facts were stated."""
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
    """Every fact that differs, in a stable order; empty if nothing changed that a person would call a change."""
    old: dict[str, _Fact] = {}
    new: dict[str, _Fact] = {}
    for prefix, was, becomes, unrecorded in _parts(before, after):
        differing = _differing(was, becomes)
        recorded = {name for name in differing if unrecorded.get(name) is not True}
        if recorded:
            for facts, part in ((old, was), (new, becomes)):
                if part:
                    facts.update(_flat(prefix, part.model_dump(mode="json", include=recorded, exclude=unrecorded)))
    fields = [*new, *(field for field in old if field not in new)]
    return tuple(
        Change(field=field, before=old.get(field), after=new.get(field))
        for field in fields
        if old.get(field) != new.get(field)
    )


def _parts(before: Order, after: Order) -> Iterator[tuple[str, Value | None, Value | None, Mapping[str, Any]]]:
    """The parts of an order: path prefix, the part before and after, and its fields that history leaves out."""
    yield "", before.header, after.header, _UNRECORDED_HEADER_FIELDS
    if before.lines is not after.lines:
        old_lines = {line.line_id: line for line in before.lines}
        new_lines = {line.line_id: line for line in after.lines}
        for line_id in new_lines | old_lines:
            yield f"lines.{line_id}.", old_lines.get(line_id), new_lines.get(line_id), _UNRECORDED_LINE_FIELDS
    old_shipments = {shipment.n: shipment for shipment in before.shipments}
    new_shipments = {shipment.n: shipment for shipment in after.shipments}
    for n in new_shipments | old_shipments:
        yield f"shipments.{n}.", old_shipments.get(n), new_shipments.get(n), _UNRECORDED_SHIPMENT_FIELDS


def _differing(was: Value | None, becomes: Value | None) -> Iterable[str]:
    """Names of fields that are not the same object in both; only those can differ."""
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
