"""How texts are compared in a search: what people write one way or the other is the same."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shukka.domain.lists.search import parse_search, search_text, searchable

SAME = [
    ("髙島屋", "高島屋"),
    ("﨑山", "崎山"),
    ("濵田", "濱田", "浜田"),
    ("渡邊", "渡邉", "渡辺"),
    ("齋藤", "齊藤", "斎藤", "斉藤"),
    ("𠮷野家", "吉野家"),
    ("㈱髙島商店", "（株）高島商店", "(株)高島商店", "株式会社 髙島商店", "( 株 )高島商店"),
    ("㈲能登", "有限会社能登", "（有）能登"),
    ("しょうゆ", "ショウユ", "ｼｮｳﾕ"),
    ("ぶどう", "ブドウ", "ﾌﾞﾄﾞｳ", "フ\u3099ト\u3099ウ", "ぶと\u3099う"),
    ("ヴィノ", "ゔぃの"),
    ("ビール", "ﾋﾞｰﾙ", "びーる"),
    ("ＳＯＹ－１８０", "soy-180", "Soy 180", "SOY‐180", "SOY\u2212180"),
    ("03-0000-1001", "０３－００００－１００１", "0300001001"),
    ("葛\U000e0100城", "葛城", "葛\ufe00城"),
    ("能登\u200b屋", "能登屋", "能\u202e登屋"),
    ("１.8Ｌ", "1.8l"),
    ("Straße", "STRASSE"),
]


@pytest.mark.parametrize("writings", SAME, ids=lambda writings: writings[0])
def test_these_are_the_same(writings):
    assert len({searchable(text) for text in writings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙島", "髙崎"),
        ("ビール", "ビル"),
        ("ハハ", "パパ"),
        ("株式会社能登", "有限会社能登"),
        ("1.8L", "18L"),
    ],
)
def test_these_are_not(one, other):
    assert searchable(one) != searchable(other)


alphabet = "髙高﨑崎㈱(株)（有）しょうゆショウユｼｮｳﾕｶﾞがー-－ 　Aaａ1１葛\U000e0100\u200b\u3099"
japanese = st.text(st.sampled_from(alphabet), max_size=12)


@given(japanese)
@example("カ \u3099")
@example("( 株)")
def test_folding_twice_is_folding_once(text):
    assert searchable(searchable(text)) == searchable(text)


@given(japanese, japanese, japanese)
@example("", "カ \u3099", "")
def test_a_text_is_found_by_what_it_says(before, fact, behind):
    """As one word: the parts of ( 株 ) are no words of 株式会社."""
    assert parse_search("".join(fact.split())).finds(search_text([before, fact, behind]))


@given(japanese)
def test_a_text_as_it_was_stored_before_is_found_by_its_words(fact):
    """Orders that have not changed since hold what the search folded then: width, case, hyphens and spaces."""
    stored = re.sub(r"[\s\-\u2010-\u2015\u2212]+", "", unicodedata.normalize("NFKC", fact).casefold())

    assert parse_search(fact).finds(stored)
