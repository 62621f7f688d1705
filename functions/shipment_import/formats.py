"""Which file is this: recognised by its heading, or by its content where it has none, never by its name.

Layouts as the carriers' software writes them: ヤマト B2クラウド 発行済データ, 佐川 e飛伝II and e飛伝III,
ゆうパックプリントR 発送履歴, 西濃 カンガルーマジック2, and Bカート 出荷実績.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from shipment_import.problem import FileProblemError
from shukka.domain.codes import plain_code
from shukka.domain.dates import parse_business_date
from shukka.domain.import_mapping import ImportField, ImportMapping, StatusRule
from shukka.domain.native_format import NATIVE_HEADINGS
from shukka.domain.shipment import ShipmentId

_IGNORED = re.compile(r"[\s.．]+")
_TWELVE_DIGITS = re.compile("[0-9]{12}")
_SHOWN_HEADINGS = 8


def heading_key(heading: str) -> str:
    """`heading` as headings are compared: 検索キー１ is 検索キー1, and No. is NO and Ｎｏ."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", heading)).casefold()


@dataclass(frozen=True)
class WithoutHeading:
    """Where things stand in a file that has no heading, from 1: several places where the key may be."""

    widths: range
    keys: tuple[int, ...]
    number: int
    shipped_on: int


@dataclass(frozen=True)
class Format:
    """A file is of this format if it has the `required` columns and two that are listed at least.

    `headings` are the names that a column goes by. Where a file has several of them, that is an error, but for the key:
    there the column that holds shipment ids is taken; and for `alternatives`, where the first name counts.
    `needs_number`: a row is about a parcel, so one without a number is a label that was never issued.
    """

    key: str
    name: str
    headings: Mapping[ImportField, tuple[str, ...]]
    carrier: str | None = None
    status_rule: StatusRule = StatusRule.FROM_DATE
    required: tuple[ImportField, ...] = (ImportField.SHIPMENT_ID, ImportField.TRACKING_NUMBERS)
    alternatives: tuple[ImportField, ...] = ()
    needs_number: bool = False
    without_heading: WithoutHeading | None = None


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


_F = ImportField

NATIVE = Format(
    key="native",
    name="標準形式",
    # The API's names are understood as well.
    headings={name: (*headings, name.value) for name, headings in NATIVE_HEADINGS.items()},
    status_rule=StatusRule.KEEP,
    required=(_F.SHIPMENT_ID,),
)

BUILT_IN: tuple[Format, ...] = (
    NATIVE,
    Format(
        key="bcart",
        name="Bカート出荷実績",
        headings={
            **{name: headings[:1] for name, headings in NATIVE_HEADINGS.items()},
            _F.SHIPMENT_ID: ("Bカート発送ID",),
        },
        status_rule=StatusRule.KEEP,
        required=(_F.SHIPMENT_ID,),
    ),
    Format(
        key="yamato_b2cloud",
        name="ヤマトB2クラウド",
        carrier="yamato",
        needs_number=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理番号", *(f"検索キー{n}" for n in range(1, 6))),
            _F.TRACKING_NUMBERS: ("伝票番号",),
            _F.SHIPPED_ON: ("出荷予定日",),
        },
        # 95 columns, 98 in some versions; the search keys stand behind their titles.
        without_heading=WithoutHeading(range(90, 111), keys=(1, 76, 78, 80, 82, 84), number=4, shipped_on=5),
    ),
    Format(
        key="sagawa_ehiden3",
        name="佐川e飛伝III",
        carrier="sagawa",
        needs_number=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理番号",),
            _F.TRACKING_NUMBERS: ("お問い合せ送り状No", "お問合せ送り状No", "お問い合わせ送り状No"),
            _F.SHIPPED_ON: ("出荷日",),
        },
        without_heading=WithoutHeading(range(74, 75), keys=(10,), number=62, shipped_on=61),
    ),
    Format(
        key="sagawa_ehiden2",
        name="佐川e飛伝II",
        carrier="sagawa",
        needs_number=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理ナンバー", "お客様管理NO"),
            _F.TRACKING_NUMBERS: ("お問い合せ送り状No", "お問合せ送り状No", "お問い合わせ送り状No"),
            _F.SHIPPED_ON: ("出荷日",),
        },
    ),
    Format(
        key="yupack_print_r",
        name="ゆうパックプリントR",
        carrier="japan_post",
        needs_number=True,
        headings={
            _F.SHIPMENT_ID: ("お客様側管理番号",),
            _F.TRACKING_NUMBERS: ("お問い合わせ番号", "お問合せ番号"),
            _F.SHIPPED_ON: ("仮引受確定作業年月日", "発送予定日"),
            _F.DELIVERED_ON: ("配送完了作業年月日",),
        },
        alternatives=(_F.SHIPPED_ON,),
    ),
    Format(
        key="seino_kangaroo_magic2",
        name="西濃カンガルーマジック2",
        carrier="seino",
        needs_number=True,
        headings={
            _F.SHIPMENT_ID: ("管理番号",),
            _F.TRACKING_NUMBERS: ("お問合せ番号", "お問い合わせ番号", "お問い合せ番号"),
            _F.SHIPPED_ON: ("出荷予定日",),
        },
    ),
)


def own_format(mapping: ImportMapping) -> Format:
    """A layout from the settings, recognised where a file has every column of it."""
    return Format(
        key=mapping.name,
        name=mapping.name,
        carrier=mapping.carrier,
        headings={name: (heading,) for name, heading in mapping.columns.items()},
        status_rule=mapping.status_rule,
        required=tuple(mapping.columns),
    )


def recognise(sample: Sequence[Sequence[str]], own: Iterable[ImportMapping], wanted: str | None = None) -> Layout:
    """The layout of the file that begins with the rows of `sample`; `wanted` is the key of the only format to consider.

    The shop's own layouts come before the built-in ones. Raises FileProblemError where no format or several fit.
    """
    groups = [tuple(own_format(mapping) for mapping in own), BUILT_IN]
    if wanted is not None:
        groups = [tuple(known for group in groups for known in group if known.key == wanted)]
        if not groups[0]:
            raise FileProblemError(f"指定された取込形式「{wanted}」はありません")
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
    columns = {_F.SHIPMENT_ID: key, _F.TRACKING_NUMBERS: places.number - 1, _F.SHIPPED_ON: places.shipped_on - 1}
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
