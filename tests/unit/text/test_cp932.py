"""Texts for programs that read cp932: nothing crashes on a character, and nothing vanishes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.text.cp932 import Legible, holds, legible, width


@pytest.mark.parametrize("text", ["", "しょうゆ 1.8L", "髙﨑商店①㈱", "能登ソース表十", "ﾃﾞﾝﾜ", "～－∥￠"])
def test_what_cp932_holds_stays_as_it_is(text):
    assert legible(text) == Legible(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [("12〜14時", "12～14時"), ("1−2−3", "1－2－3"), ("1–2", "1-2"), ("か\u3099", "が"), ("葛\U000e0100城", "葛城")],
)
def test_look_alikes_are_nothing_to_report(text, same):
    assert legible(text) == Legible(same)


@pytest.mark.parametrize(
    ("text", "shown", "lost"),
    [
        ("𠮷野家", "〓野家", "𠮷"),
        ("祝🎉🎉", "祝〓〓", "🎉"),
        ("Café", "Cafe", "é"),
        ("㍿北海屋", "株式会社北海屋", "㍿"),
        ("外字\ue000", "外字〓", "\ue000"),
    ],
)
def test_missing_characters_are_replaced_and_reported(text, shown, lost):
    assert legible(text) == Legible(shown, lost)


@given(st.text(max_size=20))
def test_any_text_can_be_written(text):
    assert holds(legible(text).text)


def test_width_counts_bytes():
    assert [width(text) for text in ("", "a", "ｱ", "あ", "髙a")] == [0, 1, 1, 2, 3]
