"""出荷実績ファイルの形式: what carriers' software, other shops and this one write, and where things stand in it.

Layouts as they are written: ヤマト B2クラウド 発行済データ, 佐川 e飛伝II and e飛伝III, ゆうパックプリントR 発送履歴,
西濃 カンガルーマジック2, and Bカート 出荷実績.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shukka.domain.import_mapping import ImportField, ImportMapping, StatusRule
from shukka.domain.native_format import NATIVE_HEADINGS


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
