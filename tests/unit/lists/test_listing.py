"""Filters as callers write them, and what a search makes of words."""

import pytest
from pydantic import ValidationError

from shukka.domain.lists.listing import Choice, Days, OrderFilter, OrderQuery, order_filter
from shukka.domain.lists.search import Search, parse_search, search_text
from shukka.domain.settings import PaymentMethod, Settings


def test_a_query_survives_being_stored():
    query = OrderQuery.model_validate({"status": "!completed,!cancelled", "placed_from": "2026-11-01", "q": "しょうゆ"})

    assert OrderQuery.model_validate_json(query.model_dump_json()) == query


def test_the_same_keys_make_the_same_filter_however_they_are_written():
    written = [OrderQuery.model_validate({"status": text}) for text in ("new,on_hold", "on_hold, new,new")]

    assert repr(order_filter(written[0], Settings())) == repr(order_filter(written[1], Settings()))


def test_a_query_without_filters_wants_everything():
    assert order_filter(OrderQuery(), Settings()) == OrderFilter()


def test_what_waits_for_payment_follows_the_settings():
    methods = (
        PaymentMethod(key="cod", label="代引"),
        PaymentMethod(key="advance", label="前払い", awaits_payment=True),
    )
    query = OrderQuery.model_validate({"payment": "waiting", "placed_to": "2026-11-30"})

    wanted = order_filter(query, Settings(payment_methods=methods))

    assert (wanted.payment, wanted.awaited_methods) == (Choice(("waiting",)), ("advance",))
    assert wanted.placed == Days(None, query.placed_to)


@pytest.mark.parametrize("sent", [{"status": 1}, {"status": [1]}, {"q": 1}, {"placed_from": 20261101}, {"page": 2}])
def test_a_query_of_the_wrong_shape_is_refused(sent):
    with pytest.raises(ValidationError):
        OrderQuery.model_validate(sent)


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("", Search()),
        ("  　", Search()),
        ("! - !-", Search()),
        ("\u200b !\u202e", Search()),
        ("Soy　ＳＯＹ soy-", Search((("soy",),))),
        ("！みりん しょうゆ", Search((("ショウユ", "しょうゆ"),), (("ミリン", "みりん"),))),
        ("ビール", Search((("ビール",),))),
        ("ﾋﾞｰﾙ", Search((("ビール",),))),
        ("髙島", Search((("高島", "髙島"),))),
        ("100001", Search((("100001",),), (), "100001")),
        ("１００００１－２", Search((("1000012",),), (), "100001")),
        ("0100001", Search((("0100001",),))),
        ("100001 soy", Search((("100001",), ("soy",)))),
        ("!100001", Search((), (("100001",),))),
    ],
)
def test_words_are_what_people_mean(text, search):
    assert parse_search(text) == search


def test_no_word_spans_two_facts():
    text = search_text(["髙島", None, "", "商店 本店", "髙島"])

    assert text.split("\n") == ["高島", "商店本店"]
    assert not parse_search("髙島商店").finds(text)
    assert parse_search("商店本店 髙島").finds(text)
