"""Texts as every entrance takes them: what a name and a note may hold."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shukka.domain.text.values import AS_STORED, Label, Name, Note

ONE_LINE = TypeAdapter[str](Label)
SEVERAL_LINES = TypeAdapter[str](Note)

CONTROLS = ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]
DIRECTION = [*map(chr, [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])]
HIDDEN = ["\u00ad", "\u180e", "\u200b", "\u2060", "\u2064", "\u206f", "\ufeff", "\ufffb", "\U000e0001", "\U000e007f"]
SURROGATES = ["\ud800", "\udcff", "\udfff"]


@pytest.mark.parametrize("character", [*CONTROLS, *DIRECTION, *HIDDEN, *SURROGATES], ids=ascii)
@pytest.mark.parametrize("kind", [Label, Name])
def test_a_line_holds_nothing_that_breaks_turns_or_hides(kind, character):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"髙島{character}商店")


@pytest.mark.parametrize(
    "name",
    [
        "葛\U000e0100城市",  # 異体字セレクタ (IVS)
        "芦\ufe00屋",  # 標準化異体字
        "👨\u200d🌾農園",  # an emoji of several, joined
        "م\u200cی",  # joiners change letters, not names
        "﨑山 一郎",
        "株式会社　髙島商店",
    ],
)
def test_what_real_names_are_written_with_is_kept(name):
    assert ONE_LINE.validate_python(name) == name


def test_what_cannot_be_seen_is_named_by_its_number():
    with pytest.raises(ValidationError, match=r"見えない文字（U\+202E）は使えません"):
        ONE_LINE.validate_python("髙島\u202e商店")
    with pytest.raises(ValidationError, match="改行や制御文字は使えません"):
        ONE_LINE.validate_python("髙島\n商店")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\u2028", "\u202e", "\u2066", "\udcff"], ids=ascii)
def test_a_note_holds_nothing_that_breaks_or_turns_it(character):
    with pytest.raises(ValidationError):
        SEVERAL_LINES.validate_python(f"午前中に{character}お願いします")


@pytest.mark.parametrize("note", ["1行目\n2行目\t表", "+81\u200e90", "\ufeffBOMつき", "葛\U000e0100城", "👨\u200d🌾"])
def test_a_note_keeps_what_harms_nobody(note):
    assert SEVERAL_LINES.validate_python(note) == note


def test_what_an_older_rule_let_in_stays_readable():
    for stored in ("髙島\u202e商店", "髙島\u200b商店"):
        assert ONE_LINE.validate_json(f'"{stored}"', context=AS_STORED) == stored
