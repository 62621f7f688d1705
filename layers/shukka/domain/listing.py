"""A page of a list, and the place where the next one begins."""

from typing import NamedTuple

from shukka.domain.summary import OrderSummary


class OrderFilter(NamedTuple):
    """Which orders a list shows. Every part narrows it; an empty part does not.

    `handling_status` and `shipping_status` hold wanted keys, or unwanted ones where `…_excluded` is set.
    """

    member_id: str | None = None
    handling_status: frozenset[str] = frozenset()
    handling_status_excluded: bool = False
    shipping_status: frozenset[str] = frozenset()
    shipping_status_excluded: bool = False


class OrderPage(NamedTuple):
    """`next` is the position behind the page, None at the end. A filtered page may be short and still have a next."""

    orders: tuple[OrderSummary, ...]
    next: str | None
