"""Which file is this: recognised by its heading, or by its content where it has none, never by its name."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from shipment_import.problem import FileProblemError
from shukka.domain.codes import plain_code
from shukka.domain.dates import parse_business_date
from shukka.domain.import_mapping import ImportField, ImportMapping
from shukka.domain.shipment import ShipmentId
from shukka.domain.shipment_formats import BUILT_IN, Format, WithoutHeading, own_format

_IGNORED = re.compile(r"[\s.．]+")
_TWELVE_DIGITS = re.compile("[0-9]{12}")
_SHOWN_HEADINGS = 8


def heading_key(heading: str) -> str:
    """`heading` as headings are compared: 検索キー１ is 検索キー1, and No. is NO and Ｎｏ."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", heading)).casefold()


@dataclass(frozen=True)
class Layout:
    """A file's format, and the column of each field, from 0. `heading` is empty where the file has none."""

    format: Format
    columns: Mapping[ImportField, int]
    width: int
    heading: tuple[str, ...] = ()

    def column_name(self, index: int) -> str:
        return (self.heading[index].strip() if index < len(self.heading) else "") or f"{index + 1}列目"

    @property
    def titles(self) -> list[str]:
        """The heading; where the file has none, one by which it would be recognised again."""
        if self.heading:
            return list(self.heading)
        titles = [self.column_name(index) for index in range(self.width)]
        for name, index in self.columns.items():
            titles[index] = self.format.headings[name][0]
        return titles


def recognise(sample: Sequence[Sequence[str]], own: Iterable[ImportMapping], wanted: str | None = None) -> Layout:
    """The layout of the file that begins with the rows of `sample`; `wanted` is the key of the only format to consider.

    The shop's own layouts come before the built-in ones. Raises FileProblemError where no format or several fit.
    """
    groups = [tuple(own_format(mapping) for mapping in own), BUILT_IN]
    if wanted is not None:
        groups = [tuple(known for group in groups for known in group if known.key == wanted)]
        if not groups[0]:
            names = "、".join(known.key for known in BUILT_IN)
            raise FileProblemError(
                f"指定された取込形式「{wanted}」はありません。使えるのは {names} と、設定の取込形式の名前です"
            )
    heading = tuple(sample[0])
    places = _places(heading)
    for formats in groups:
        fitting = [known for known in formats if _fits(known, places)]
        if len(fitting) > 1:
            names = "と".join(f"「{known.name}」" for known in fitting)
            raise FileProblemError(
                f"{names}のどちらの見出しもそろっているため、形式を決められません。"
                "使わない列を削除するか、取り込みのときに形式（format）を指定してください"
            )
        if fitting:
            columns = _columns(fitting[0], places, heading, sample[1:])
            return Layout(fitting[0], columns, len(heading), heading)
    layout = next(
        (found for formats in groups for known in formats if (found := _without_heading(known, sample))), None
    )
    if layout is None:
        raise FileProblemError(_not_recognised(heading, places, [known for formats in groups for known in formats]))
    return layout


def _places(heading: Sequence[str]) -> dict[str, list[int]]:
    """The columns under each heading."""
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(heading):
        places.setdefault(heading_key(cell), []).append(index)
    return places


def _found(known: Format, name: ImportField, places: Mapping[str, list[int]]) -> list[int]:
    """The columns that go by a name of the field, in the order of the names."""
    return [index for heading in known.headings.get(name, ()) for index in places.get(heading_key(heading), ())]


def _fits(known: Format, places: Mapping[str, list[int]]) -> bool:
    present = {name for name in known.headings if _found(known, name, places)}
    return present.issuperset(known.required) and len(present) > 1


def _columns(
    known: Format, places: Mapping[str, list[int]], heading: Sequence[str], rows: Sequence[Sequence[str]]
) -> dict[ImportField, int]:
    columns: dict[ImportField, int] = {}
    for name in known.headings:
        found = _found(known, name, places)
        if name is ImportField.SHIPMENT_ID:
            columns[name] = _key_column(found, heading, rows)
        elif len({heading_key(heading[index]) for index in found}) < len(found) or (
            len(found) > 1 and name not in known.alternatives
        ):
            raise FileProblemError(
                f"{known.name}の「{known.headings[name][0]}」にあたる列が{len(found)}つあります"
                f"（{_listed(found, heading)}）。使わない列を削除するか見出しを変えてください"
            )
        elif found:
            columns[name] = found[0]
    return columns


def _key_column(found: Sequence[int], heading: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Whichever of the columns holds shipment ids; the first where none does."""
    if len(found) == 1:
        return found[0]
    ids = [[ShipmentId.find_in(row[index]) if index < len(row) else None for index in found] for row in rows]
    for row in ids:
        if len(set(row) - {None}) > 1:
            seen = "、".join(
                f"{heading[index]}={shipment}" for index, shipment in zip(found, row, strict=True) if shipment
            )
            raise FileProblemError(
                f"発送IDが複数の列にあり、行の中で食い違っています（{seen}）。発送IDではないほうの列を空にしてください"
            )
    filled = [sum(row[place] is not None for row in ids) for place in range(len(found))]
    return found[filled.index(max(filled))]


def _without_heading(known: Format, sample: Sequence[Sequence[str]]) -> Layout | None:
    """The layout if most of the rows look like the format's: its width, a number and a date in their places."""
    places = known.without_heading
    if places is None:
        return None
    alike = [row for row in sample if len(row) in places.widths and _is_parcel(row, places)]
    if len(alike) * 2 <= len(sample):
        return None
    keys = [key - 1 for key in places.keys]
    width = max(len(row) for row in alike)
    key = _key_column(keys, [f"{index + 1}列目" for index in range(width)], alike)
    columns = {
        ImportField.SHIPMENT_ID: key,
        ImportField.TRACKING_NUMBERS: places.number - 1,
        ImportField.SHIPPED_ON: places.shipped_on - 1,
    }
    return Layout(known, columns, width)


def _is_parcel(row: Sequence[str], places: WithoutHeading) -> bool:
    try:
        parse_business_date(row[places.shipped_on - 1])
    except PydanticCustomError:
        return False
    return bool(_TWELVE_DIGITS.fullmatch(plain_code(row[places.number - 1]).replace("-", "")))


def _listed(indexes: Iterable[int], heading: Sequence[str]) -> str:
    return "、".join(f"{index + 1}列目「{heading[index].strip()}」" for index in indexes)


def _not_recognised(heading: Sequence[str], places: Mapping[str, list[int]], formats: Sequence[Format]) -> str:
    seen = "".join(f"「{cell.strip()[:20]}」" for cell in heading[:_SHOWN_HEADINGS])
    more = f"など{len(heading)}列" if len(heading) > _SHOWN_HEADINGS else ""
    lacking = [
        f"{known.name}として読むには{missing}の列がありません。"
        for known in formats
        if any(_found(known, name, places) for name in known.required)
        and (
            missing := "".join(
                f"「{known.headings[name][0]}」" for name in known.required if not _found(known, name, places)
            )
        )
    ]
    return (
        f"どの形式のファイルか分かりません。1行目は{seen}{more}です。{''.join(lacking)}"
        "1行目に見出しを付けて出力し直すか、標準形式の雛形を使うか、設定の取込形式に列の対応を登録してください"
    )
