"""Which shipment holds how many of which line.

The only shipment of an order has no allocations: it holds every line, also after edits. Two or more shipments each
have quantities, which add up to exactly the lines of goods. No shipment holds a line of money.
"""

from collections.abc import Mapping, Sequence

from shukka.domain.errors import Rule, RuleError
from shukka.domain.order.line import Line
from shukka.domain.order.order import MAX_SHIPMENTS, Order
from shukka.domain.shipping.shipment import Shipment, ShippingStatus

Quantities = Mapping[int, int]
"""Quantities by line id; a line that is not in it has none."""

_USE_A_RETURN = "戻った商品は返品として登録してください"


def quantities_of(shipment: Shipment, lines: Sequence[Line]) -> Quantities:
    """What the shipment holds of these lines."""
    if shipment.allocations is None:
        return _ordered(lines)
    # Shipments stored before lines had a kind may hold both goods and money.
    money = _money(lines)
    if money.isdisjoint(shipment.allocations):
        return shipment.allocations
    return {line_id: quantity for line_id, quantity in shipment.allocations.items() if line_id not in money}


def _ordered(lines: Sequence[Line]) -> dict[int, int]:
    """Of goods, by line id."""
    return {line.line_id: line.quantity for line in lines if line.is_goods}


def _money(lines: Sequence[Line]) -> set[int]:
    """Ids of the lines that are only money."""
    return {line.line_id for line in lines if not line.is_goods}


def shipped_quantities(order: Order) -> dict[int, int]:
    """Shipped sets by line id."""
    shipped: dict[int, int] = {}
    for shipment in order.shipments:
        if shipment.status is ShippingStatus.SHIPPED:
            for line_id, quantity in quantities_of(shipment, order.lines).items():
                shipped[line_id] = shipped.get(line_id, 0) + quantity
    return shipped


def with_lines(order: Order, lines: tuple[Line, ...]) -> Order:
    """The order with these lines, each spread over the shipments.

    A lower quantity is taken from the shipments that have not left, last one first. A higher one goes to the first of
    them, or to a new shipment if all have left. Raises RuleError for a quantity below what was shipped.
    """
    shipped = shipped_quantities(order)
    for index, line in enumerate(lines):
        gone = shipped.get(line.line_id, 0)
        if gone and not line.is_goods:
            message = f"「{line.name}」は{gone}個を発送済みのため、金額だけの明細にできません"
            raise RuleError(message, f"lines.{index}.kind", Rule.SHIPPED_QUANTITY)
        if line.quantity < gone:
            message = f"「{line.name}」は{gone}個を発送済みのため、それより少なくできません。{_USE_A_RETURN}"
            raise RuleError(message, f"lines.{index}.quantity", Rule.SHIPPED_QUANTITY)
    kept = {line.line_id for line in lines}
    for line in order.lines:
        if shipped.get(line.line_id) and line.line_id not in kept:
            message = f"「{line.name}」は発送済みのため削除できません。{_USE_A_RETURN}"
            raise RuleError(message, "lines", Rule.SHIPPED_QUANTITY)
    if _ordered(lines) == _ordered(order.lines):
        return order.with_lines(lines)
    (first, *others) = order.shipments
    if not others and first.status is not ShippingStatus.SHIPPED:
        # It may have allocations from a time when it was 発送済, or from a merge. Alone, it holds everything again.
        everything = first.model_copy(update={"allocations": None}) if first.allocations is not None else first
        return order.with_shipments((everything,)).with_lines(lines)
    return order.with_shipments(_spread(order, lines)).with_lines(lines)


def _spread(order: Order, lines: tuple[Line, ...]) -> tuple[Shipment, ...]:
    held = {shipment.n: dict(quantities_of(shipment, order.lines)) for shipment in order.shipments}
    waiting = [shipment.n for shipment in order.shipments if shipment.status is not ShippingStatus.SHIPPED]
    wanted = _ordered(lines)
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
    """An empty shipment to the same place, with a number never used before. Raises RuleError for one too many."""
    if len(order.shipments) >= MAX_SHIPMENTS:
        raise RuleError(f"1つの受注の発送は{MAX_SHIPMENTS}件までです", "lines", Rule.TOO_MANY_SHIPMENTS)
    last = order.shipments[-1]
    return Shipment(
        n=max(order.header.next_shipment_n, last.n + 1),
        carrier=last.carrier,
        destination=last.destination,
        requested_date=last.requested_date,
        time_slot=last.time_slot,
        allocations={},
    )


def reallocated(order: Order, plan: Sequence[tuple[int | None, Quantities]]) -> Order:
    """The order with its unshipped shipments as planned: (number, quantities by line id) each.

    An entry without a number is a new shipment. A shipment that the plan leaves out is dissolved. Shipments that have
    left stay unchanged, in the plan or not. Raises RuleError unless the quantities add up to every line of goods.
    """
    here = {shipment.n: shipment for shipment in order.shipments if shipment.status is not ShippingStatus.SHIPPED}
    gone = {shipment.n: shipment for shipment in order.shipments if shipment.n not in here}
    kept = list(gone.values())
    planned, money = order, _money(order.lines)
    for index, (n, given) in enumerate(plan):
        path = f"shipments.{index}"
        quantities = _without_zeros(given)
        if n is not None and n in gone:
            if quantities != _without_zeros(quantities_of(gone.pop(n), order.lines)):
                raise RuleError(
                    f"発送 {order.number}-{n} は発送済みのため、内容を変えられません",
                    f"{path}.lines",
                    Rule.SHIPMENT_HAS_LEFT,
                )
            continue
        if n is not None and n not in here:
            raise RuleError(
                f"発送 {order.number}-{n} はこの受注にないか、2回指定されています",
                f"{path}.shipment_id",
                Rule.UNKNOWN_SHIPMENT,
            )
        for line in order.lines:
            if line.line_id in money and quantities.get(line.line_id):
                message = f"「{line.name}」は金額だけの明細のため、発送に入れられません"
                raise RuleError(message, f"{path}.lines", Rule.NOT_GOODS)
        shipment = next_shipment(planned) if n is None else here.pop(n)
        if n is None or quantities != _without_zeros(quantities_of(shipment, order.lines)):
            if not quantities:
                raise RuleError("商品のない発送は作れません", f"{path}.lines", Rule.EMPTY_SHIPMENT)
            shipment = shipment.model_copy(update={"allocations": quantities})
        kept.append(shipment)
        planned = planned.with_shipments((*planned.shipments, shipment) if n is None else planned.shipments)
    for dissolved in here.values():
        if dissolved.tracking_numbers:
            number = f"{order.number}-{dissolved.n}"
            raise RuleError(
                f"発送 {number} には送り状番号があるため、なくせません（先に番号を消してください）",
                "shipments",
                Rule.NUMBERED_SHIPMENT,
            )
    if len(kept) > 1:
        kept = [_pinned(shipment, order.lines) for shipment in kept]
    _check_complete(order.lines, kept)
    return order.with_shipments(tuple(sorted(kept, key=lambda shipment: shipment.n)))


def _without_zeros(quantities: Quantities) -> Quantities:
    return {line_id: quantity for line_id, quantity in sorted(quantities.items()) if quantity}


def _pinned(shipment: Shipment, lines: Sequence[Line]) -> Shipment:
    return shipment.model_copy(update={"allocations": dict(quantities_of(shipment, lines))})


def _check_complete(lines: Sequence[Line], shipments: Sequence[Shipment]) -> None:
    held: dict[int, int] = {}
    for shipment in shipments:
        for line_id, quantity in quantities_of(shipment, lines).items():
            held[line_id] = held.get(line_id, 0) + quantity
    for line in lines:
        if not line.is_goods:
            continue
        allocated = held.pop(line.line_id, 0)
        if allocated != line.quantity:
            raise RuleError(
                f"「{line.name}」の数量{line.quantity}に対し、発送の合計が{allocated}になっています",
                "shipments",
                Rule.ALLOCATION_MISMATCH,
            )
    if held:
        raise RuleError(f"明細番号 {min(held)} はこの受注にありません", "shipments", Rule.UNKNOWN_LINE)
