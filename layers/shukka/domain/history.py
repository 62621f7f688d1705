"""What happened to an order: who, when, what changed (before → after), why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shukka.domain.order import Order
from shukka.domain.values import Instant, Value

# What every change moves, and what repeats another part of the order.
_HEADER_FIELDS_NOT_TOLD: dict[str, Any] = {
    **dict.fromkeys(("number", "version", "placed_at", "placed_by", "updated_at"), True),
    **dict.fromkeys(("line_count", "next_line_id", "next_shipment_n", "shipments", "imported_lines"), True),
    "totals": {"rates": True, "rule": True},
}
_SHIPMENT_FIELDS_NOT_TOLD = dict.fromkeys(("n", "mail_settled", "numbers_from"), True)
_ABSENT = object()


class Context(NamedTuple):
    """Who does it, when, and under which request id. `actor` is `staff:<id>`, `storefront:<id>` or `import:<id>`."""

    at: Instant
    actor: str
    request_id: str


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
    old, new = dict(_facts(before, after)), dict(_facts(after, before))
    fields = [*new, *(field for field in old if field not in new)]
    return tuple(
        Change(field=field, before=old.get(field), after=new.get(field))
        for field in fields
        if old.get(field) != new.get(field)
    )


def _facts(order: Order, other: Order) -> Iterator[tuple[str, str | int | bool | None]]:
    """The order's facts by path. Parts that are the same object in `other` are left out: they cannot differ."""
    yield from _flat("", _dump(order.header, other.header, _HEADER_FIELDS_NOT_TOLD))
    if order.lines is not other.lines:
        for line in order.lines:
            yield from _flat(f"lines.{line.line_id}.", line.model_dump(mode="json", exclude={"line_id"}))
    others = {shipment.n: shipment for shipment in other.shipments}
    for shipment in order.shipments:
        dump = _dump(shipment, others.get(shipment.n), _SHIPMENT_FIELDS_NOT_TOLD)
        yield from _flat(f"shipments.{shipment.n}.", dump)


def _dump(value: Value, other: Value | None, not_told: Mapping[str, Any]) -> Mapping[str, object]:
    of_other = vars(other) if other else {}
    differing = {name for name, part in vars(value).items() if part is not of_other.get(name, _ABSENT)}
    told = {name for name in differing if not_told.get(name) is not True}
    return value.model_dump(mode="json", include=told, exclude=not_told) if told else {}


def _flat(prefix: str, value: Mapping[str, object]) -> Iterator[tuple[str, str | int | bool | None]]:
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
