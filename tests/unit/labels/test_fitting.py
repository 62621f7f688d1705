"""Text into lines: nothing is lost, and cuts are where people would cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.labels.fitting import fit, shortened
from shukka.domain.text.cp932 import legible, width

SIXTEEN = (16, 16, 16)


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (("東京都港区六本木", "1-2-3", "能登ビル5階"), ["東京都港区六本木", "1-2-3", "能登ビル5階"]),
        (("東京都港区六本木1-2-3", "", "能登ビル"), ["東京都港区六本木1-2-3", "能登ビル", ""]),
        # Too long for a line of its own: the number stays whole on the next.
        (("神奈川県横浜市都筑区茅ケ崎中央123-45", ""), ["神奈川県横浜市都筑区茅ケ崎中央", "123-45", ""]),
        # A word in katakana stays whole where there is room.
        (("東京都千代田区丸の内一丁目グランタワー", ""), ["東京都千代田区丸の内一丁目", "グランタワー", ""]),
        (("東京都港区芝公園四丁目二番", "6-7", "2階"), ["東京都港区芝公園四丁目二番", "6-7", "2階"]),
    ],
)
def test_lines_end_where_a_person_would_end_them(parts, lines):
    assert fit(parts, SIXTEEN, len) == lines


def test_numbers_that_follow_each_other_stay_apart():
    assert fit(("京都市東山区三条通南裏二筋目白川筋西入", "6-7", "2階南"), (20, 20), len) == [
        "京都市東山区三条通南裏二筋目白川筋西入",
        "6-7 2階南",
    ]


def test_a_half_width_kana_keeps_its_voicing_mark():
    assert fit(("ｶﾞｶﾞｶﾞｶﾞ",), (5, 5), len) == ["ｶﾞｶﾞ", "ｶﾞｶﾞ"]


def test_too_much_text_is_not_cut_off():
    assert fit(("あ" * 49,), SIXTEEN, len) is None


@given(
    st.lists(st.text("東京都港区1２-ａbアｶﾞ 　号丁目髙", max_size=30), max_size=4),
    st.sampled_from([(SIXTEEN, len), ((64, 32), width), ((50, 50, 50), width)]),
)
def test_every_character_is_in_a_line_and_every_line_fits(parts, room):
    sizes, measure = room
    lines = fit(parts, sizes, measure)

    if lines is not None:
        assert "".join("".join(lines).split()) == "".join("".join(parts).split())
        assert all(measure(line) <= size for line, size in zip(lines, sizes, strict=True))
        assert len(lines) == len(sizes)


@given(st.text(max_size=30).map(lambda text: legible(text).text), st.integers(0, 20))
def test_a_text_is_shortened_to_whole_characters(text, size):
    kept = shortened(text, size, width)

    assert width(kept) <= size
    assert text.startswith(kept)
