"""出荷実績ファイルの形式: the files of carriers' software, of other systems and of this one, and their columns.

Layouts as their programs write them: ヤマト B2クラウド 発行済データ, 佐川 e飛伝II and e飛伝III, ゆうパックプリントR
発送履歴, クリックポスト 申込履歴, 西濃 カンガルーマジック2, 福山 iSTAR-2, ネクストエンジン 受注伝票, and Bカート
出荷実績.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shukka.domain.imports.mapping import ImportField, ImportMapping, StatusRule
from shukka.domain.imports.native import NATIVE_HEADINGS


@dataclass(frozen=True)
class WithoutHeading:
    """The columns, from 1, of a file without heading; the key may be in any of several.

    In a file of `other_widths`, every column must hold what belongs there, including the `typical` cells (patterns by
    column). `typical_always` requires these in the usual widths too.
    """

    widths: range
    keys: tuple[int, ...]
    number: int
    shipped_on: int
    delivered_on: int | None = None
    other_widths: range = range(0)
    typical: Mapping[int, str] = field(default_factory=dict)
    typical_always: bool = False
    day_may_be_blank: bool = False


@dataclass(frozen=True)
class Format:
    """A file has this format if it has the `required` columns, the `signs`, and at least two of the listed columns.

    `headings` are the names of each column. Several of them in one file are an error, with two exceptions: each row may
    have its shipment id under another name of the key, and of `alternatives` the first name counts. A file may have one
    of the `other_keys` instead of its key. `signs` are headings that only identify the format. `needs_number`: a row is
    about a parcel, so a row without a number is a label that was never issued. `key_is_free`: the shop decides what the
    key's column holds, so it may also be a 受注番号 or a 出荷管理番号.
    """

    key: str
    name: str
    headings: Mapping[ImportField, tuple[str, ...]]
    carrier: str | None = None
    status_rule: StatusRule = StatusRule.FROM_DATE
    required: tuple[ImportField, ...] = (ImportField.SHIPMENT_ID, ImportField.TRACKING_NUMBERS)
    other_keys: frozenset[ImportField] = frozenset()
    signs: tuple[str, ...] = ()
    alternatives: tuple[ImportField, ...] = ()
    needs_number: bool = False
    key_is_free: bool = False
    without_heading: WithoutHeading | None = None


_F = ImportField
# A day or a moment, or nothing yet.
_STAMP = "(?:[0-9]{8}(?:[0-9]{6})?)?"

NATIVE = Format(
    key="native",
    name="標準形式",
    # The names in the API are accepted too.
    headings={
        **{name: (*headings, name.value) for name, headings in NATIVE_HEADINGS.items()},
        _F.ORDER_NUMBER: ("受注番号", "order_number"),
    },
    status_rule=StatusRule.KEEP,
    required=(_F.SHIPMENT_ID,),
    other_keys=frozenset({_F.ORDER_NUMBER, _F.EXTERNAL_SHIPMENT_CODE}),
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
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理番号", *(f"検索キー{n}" for n in range(1, 6))),
            _F.TRACKING_NUMBERS: ("伝票番号",),
            _F.SHIPPED_ON: ("出荷予定日",),
        },
        # 95 columns, 98 in some versions; the search keys stand behind their titles.
        without_heading=WithoutHeading(
            range(90, 111),
            keys=(1, 76, 78, 80, 82, 84),
            number=4,
            shipped_on=5,
            # Columns at the end may be missing; 送り状種類 and クール区分 distinguish such a file from others.
            other_widths=range(5, 90),
            typical={2: "[0-9A]", 3: "[0-2]?"},
        ),
    ),
    Format(
        key="sagawa_ehiden3",
        name="佐川e飛伝III",
        carrier="sagawa",
        needs_number=True,
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理番号",),
            _F.TRACKING_NUMBERS: ("お問い合せ送り状No", "お問い合せ送り状", "問い合せNo"),
            _F.SHIPPED_ON: ("出荷日",),
        },
        without_heading=WithoutHeading(range(74, 75), keys=(10,), number=62, shipped_on=61),
    ),
    Format(
        key="sagawa_ehiden2",
        name="佐川e飛伝II",
        carrier="sagawa",
        needs_number=True,
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理ナンバー", "お客様管理NO"),
            _F.TRACKING_NUMBERS: ("お問い合せ送り状No", "お問い合せ送り状", "問い合せNo"),
            _F.SHIPPED_ON: ("出荷日",),
        },
    ),
    Format(
        key="yupack_print_r",
        name="ゆうパックプリントR",
        carrier="japan_post",
        needs_number=True,
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("お客様側管理番号",),
            _F.TRACKING_NUMBERS: ("お問い合わせ番号",),
            _F.SHIPPED_ON: ("仮引受確定作業年月日", "発送予定日"),
            _F.DELIVERED_ON: ("配送完了作業年月日",),
        },
        alternatives=(_F.SHIPPED_ON,),
        # 発送履歴 with the delivery's state, which distinguishes it from other files of six columns.
        without_heading=WithoutHeading(
            range(6, 7),
            keys=(1,),
            number=2,
            shipped_on=3,
            delivered_on=4,
            typical={3: _STAMP, 4: _STAMP, 5: "[0-9]{2}", 6: "[0-9A-Z]{2,4}"},
            typical_always=True,
            day_may_be_blank=True,
        ),
    ),
    Format(
        key="clickpost",
        name="クリックポスト",
        carrier="japan_post",
        needs_number=True,
        headings={
            _F.RECIPIENT: ("お届け先氏名",),
            _F.POSTAL_CODE: ("お届け先郵便番号",),
            _F.TRACKING_NUMBERS: ("お問い合わせ番号",),
        },
        # Written when the label is paid for, not when the parcel leaves.
        status_rule=StatusRule.KEEP,
        required=(_F.RECIPIENT, _F.TRACKING_NUMBERS),
        signs=("申込日時",),
    ),
    Format(
        key="seino_kangaroo_magic2",
        name="西濃カンガルーマジック2",
        carrier="seino",
        needs_number=True,
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("管理番号",),
            _F.TRACKING_NUMBERS: ("お問合せ番号", "送り状番号", "原票No", "原票番号"),
            _F.SHIPPED_ON: ("出荷日", "出荷予定日"),
        },
        alternatives=(_F.TRACKING_NUMBERS, _F.SHIPPED_ON),
    ),
    Format(
        key="fukuyama_istar2",
        name="福山iSTAR-2",
        carrier="fukuyama",
        needs_number=True,
        key_is_free=True,
        headings={
            _F.SHIPMENT_ID: ("お客様管理番号",),
            _F.TRACKING_NUMBERS: ("送り状番号",),
            _F.SHIPPED_ON: ("出荷日",),
        },
        signs=("登録日",),
    ),
    Format(
        key="next_engine",
        name="ネクストエンジン",
        needs_number=True,
        headings={
            _F.ORDER_NUMBER: ("受注番号",),
            _F.TRACKING_NUMBERS: ("発送伝票番号",),
            _F.CARRIER: ("発送方法",),
            _F.SHIPPED_ON: ("出荷確定日", "出荷日", "出荷予定日"),
        },
        required=(_F.ORDER_NUMBER, _F.TRACKING_NUMBERS),
        alternatives=(_F.SHIPPED_ON,),
    ),
)


def own_format(mapping: ImportMapping) -> Format:
    """The format of a layout in the settings; a file has it if it has all of its columns."""
    return Format(
        key=mapping.name,
        name=mapping.name,
        carrier=mapping.carrier,
        headings={name: (heading,) for name, heading in mapping.columns.items()},
        status_rule=mapping.status_rule,
        needs_number=mapping.needs_number and mapping.status_follows_from_date,
        required=tuple(mapping.columns),
    )
