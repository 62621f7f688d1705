"""The desk's first look."""

from order_api.schemas import View
from shukka.domain.lists.summary import OpenOrders
from shukka.domain.order.order import CLOSED, OverallShippingStatus
from shukka.domain.settings import Settings
from shukka.domain.text.options import offered


class StatusCount(View):
    key: str
    label: str
    count: int


class SummaryView(View):
    """How many orders are open, and what they wait for; completed and cancelled ones are not counted.

    Where `complete` is false there are more than could be counted: every figure is then "at least".
    """

    open: int
    handling_status: list[StatusCount]
    shipping_status: list[StatusCount]
    waiting_for_payment: int
    stock_short: int
    complete: bool


def summary_view(orders: OpenOrders, settings: Settings) -> SummaryView:
    keys = [status.key for status in offered(settings.statuses) if status.key not in CLOSED]
    # Orders keep a status that was retired since.
    keys += sorted({state.handling_status for state in orders.counts} - set(keys))
    return SummaryView(
        open=orders.counts.total(),
        handling_status=[
            StatusCount(key=key, label=settings.status_label(key), count=orders.having(handling_status=key))
            for key in keys
        ],
        shipping_status=[
            StatusCount(key=status, label=status.label, count=orders.having(shipping_status=status))
            for status in OverallShippingStatus
        ],
        waiting_for_payment=sum(
            orders.having(payment_method=method, paid=False) for method in settings.awaited_methods
        ),
        stock_short=orders.having(stock_short=True),
        complete=orders.complete,
    )
