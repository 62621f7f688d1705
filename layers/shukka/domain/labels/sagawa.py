"""佐川 e飛伝III: 標準レイアウト of 74 columns, with heading (標準_飛脚宅配便_CSV_ヘッダあり).

The columns are quoted alike by several public programs (GitHub and-period/furumaru for one, after
https://contents.raku-uru.jp/documents/manual/data/ordercsv/ehiden3.html); 10, 61 and 62 are also columns of
出荷履歴. 住所, 名称 and 品名 hold 16 characters a line (paperzz.com/doc/6185757, of e飛伝II), half-width ones counted
like full-width ones, which is the stricter reading. お客様管理番号 holds 16.
"""

from shukka.domain.labels.fitting import fit, shortened
from shukka.domain.labels.layout import Cells, LabelLayout, address, names, time_slot
from shukka.domain.labels.parcel import MORNING, LabelParty, Notes, Parcel
from shukka.domain.settings import LabelSettings

_SLOTS = {
    MORNING: "01",
    "12-14": "12",
    "14-16": "14",
    "16-18": "16",
    "18-20": "18",
    "18-21": "04",
    "19-21": "19",
}
_BOX, _PARCEL_SERVICE, _NOT_COOLED, _PREPAID = "001", "000", "001", "1"
_LINE = 16

_COLUMNS = """
お届け先コード取得区分 お届け先コード お届け先電話番号 お届け先郵便番号 お届け先住所１ お届け先住所２
お届け先住所３ お届け先名称１ お届け先名称２ お客様管理番号 お客様コード 部署ご担当者コード取得区分
部署ご担当者コード 部署ご担当者名称 荷送人電話番号 ご依頼主コード取得区分 ご依頼主コード ご依頼主電話番号
ご依頼主郵便番号 ご依頼主住所１ ご依頼主住所２ ご依頼主名称１ ご依頼主名称２ 荷姿 品名１ 品名２ 品名３ 品名４
品名５ 荷札荷姿 荷札品名１ 荷札品名２ 荷札品名３ 荷札品名４ 荷札品名５ 荷札品名６ 荷札品名７ 荷札品名８
荷札品名９ 荷札品名１０ 荷札品名１１ 出荷個数 スピード指定 クール便指定 配達日 配達指定時間帯
配達指定時間（時分） 代引金額 消費税 決済種別 保険金額 指定シール１ 指定シール２ 指定シール３ 営業所受取
SRC区分 営業所受取営業所コード 元着区分 メールアドレス ご不在時連絡先 出荷日 お問い合せ送り状No.
出荷場印字区分 集約解除指定 編集０１ 編集０２ 編集０３ 編集０４ 編集０５ 編集０６ 編集０７ 編集０８ 編集０９
編集１０
"""


def _fill(parcel: Parcel, settings: LabelSettings, notes: Notes) -> Cells:
    recipient, collect = parcel.recipient, parcel.collect
    lines = address(recipient, (_LINE,) * 3, len, notes)
    contents = fit((parcel.contents,), (_LINE,) * 5, len) or [shortened(parcel.contents, _LINE, len)]
    return {
        3: recipient.phone,
        4: recipient.postal_code,
        **dict(enumerate(lines, start=5)),
        **dict(enumerate(names(recipient, (_LINE,) * 2, len, notes), start=8)),
        10: parcel.key,
        11: settings.sagawa_customer_code or "",
        24: _BOX,
        **dict(enumerate(contents, start=25)),
        42: "1",
        43: _PARCEL_SERVICE,
        44: _NOT_COOLED,
        45: f"{parcel.requested_date:%Y/%m/%d}" if parcel.requested_date else "",
        46: time_slot(parcel, _SLOTS, notes),
        48: str(collect.amount) if collect else "",
        49: str(collect.tax) if collect else "",
        58: _PREPAID,
        61: f"{parcel.ship_on:%Y/%m/%d}",
    }


def _send(sender: LabelParty, notes: Notes) -> Cells:
    return {
        18: sender.phone,
        19: sender.postal_code,
        **dict(enumerate(address(sender, (_LINE,) * 2, len, notes), start=20)),
        **dict(enumerate(names(sender, (_LINE,) * 2, len, notes), start=22)),
    }


EHIDEN3 = LabelLayout(
    name="佐川e飛伝III",
    carrier="sagawa",
    columns=tuple(_COLUMNS.split()),
    has_heading=True,
    key_size=16,
    fill=_fill,
    send=_send,
)
