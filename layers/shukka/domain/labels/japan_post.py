"""ゆうパックプリントR: 発送予定データ of 117 columns, with heading.

The software reads a file through a 取込フィルタ that the shop registers once, column for column. Columns and bytes are
those of "発送予定データ入出力項目レイアウト" (paperzz.com/doc/5322404), quoted alike by EC-CUBE's plugin ExpressLink
and by others; a version with one more column (倉庫数, behind the 71st) has been seen too. The codes of time slots are
those of Japan Post's manual of ゆうプリクラウド, which no longer has 20-21時 (56).
"""

from shukka.domain.labels.fitting import shortened
from shukka.domain.labels.layout import Cells, LabelLayout, address, names, time_slot
from shukka.domain.labels.parcel import MORNING, LabelParty, Notes, Parcel
from shukka.domain.settings import LabelSettings
from shukka.domain.text.cp932 import width

_SLOTS = {MORNING: "51", "12-14": "52", "14-16": "53", "16-18": "54", "18-20": "55", "19-21": "57"}
_NO_SLOT = "00"
_YU_PACK, _NOT_COOLED, _PREPAID, _COLLECT = "0", "0", "0", "2"
_ADDRESS, _NAMES, _CONTENTS = (50, 50, 50), (50, 50), 50


# _ stands for the space in お届け先 住所１ and its like.
_COLUMNS = """
お客様側管理番号 発送予定日 発送予定時間区分 出荷期限日 到着期限日 郵便種別 保冷種別 元／着払／代引
書留／セキュリティ／特定記録種別 配達時間帯指定郵便種別 送り状種別 お届け先_コード お届け先_郵便番号
お届け先_住所１ お届け先_住所２ お届け先_住所３ お届け先_名称１ お届け先_名称２ お届け先_敬称区分
お届け先_電話番号 お届け先_メールアドレス１ お届け先_局留め区分 お届け先_局留め郵便局名
お届け先_局留めメール使用区分 お届け先_局留め郵便番号 お届け先_配達予告メール使用区分
お届け先_再配達予告メール使用区分 ご依頼主_コード ご依頼主_集荷先と同一区分 ご依頼主_郵便番号 ご依頼主_住所１
ご依頼主_住所２ ご依頼主_住所３ ご依頼主_名称１ ご依頼主_名称２ ご依頼主_敬称 ご依頼主_電話番号
ご依頼主_メールアドレス１ ご依頼主_荷送人指図区分 ご依頼主_お届け通知メール使用区分
ご依頼主_お届け通知はがき使用区分 集荷先_コード 集荷先_連携可否区分 集荷先_会社コード 集荷先_依頼先店所コード
集荷先_郵便番号 集荷先_住所１ 集荷先_住所２ 集荷先_住所３ 集荷先_名称１ 集荷先_名称２ 集荷先_敬称
集荷先_電話番号 受注番号 こわれもの区分 なまもの区分 ビン類区分 逆さま厳禁区分 下積み厳禁区分 商品サイズ区分
重量合計（ｇ） 25kg超重量物区分 損害要償額 速達・配達日指定種別 配達指定日／希望日 配達時間帯区分 差出方法区分
ゆうパック複数個割引 ゆうパック同一割引 セット商品コード セット品名ラベル印字区分 複数個口数 記事名１ 記事名２
フリー項目０１ フリー項目０２ フリー項目０３ フリー項目０４ フリー項目０５ フリー項目０６ フリー項目０７
フリー項目０８ フリー項目０９ フリー項目１０ 空港利用区分 空港・局／支店名 航空会社名 利用便名 レジャー区分
プレー・搭乗日 プレー・搭乗時間 クラブ本数 復路集貨日 出荷先登録名 集荷希望区分 集荷日付 集荷時間帯区分
支店連携先選択用名称 代引金額 代引消費税金額 送り状発行年月日 商品番号 品名 個数 重量（ｇ） 単価 金額
商品備考０１ 商品備考０２ 商品備考０３ 商品備考０４ 商品備考０５ 商品備考０６ 商品備考０７ 商品備考０８
商品備考０９ 商品備考１０
"""


def _fill(parcel: Parcel, settings: LabelSettings, notes: Notes) -> Cells:
    recipient, collect = parcel.recipient, parcel.collect
    return {
        1: parcel.key,
        2: f"{parcel.ship_on:%Y%m%d}",
        6: _YU_PACK,
        7: _NOT_COOLED,
        8: _COLLECT if collect else _PREPAID,
        11: settings.japan_post_label_type or "",
        13: recipient.postal_code,
        **dict(enumerate(address(recipient, _ADDRESS, width, notes), start=14)),
        **dict(enumerate(names(recipient, _NAMES, width, notes), start=17)),
        19: "0",
        20: recipient.phone,
        54: parcel.order_number,
        65: f"{parcel.requested_date:%Y%m%d}" if parcel.requested_date else "",
        66: time_slot(parcel, _SLOTS, notes) or _NO_SLOT,
        72: "1",
        99: str(collect.amount) if collect else "",
        100: str(collect.tax) if collect else "",
        103: shortened(parcel.contents, _CONTENTS, width),
        104: "1",
    }


def _send(sender: LabelParty, notes: Notes) -> Cells:
    return {
        30: sender.postal_code,
        **dict(enumerate(address(sender, _ADDRESS, width, notes), start=31)),
        **dict(enumerate(names(sender, _NAMES, width, notes), start=34)),
        37: sender.phone,
    }


PRINT_R = LabelLayout(
    name="ゆうパックプリントR",
    carrier="japan_post",
    columns=tuple(column.replace("_", " ") for column in _COLUMNS.split()),
    has_heading=True,
    key_size=15,
    fill=_fill,
    send=_send,
)
