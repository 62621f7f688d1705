"""Recognises the format of a file by its heading, or by its content if it has none; never by its name."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.formats import BUILT_IN, Format, WithoutHeading, own_format
from shukka.domain.imports.mapping import KEYS, ImportField, ImportMapping
from shukka.domain.shipping.shipment import ShipmentId
from shukka.domain.shipping.tracking import parse_tracking_numbers
from shukka.domain.text.dates import parse_business_date
from shukka.domain.text.normalize import plain_code

_IGNORED = re.compile(r"[\s.．\u200b\ufeff]+")
# お問い合わせ, お問合せ, 問い合せ, …: carriers use every spelling, and change it between versions.
_INQUIRY = re.compile("お?問い?合わ?せ")
_TWELVE_DIGITS = re.compile("[0-9]{12}")
_SHOWN_HEADINGS = 8
# Lines above the heading: a title, the day of the output, a search condition.
_MOST_TITLES = 10
_LIKE_A_KEY = re.compile("[1-9][0-9]{4,14}-[1-9][0-9]{0,3}")


def heading_key(heading: str) -> str:
    """`heading` in the form for comparison: 検索キー１ is 検索キー1, No. is NO and №, お問い合わせ is お問合せ."""
    return _INQUIRY.sub("問合せ", _IGNORED.sub("", unicodedata.normalize("NFKC", heading)).casefold())


class Sample(NamedTuple):
    """The first rows of a file that are not blank, with the file's own lines on which they begin and end."""

    rows: Sequence[Sequence[str]]
    begins: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True)
class Layout:
    """A file's format, and the column of each field, from 0. `heading` is empty if the file has none.

    `keys` are all the columns that may hold the 発送ID, the most likely one first. The rows begin after the line
    `heading_ends`, which is 0 if there is no heading.
    """

    format: Format
    columns: Mapping[ImportField, int]
    width: int
    heading: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()
    heading_ends: int = 0

    @property
    def key_column(self) -> int:
        """The column to name in a problem of a row without a shipment."""
        return next(self.columns[name] for name in KEYS if name in self.columns)

    def column_name(self, index: int) -> str:
        return (self.heading[index].strip() if index < len(self.heading) else "") or f"{index + 1}列目"

    @property
    def titles(self) -> list[str]:
        """The heading; for a file without one, a heading by which it would be recognised again."""
        if self.heading:
            return list(self.heading)
        titles = [self.column_name(index) for index in range(self.width)]
        for name, index in self.columns.items():
            titles[index] = self.format.headings[name][0]
        return titles


def recognise(sample: Sample, own: Iterable[ImportMapping], wanted: str | None = None) -> Layout:
    """The layout of the file that begins with `sample`; `wanted` is the key of the only format to consider.

    The shop's own layouts come before the built-in ones. Raises FileProblemError if no format or several fit.
    """
    groups = [tuple(own_format(mapping) for mapping in own), BUILT_IN]
    if wanted is not None:
        groups = [tuple(known for group in groups for known in group if known.key == wanted)]
        if not groups[0]:
            names = "、".join(known.key for known in BUILT_IN)
            raise FileProblemError(
                f"指定された取込形式「{wanted}」はありません。使えるのは {names} と、設定の取込形式の名前です"
            )
    for formats in groups:
        for index in _may_be_headings(sample):
            if known := _fitting(formats, _places(sample.rows[index])):
                return _with_heading(known, sample, index)
    known_formats = [known for group in groups for known in group]
    layout = next((found for known in known_formats if (found := _without_heading(known, sample.rows))), None)
    if layout is None:
        raise FileProblemError(_not_recognised(sample, known_formats))
    return layout


# --- files with a heading ---


def _may_be_headings(sample: Sample) -> Iterator[int]:
    """Rows with only titles above them: a row that looks like a parcel must never count as a title."""
    for index, row in enumerate(sample.rows[: _MOST_TITLES + 1]):
        yield index
        cells = [plain_code(cell) for cell in row]
        if any(_LIKE_A_KEY.fullmatch(cell) or _TWELVE_DIGITS.fullmatch(cell.replace("-", "")) for cell in cells):
            return


def _places(heading: Sequence[str]) -> dict[str, list[int]]:
    """The columns under each heading."""
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(heading):
        places.setdefault(heading_key(cell), []).append(index)
    return places


def _found(known: Format, name: ImportField, places: Mapping[str, list[int]]) -> list[int]:
    """The columns with a name of the field, in the order of the names."""
    spellings = dict.fromkeys(map(heading_key, known.headings.get(name, ())))
    return [index for heading in spellings for index in places.get(heading, ())]


def _fitting(formats: Sequence[Format], places: Mapping[str, list[int]]) -> Format | None:
    """The format of a file with these headings. Raises FileProblemError if several fit."""
    fitting = [known for known in formats if _fits(known, places)]
    fitting = fitting or [known for known in formats if _fits_by_another_key(known, places)]
    if len(fitting) > 1:
        names = "と".join(f"「{known.name}」" for known in fitting)
        raise FileProblemError(
            f"{names}のどちらの見出しもそろっているため、形式を決められません。"
            "使わない列を削除するか、取り込みのときに形式（format）を指定してください"
        )
    return fitting[0] if fitting else None


def _fits(known: Format, places: Mapping[str, list[int]]) -> bool:
    return not _missing(known, places) and len(_present(known, places)) > 1


def _fits_by_another_key(known: Format, places: Mapping[str, list[int]]) -> bool:
    present = _present(known, places)
    return not present.isdisjoint(known.other_keys) and ImportField.TRACKING_NUMBERS in present


def _present(known: Format, places: Mapping[str, list[int]]) -> set[ImportField]:
    return {name for name in known.headings if _found(known, name, places)}


def _missing(known: Format, places: Mapping[str, list[int]]) -> list[str]:
    """The headings without which a file is not of this format."""
    fields = [known.headings[name][0] for name in known.required if not _found(known, name, places)]
    return [*fields, *(sign for sign in known.signs if heading_key(sign) not in places)]


def _with_heading(known: Format, sample: Sample, index: int) -> Layout:
    heading = tuple(sample.rows[index])
    places = _places(heading)
    columns: dict[ImportField, int] = {}
    keys: tuple[int, ...] = ()
    for name in known.headings:
        found = _found(known, name, places)
        if name is ImportField.SHIPMENT_ID:
            keys = _keys(found, sample.rows[index + 1 :])
            found = list(keys)
        elif len({heading_key(heading[place]) for place in found}) < len(found) or (
            len(found) > 1 and name not in known.alternatives
        ):
            raise FileProblemError(
                f"{known.name}の「{known.headings[name][0]}」にあたる列が{len(found)}つあります"
                f"（{_listed(found, heading)}）。使わない列を削除するか見出しを変えてください"
            )
        if found:
            columns[name] = found[0]
    return Layout(known, columns, len(heading), heading, keys, sample.ends[index])


def _keys(found: Sequence[int], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """`found`, starting with the column that holds most shipment ids."""
    if len(found) < 2:
        return tuple(found)
    best = max(found, key=lambda index: sum(_id_in(row, index) is not None for row in rows))
    return (best, *(index for index in found if index != best))


def _id_in(row: Sequence[str], index: int) -> ShipmentId | None:
    return ShipmentId.find_in(row[index]) if index < len(row) else None


# --- files without one ---


class _Marks(NamedTuple):
    """What a row has in a format's columns: a shipment's id, a number, a date, and the format's `typical` codes."""

    key: bool
    number: bool
    day: bool
    typical: bool


def _marks(row: Sequence[str], places: WithoutHeading) -> _Marks | None:
    """None if the row is too short for the format."""
    if len(row) < max(places.number, places.shipped_on, *places.typical, 0):
        return None
    number = plain_code(row[places.number - 1]).replace("-", "")
    day = row[places.shipped_on - 1]
    return _Marks(
        key=any(_id_in(row, key - 1) for key in places.keys),
        number=bool(_TWELVE_DIGITS.fullmatch(number)),
        day=_is_day(day) or (places.day_may_be_blank and not day.strip()),
        typical=all(re.fullmatch(pattern, row[n - 1].strip()) for n, pattern in places.typical.items()),
    )


def _is_day(cell: str) -> bool:
    try:
        parse_business_date(cell)
    except PydanticCustomError:
        return False
    return True


def _is_alike(row: Sequence[str], places: WithoutHeading) -> bool:
    """Two of three marks suffice if the width is the format's: a number may be damaged, or not issued yet."""
    marks = _marks(row, places)
    if marks is None:
        return False
    if len(row) in places.widths and (marks.typical or not places.typical_always):
        return marks.key + marks.number + marks.day > 1
    return len(row) in places.other_widths and all(marks)


def _without_heading(known: Format, rows: Sequence[Sequence[str]]) -> Layout | None:
    """The layout if most of the rows look like the format's."""
    places = known.without_heading
    if places is None:
        return None
    alike = [row for row in rows if _is_alike(row, places)]
    if len(alike) * 2 <= len(rows):
        return None
    width = max(len(row) for row in alike)
    keys = _keys([key - 1 for key in places.keys if key <= width], alike)
    columns = {
        ImportField.SHIPMENT_ID: keys[0],
        ImportField.TRACKING_NUMBERS: places.number - 1,
        ImportField.SHIPPED_ON: places.shipped_on - 1,
    }
    if places.delivered_on:
        columns[ImportField.DELIVERED_ON] = places.delivered_on - 1
    return Layout(known, columns, width, keys=keys)


# --- why not ---


def _listed(indexes: Iterable[int], heading: Sequence[str]) -> str:
    return "、".join(f"{index + 1}列目「{heading[index].strip()}」" for index in indexes)


def _not_recognised(sample: Sample, formats: Sequence[Format]) -> str:
    index, nearly = _nearly(sample, formats) or _nearly_without_heading(sample, formats) or (0, "")
    heading = sample.rows[index]
    seen = "".join(f"「{cell.strip()[:20]}」" for cell in heading[:_SHOWN_HEADINGS])
    more = f"など{len(heading)}列" if len(heading) > _SHOWN_HEADINGS else ""
    return (
        f"{nearly or 'どの形式のファイルか分かりません。'}{sample.begins[index]}行目は{seen}{more}です。"
        "見出しを付けて出力し直すか、標準形式の雛形を使うか、設定の取込形式に列の対応を登録してください"
    )


def _nearly(sample: Sample, formats: Sequence[Format]) -> tuple[int, str] | None:
    """The row that is closest to the heading of a format, and what it lacks."""
    candidates = [
        (len(present), -len(_missing(known, places)), -index, -place)
        for index, places in ((index, _places(sample.rows[index])) for index in _may_be_headings(sample))
        for place, known in enumerate(formats)
        if (present := _present(known, places)) and (len(present) > 1 or not present.isdisjoint(known.required))
    ]
    if not candidates:
        return None
    *_, index, place = max(candidates)
    index, known = -index, formats[-place]
    heading = sample.rows[index]
    places = _places(heading)
    missing = _missing(known, places) or ["送り状番号"]
    lacking = "".join(f"「{name}」" for name in missing)
    return index, (
        f"{known.name}の形式に近いですが、{lacking}の列がありません（{sample.begins[index]}行目）。"
        + "".join(_suggested(name, heading, places) for name in missing)
    )


def _suggested(missing: str, heading: Sequence[str], places: Mapping[str, list[int]]) -> str:
    key = heading_key(missing)
    alike = [found for found in places if found and (key in found or found in key)]
    alike = alike or get_close_matches(key, places, n=1)
    if not alike:
        return ""
    place = places[alike[0]][:1]
    return f"{_listed(place, heading)}がその列なら、見出しを「{missing}」に直してください。"


def _nearly_without_heading(sample: Sample, formats: Sequence[Format]) -> tuple[int, str] | None:
    """The first row that has the width of a format and some of its marks, and what is wrong with the rest."""
    for index, row in enumerate(sample.rows):
        for known in formats:
            places = known.without_heading
            if places is None or len(row) not in places.widths:
                continue
            marks = _marks(row, places)
            if marks and (marks.key or marks.number or _is_day(row[places.shipped_on - 1])):
                reasons = "、".join(_lacking(row, places, known, marks))
                return index, (f"見出しのない{known.name}の形式に近いですが、{reasons}（{sample.begins[index]}行目）。")
    return None


def _lacking(row: Sequence[str], places: WithoutHeading, known: Format, marks: _Marks) -> Iterator[str]:
    if not marks.key:
        name = known.headings[ImportField.SHIPMENT_ID][0]
        yield f"{places.keys[0]}列目（{name}）の「{row[places.keys[0] - 1][:20]}」が発送IDではありません"
    if not marks.number:
        name = known.headings[ImportField.TRACKING_NUMBERS][0]
        cell = row[places.number - 1]
        yield f"{places.number}列目（{name}）の「{cell[:20]}」は{_why(parse_tracking_numbers, cell)}"
    if not marks.day:
        name = known.headings[ImportField.SHIPPED_ON][0]
        cell = row[places.shipped_on - 1]
        yield f"{places.shipped_on}列目（{name}）の「{cell[:20]}」は{_why(parse_business_date, cell)}"


def _why(parse: Callable[[str], object], cell: str) -> str:
    try:
        parse(cell)
    except PydanticCustomError as error:
        return error.message() if cell.strip() else "空です"
    return "12桁の番号ではありません"
