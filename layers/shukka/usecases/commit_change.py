"""The common end of every change of an order: its history and what follows are written with it."""

from collections.abc import Mapping
from typing import NamedTuple

from shukka.domain.order.history import Change, Context, HistoryEntry, changes_between
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import FollowUp, Mail, StockMove
from shukka.domain.order.written import with_times
from shukka.domain.stock.stock import held_after, held_without, moves_between
from shukka.usecases.ports import Commit, OrderEdits


def next_version(
    before: Order,
    after: Order,
    action: str,
    context: Context,
    *,
    reason: str | None = None,
    follow_ups: tuple[FollowUp, ...] = (),
    move_stock: bool = True,
    restocked: Mapping[str, int] | None = None,
) -> Commit | None:
    """The next version of the order with its history, or None if nothing changed and nothing follows.

    Stock follows what the order holds afterwards, unless `move_stock` is False. `restocked` are the sets by sku that a
    return puts back to stock (negative: takes again). A return moves no other stock.
    """
    changes = changes_between(before, after)
    version = before.version + 1
    if restocked:
        held, moves = held_without(before.held, restocked), dict(restocked)
    else:
        held = held_after(before, after, move_stock=move_stock)
        moves = moves_between(before.held, held)
    if moves:
        follow_ups += (StockMove(version=version, created_at=context.at, actor=context.actor, moves=moves),)
    if not changes and not follow_ups:
        return None
    entry = HistoryEntry(
        version=version,
        at=context.at,
        actor=context.actor,
        action=action,
        request_id=context.request_id,
        reason=reason,
        changes=changes,
    )
    after = with_times(after, changes, context.said_at)
    header = after.header.model_copy(update={"version": version, "updated_at": context.at})
    return Commit(before, after.model_copy(update={"header": header, "held": held}), entry, follow_ups)


class Edited(NamedTuple):
    """The order before and after an edit; the same object twice if nothing changed.

    `stock_moves` are the sets by sku that the edit moves; negative takes stock. `mails` are sent because of it.
    """

    before: Order
    after: Order
    changes: tuple[Change, ...] = ()
    stock_moves: Mapping[str, int] = {}
    mails: tuple[Mail, ...] = ()


def commit_edit(
    before: Order,
    after: Order,
    action: str,
    context: Context,
    orders: OrderEdits,
    *,
    reason: str | None = None,
    follow_ups: tuple[FollowUp, ...] = (),
    move_stock: bool = True,
    restocked: Mapping[str, int] | None = None,
    dry_run: bool = False,
) -> Edited:
    """Stores the edit, unless it changes nothing or is a dry run. Raises VersionConflictError."""
    change = next_version(
        before,
        after,
        action,
        context,
        reason=reason,
        follow_ups=follow_ups,
        move_stock=move_stock,
        restocked=restocked,
    )
    if change is None:
        return Edited(before, before)
    if not dry_run:
        orders.commit(change)
    moves = next((follow_up.moves for follow_up in change.follow_ups if isinstance(follow_up, StockMove)), {})
    mails = tuple(follow_up for follow_up in change.follow_ups if isinstance(follow_up, Mail))
    return Edited(before, change.after, change.entry.changes, moves, mails)
