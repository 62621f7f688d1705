"""Text into the lines of a label, cut where a person would cut it."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

Measure = Callable[[str], int]
"""How long a carrier holds a text to be: `len` for characters, `cp932.width` for bytes."""

# In front of a number, behind 丁目 and its like, and at spaces.
_SENSIBLE = re.compile(r"(?<![0-9０-９A-Za-z\-－‐])(?=[0-9０-９])|(?<=丁目|番地)|(?<=号)(?!室)|(?<=[ 　])|(?=[ 　])")
# Not within a number with its hyphens, a word in Latin letters or a word in katakana.
_BETWEEN_WORDS = re.compile(
    r"(?<![0-9０-９A-Za-zＡ-Ｚａ-ｚ\-－‐])(?<![ァ-ヺー])|(?![0-9０-９A-Za-zＡ-Ｚａ-ｚ\-－‐ァ-ヺー])"
)
_ANYWHERE = re.compile("")
# Half-width marks belong to the kana in front of them.
_VOICING_MARKS = frozenset("ﾞﾟ")
_ENDS_NUMBER, _BEGINS_NUMBER = re.compile("[0-9０-９A-Za-z\\-－]$"), re.compile("[0-9０-９A-Za-z]")


def fit(parts: Sequence[str], sizes: Sequence[int], measure: Measure) -> list[str] | None:
    """`parts` in lines of these sizes, as many lines as there are sizes; None where that is too much text.

    Each part begins a line where that is possible. Otherwise they run on, and lines end between parts, at spaces or in
    front of numbers; if that does not do, between words; and only then anywhere, but never within a character.
    """
    parts = [part.strip() for part in parts if part.strip()]
    apart = [*parts, *[""] * (len(sizes) - len(parts))]
    if len(parts) <= len(sizes) and all(measure(part) <= size for part, size in zip(apart, sizes, strict=True)):
        return apart
    pieces = [_apart_from(before, part) for before, part in zip(["", *parts], parts, strict=False)]
    text = "".join(pieces)
    joints = set(accumulate(map(len, pieces)))
    for kinds in ((_SENSIBLE,), (_SENSIBLE, _BETWEEN_WORDS), (_ANYWHERE,)):
        places = joints.union(*(_places(kind, text) for kind in kinds))
        lines = _wrapped(text, sizes, measure, places)
        if lines is not None:
            return lines
    return None


def shortened(text: str, size: int, measure: Measure) -> str:
    """As much of the beginning of `text` as fits."""
    return text[: _fitting(text, size, measure)].rstrip()


def _wrapped(text: str, sizes: Sequence[int], measure: Measure, places: set[int]) -> list[str] | None:
    lines: list[str] = []
    start = 0
    for size in sizes:
        start += len(text[start:]) - len(text[start:].lstrip())
        end = start + _fitting(text[start:], size, measure)
        if end < len(text):
            end = max((place for place in places if start < place <= end), default=start)
        lines.append(text[start:end].rstrip())
        start = end
    return lines if start == len(text) else None


def _fitting(text: str, size: int, measure: Measure) -> int:
    """How many characters of `text` fit."""
    end = min(len(text), size)
    while measure(text[:end]) > size:
        end -= 1
    return end


def _places(kind: re.Pattern[str], text: str) -> Iterator[int]:
    return (match.start() for match in kind.finditer(text) if text[match.start() :][:1] not in _VOICING_MARKS)


def _apart_from(before: str, part: str) -> str:
    """`part` as it may follow `before`: 6-7 and 2階 must not become 6-72階."""
    return f" {part}" if _ENDS_NUMBER.search(before) and _BEGINS_NUMBER.match(part) else part
