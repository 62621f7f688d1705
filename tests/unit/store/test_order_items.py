"""How an order lies in its items, without a database."""

from shukka.store.order_items import read_order
from tests.builders import a_line, a_member, an_order
from tests.bulk import order_items


def test_an_order_that_an_older_rule_let_in_stays_readable():
    line = a_line().model_copy(update={"name": "丸大豆\u200bしょうゆ"})
    member = a_member().model_copy(update={"company": "髙島\u202e商店"})
    stored = an_order(lines=(line,), member=member)

    read = read_order(order_items(stored))

    assert read == stored
