"""ヤマト B2クラウド: 外部データ取り込み基本レイアウト.

The order of the 95 columns is the carrier's "送り状発行データレイアウト 入出力用"
(https://bmypage.kuronekoyamato.co.jp/bmypage/pdf/new_exchange1.pdf) as quoted by yamato_b2_cloud (GitHub, labocho) and
by paperzz.com/doc/5980562; so are the time slots. In full-width characters, 住所 holds 32, アパートマンション 16,
会社・部門 25, 名 16 and 品名 25. Within 住所, B2 allows 16 of them for 町・番地; that is left to B2 to complain about.
"""

from shukka.domain.labels.fitting import fit, shortened
from shukka.domain.labels.layout import Cells, LabelLayout, address, shorter, time_slot
from shukka.domain.labels.parcel import MORNING, LabelParty, Notes, Parcel
from shukka.domain.settings import LabelSettings
from shukka.domain.text.cp932 import width

_SLOTS = {MORNING: "0812", "14-16": "1416", "16-18": "1618", "18-20": "1820", "19-21": "1921"}
_PREPAID, _COLLECT = "0", "2"
_NOT_COOLED = "0"
_ADDRESS, _COMPANY, _NAME, _CONTENTS = (64, 32), 50, 32, 50

_COLUMNS = """
お客様管理番号 送り状種類 クール区分 伝票番号 出荷予定日 お届け予定日 配達時間帯 お届け先コード
お届け先電話番号 お届け先電話番号枝番 お届け先郵便番号 お届け先住所 お届け先アパートマンション名
お届け先会社・部門１ お届け先会社・部門２ お届け先名 お届け先名(ｶﾅ) 敬称 ご依頼主コード ご依頼主電話番号
ご依頼主電話番号枝番 ご依頼主郵便番号 ご依頼主住所 ご依頼主アパートマンション ご依頼主名 ご依頼主名(ｶﾅ)
品名コード１ 品名１ 品名コード２ 品名２ 荷扱い１ 荷扱い２ 記事 ｺﾚｸﾄ代金引換額（税込) 内消費税額等 止置き
営業所コード 発行枚数 個数口表示フラグ 請求先顧客コード 請求先分類コード 運賃管理番号
クロネコwebコレクトデータ登録 クロネコwebコレクト加盟店番号 クロネコwebコレクト申込受付番号１
クロネコwebコレクト申込受付番号２ クロネコwebコレクト申込受付番号３ お届け予定ｅメール利用区分
お届け予定ｅメールアドレス 入力機種 お届け予定ｅメールメッセージ お届け完了ｅメール利用区分
お届け完了ｅメールアドレス お届け完了ｅメールメッセージ 収納代行利用区分 収納代行予備 収納代行請求金額(税込)
収納代行内消費税額等 収納代行請求先郵便番号 収納代行請求先住所 収納代行請求先アパートマンション名
収納代行請求先会社・部門名１ 収納代行請求先会社・部門名２ 収納代行請求先名(漢字) 収納代行請求先名(カナ)
収納代行問合せ先名(漢字) 収納代行問合せ先郵便番号 収納代行問合せ先住所 収納代行問合せ先アパートマンション名
収納代行問合せ先電話番号 収納代行管理番号 収納代行品名 収納代行備考 複数口くくりキー 検索キータイトル１
検索キー１ 検索キータイトル２ 検索キー２ 検索キータイトル３ 検索キー３ 検索キータイトル４ 検索キー４
検索キータイトル５ 検索キー５ 予備１ 予備２ 投函予定メール利用区分 投函予定メールアドレス
投函予定メールメッセージ 投函完了メール(お届け先宛)利用区分 投函完了メール(お届け先宛)アドレス
投函完了メール(お届け先宛)メッセージ 投函完了メール(ご依頼主宛)利用区分 投函完了メール(ご依頼主宛)アドレス
投函完了メール(ご依頼主宛)メッセージ
"""


def _fill(parcel: Parcel, settings: LabelSettings, notes: Notes) -> Cells:
    recipient, collect = parcel.recipient, parcel.collect
    street, building = address(recipient, _ADDRESS, width, notes)
    contents = fit((parcel.contents,), (_CONTENTS, _CONTENTS), width)
    first, second = contents or (shortened(parcel.contents, _CONTENTS, width), "")
    return {
        1: parcel.key,
        2: _COLLECT if collect else _PREPAID,
        3: _NOT_COOLED,
        5: f"{parcel.ship_on:%Y/%m/%d}",
        6: f"{parcel.requested_date:%Y/%m/%d}" if parcel.requested_date else "",
        7: time_slot(parcel, _SLOTS, notes),
        9: recipient.phone,
        11: recipient.postal_code,
        12: street,
        13: building,
        **_names(recipient, notes),
        28: first,
        30: second,
        34: str(collect.amount) if collect else "",
        35: str(collect.tax) if collect else "",
        38: "1",
        40: settings.yamato_billing_code or "",
        41: settings.yamato_billing_class or "",
        42: settings.yamato_freight_number or "",
    }


def _names(recipient: LabelParty, notes: Notes) -> Cells:
    """A person is 様. Where there is none, the company itself is who gets the parcel, 御中."""
    if recipient.name or width(recipient.company) > _NAME:
        return {
            14: shorter(recipient.company, _COMPANY, width, "会社名", notes),
            15: shorter(recipient.department, _COMPANY, width, "部署名", notes),
            16: shorter(recipient.name or "ご担当者", _NAME, width, "名前", notes),
            18: "様",
        }
    return {15: shorter(recipient.department, _COMPANY, width, "部署名", notes), 16: recipient.company, 18: "御中"}


def _send(sender: LabelParty, notes: Notes) -> Cells:
    street, building = address(sender, _ADDRESS, width, notes)
    return {
        20: sender.phone,
        22: sender.postal_code,
        23: street,
        24: building,
        25: shorter(sender.company, _NAME, width, "ご依頼主名", notes),
    }


B2CLOUD = LabelLayout(
    name="ヤマトB2クラウド",
    carrier="yamato",
    columns=tuple(_COLUMNS.split()),
    has_heading=False,
    key_size=20,
    fill=_fill,
    send=_send,
)
