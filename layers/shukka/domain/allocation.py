"""Which shipment holds how many of which line.

An order with one shipment says nothing about it: that shipment holds everything, whatever the lines become. As soon as
there are several, each has its quantities, and together they are exactly the lines.
"""

from collections.abc import Mapping, Sequence

from shukka.domain.errors import RuleError
from shukka.domain.line import Line
from shukka.domain.order import MAX_SHIPMENTS, Order
from shukka.domain.shipment import Shipment, ShippingStatus

Quantities = Mapping[int, int]
"""Quantities by line id; a line that is not in it has none."""


def quantities_of(shipment: Shipment, lines: Sequence[Line]) -> Quantities:
    """What the shipment holds of these lines."""
    if shipment.allocations is None:
        return {line.line_id: line.quantity for line in lines}
    return shipment.allocations


def shipped_quantities(order: Order) -> dict[int, int]:
    """What has left the house, by line id."""
    shipped: dict[int, int] = {}
    for shipment in order.shipments:
        if shipment.status is ShippingStatus.SHIPPED:
            for line_id, quantity in quantities_of(shipment, order.lines).items():
                shipped[line_id] = shipped.get(line_id, 0) + quantity
    return shipped


def with_lines(order: Order, lines: tuple[Line, ...]) -> Order:
    """The order with these lines, each spread over the shipments.

    Less of a line is taken from shipments that have not left, the last one first; more of it goes to the first of them,
    or to a new shipment where all have left. Raises RuleError where less is asked for than has been shipped.
    """
    shipped = shipped_quantities(order)
    for index, line in enumerate(lines):
        if line.quantity < shipped.get(line.line_id, 0):
            raise RuleError(
                f"「{line.name}」は{shipped[line.line_id]}個を発送済みのため、それより少なくできません",
                f"lines.{index}.quantity",
            )
    kept = {line.line_id for line in lines}
    for line in order.lines:
        if shipped.get(line.line_id) and line.line_id not in kept:
            raise RuleError(f"「{line.name}」は発送済みのため削除できません", "lines")
    (first, *others) = order.shipments
    if not others and first.status is not ShippingStatus.SHIPPED:
        return order.with_lines(lines)
    return order.with_shipments(_spread(order, lines)).with_lines(lines)


def _spread(order: Order, lines: tuple[Line, ...]) -> tuple[Shipment, ...]:
    held = {shipment.n: dict(quantities_of(shipment, order.lines)) for shipment in order.shipments}
    waiting = [shipment.n for shipment in order.shipments if shipment.status is not ShippingStatus.SHIPPED]
    wanted = {line.line_id: line.quantity for line in lines}
    extra: dict[int, int] = {}
    for line_id in {*wanted, *(line.line_id for line in order.lines)}:
        excess = sum(quantities.get(line_id, 0) for quantities in held.values()) - wanted.get(line_id, 0)
        for n in reversed(waiting):
            taken = min(max(excess, 0), held[n].get(line_id, 0))
            if taken:
                held[n][line_id] -= taken
                excess -= taken
        if excess < 0:
            extra[line_id] = -excess
    shipments = list(order.shipments)
    if extra and not waiting:
        new = next_shipment(order)
        shipments.append(new)
        held[new.n] = extra
    elif extra:
        for line_id, quantity in extra.items():
            held[waiting[0]][line_id] = held[waiting[0]].get(line_id, 0) + quantity
    return tuple(
        shipment.model_copy(update={"allocations": {k: v for k, v in sorted(held[shipment.n].items()) if v}})
        for shipment in shipments
    )


def next_shipment(order: Order) -> Shipment:
    """An empty shipment with the next number, to the same place. Raises RuleError where the order has too many."""
    if len(order.shipments) >= MAX_SHIPMENTS:
        raise RuleError(f"1つの受注の発送は{MAX_SHIPMENTS}件までです", "lines")
    last = order.shipments[-1]
    n = max(shipment.n for shipment in order.shipments) + 1
    return Shipment(
        n=n,
        carrier=last.carrier,
        destination=last.destination,
        requested_date=last.requested_date,
        time_slot=last.time_slot,
        allocations={},
    )
