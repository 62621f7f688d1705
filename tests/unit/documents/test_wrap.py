"""Where lines break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.wrap import wrap


def width(text):
    """ASCII is half as wide as everything else."""
    return sum(1 if character.isascii() else 2 for character in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("短い名", ["短い名"]),
        ("一番搾りごま油とラー油", ["一番搾り", "ごま油と", "ラー油"]),
        ("一行目\n\n三行目", ["一行目", "", "三行目"]),
        ("これは句読点。です", ["これは句", "読点。で", "す"]),
        ("あいうえ。おか", ["あいう", "え。おか"]),
        ("あいう「えお」", ["あいう", "「えお」"]),
        ("ABC DEF GHI", ["ABC DEF", "GHI"]),
        ("ABCDEFGHIJKLMNOPQRST", ["ABCDEFGH", "IJKLMNOP", "QRST"]),
        ("お茶 100g入り", ["お茶 ", "100g入り"]),
        ("ーーーーーー", ["ーーーー", "ーー"]),
    ],
)
def test_lines_break_as_japanese_is_set(text, lines):
    assert [line.rstrip() for line in wrap(text, 8, width)] == [line.rstrip() for line in lines]


def test_a_character_wider_than_the_room_stands_alone():
    assert wrap("あい", 1, width) == ["あ", "い"]


@given(text=st.text("あいうー。、「」（）ABC0123- ", max_size=80), room=st.integers(2, 30))
def test_nothing_is_lost_and_nothing_sticks_out(text, room):
    lines = wrap(text, room, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= room for line in lines)
