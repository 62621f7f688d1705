"""Breaking text into lines by the rules of Japanese setting (JIS X 4051), as far as a document needs them."""

from collections.abc import Callable, Iterator

_NOT_FIRST = frozenset(
    "、。，．・：；？！ー゛゜ヽヾゝゞ々〻％‰℃°′″〉》」』】〕）］｝〙〗’”,.:;?!)]}%"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶｧｨｩｪｫｯｬｭｮｰﾞﾟ､｡｣\u3099\u309a"
)
"""行頭禁則: may not begin a line."""

_NOT_LAST = frozenset("〈《「『【〔（［｛〘〖‘“([{｢¥￥＄$〒№")
"""行末禁則: may not end one."""


def wrap(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """`text` in lines no wider than `room`, in the unit of `width`; at least one, of at least one character.

    Line ends in `text` are kept. Words of Latin letters and figures stay whole where that leaves no line half empty.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += [paragraph] if width(paragraph) <= room else _broken(paragraph, room, width)
    return lines


def _broken(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    while (fitting := _fitting(text, room, width)) < len(text):
        candidates = range(fitting, (fitting - 1) // 2, -1)
        cut = next((at for at in candidates if _may_break(text[at - 1], text[at])), fitting)
        yield text[:cut].rstrip(" ")
        text = text[cut:].lstrip(" ")
    yield text


def _fitting(text: str, room: float, width: Callable[[str], float]) -> int:
    """How many characters fit, at least one."""
    used = 0.0
    for index, character in enumerate(text):
        used += width(character)
        if used > room:
            return max(index, 1)
    return len(text)


def _may_break(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return True
    within_word = before.isascii() and after.isascii()
    return not within_word and after not in _NOT_FIRST and before not in _NOT_LAST
