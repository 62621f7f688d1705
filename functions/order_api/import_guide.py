"""標準形式の項目説明: what a shipping desk has to know of the CSV that it drops, as a page to read or to print."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from typing import NamedTuple

from shukka.domain.imports.formats import BUILT_IN, NATIVE, Format
from shukka.domain.imports.job import MAX_BYTES
from shukka.domain.imports.mapping import NOT_CLEARABLE, ImportField
from shukka.domain.imports.native import NATIVE_HEADINGS
from shukka.domain.settings import BUILT_IN_STATUSES
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS
from shukka.domain.shipping.shipment import MAX_PARCELS, ShippingStatus
from shukka.domain.shipping.tracking import MAX_DIGITS, MIN_DIGITS

TEMPLATE_FILENAME = "shukka-shipments.csv"


class Explained(NamedTuple):
    """What a column takes, in Japanese, and a cell that it does take."""

    text: str
    example: str


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)


_DATE = (
    "2026/1/5、2026-01-05、20260105、2026年1月5日、R8.1.5、5-Jan-2026 のいずれか。"
    "後ろの曜日（日付と合うもの）と時刻は付いていてもかまいません。"
)

EXPLAINED: Mapping[ImportField, Explained] = {
    ImportField.SHIPMENT_ID: Explained(
        "必須です。受注番号と発送の番号をハイフンでつないだものです。後ろに -F などの文字が付いていても読めます。",
        "100123-1",
    ),
    ImportField.TRACKING_NUMBERS: Explained(
        f"半角英数字{MIN_DIGITS}～{MAX_DIGITS}文字。ハイフン、空白、全角でも読めます。複数個口は「,」で区切るか、"
        f"同じ発送IDの行を並べます（{MAX_PARCELS}個まで）。登録済みの番号のうち、ファイルにないものは外れます。"
        "指数表記（4.44E+11）になった番号や、その配送業者にない番号は受け付けません。先頭の0が消えた番号など疑わしい番号は"
        "登録し、お客様への発送のお知らせは、確認か訂正が済むまで送りません。",
        "3915-0000-0010",
    ),
    ImportField.CARRIER: Explained(
        "設定にある配送業者の名前です。"
        f"はじめは {_listed(carrier.name for carrier in DEFAULT_CARRIERS)} が登録されています。"
        f"「{_listed(DEFAULT_CARRIERS[0].usual_names[:2])}」などの呼び名でも読め、設定の別名（aliases）で増やせます。",
        DEFAULT_CARRIERS[0].name,
    ),
    ImportField.STATUS: Explained(
        f"{_listed(status.label for status in ShippingStatus)} のいずれか。"
        f"{ShippingStatus.SHIPPED.label}にすると、発送日が空なら取り込んだ日が入り、発送のお知らせが送られます。",
        ShippingStatus.SHIPPED.label,
    ),
    ImportField.SHIPPED_ON: Explained(_DATE, "2026/11/25"),
    ImportField.DELIVERED_ON: Explained(f"お届けが済んだ日です。{_DATE}", "2026-11-26"),
    ImportField.REQUESTED_DATE: Explained(f"お客様が希望した配送日です。{_DATE}", "20261127"),
    ImportField.TIME_SLOT: Explained("お客様が希望した時間帯です。", "14-16"),
    ImportField.EXTERNAL_SHIPMENT_CODE: Explained(
        "倉庫など、ほかのシステムでの番号です。発送IDと受注番号の列がないファイルでは、この番号の発送に反映します。",
        "WMS-000123",
    ),
    ImportField.MEMO: Explained("社内用です。お客様には見えません。", "冷蔵2箱"),
    ImportField.MESSAGE_TO_MEMBER: Explained(
        "受注全体のものです。お客様の購入履歴と発送のお知らせに表示されます。", "2箱口でお届けします"
    ),
    ImportField.HANDLING_STATUS: Explained(
        "受注全体のものです。設定にある対応状況の名前です。"
        f"はじめは {_listed(status.label for status in BUILT_IN_STATUSES)} が登録されています。",
        BUILT_IN_STATUSES[0].label,
    ),
    ImportField.ORDER_NUMBER: Explained(
        "発送IDの代わりに使えます。未発送の発送が1件だけの受注に限ります。発送IDもあるときは、食い違う行を受け付けません。",
        "100123",
    ),
}

_RULES = (
    "1行が1つの発送です。必要なのは「発送ID」と、ほかに1列だけです。列の順番は自由で、知らない列は読み飛ばします。",
    "「発送ID」がなくても、「受注番号」か「出荷管理番号」と「送り状番号」の列があれば、あてはまる発送が1件のときに反映します。",
    (
        "区切りはカンマ、タブ、セミコロン、縦線「|」のどれでも、1行目の「sep=;」も読めます。"
        "見出しより上の題名などの行（10行まで）は読み飛ばします。"
    ),
    "空欄の項目は、今の値をそのまま残します。消したいときは半角のハイフン「-」だけを入れます。",
    (
        "文字コードは UTF-8 と Shift_JIS（Windows-31J）、改行は CRLF・LF・CR のどれでも読めます。"
        "Excelブック（xlsx）とzipは読めません。「CSV UTF-8（コンマ区切り）」で保存し直してください。"
    ),
    f"ファイルの大きさは {MAX_BYTES // 1_000_000} MB までです。",
    (
        "正しい行は反映し、誤りのある行だけを理由とともに結果ファイルに書きます。"
        "結果ファイルには元の列がそのまま残るので、直してもう一度取り込めます。"
    ),
    "同じファイルを何度取り込んでも、変わるところがなければ何も変わらず、メールも送られません。",
    "より新しいファイルや画面での変更と食い違う行は、反映せず「見送り」とします。",
    "キャンセルされた受注の行は受け付けません。",
)

_OPTIONS = (
    ("mode", "apply", "正しい行だけを反映します（指定がないとき）。"),
    ("mode", "strict", "1行でも誤りがあれば、どの行も反映しません。"),
    ("mode", "dry_run", "何も反映せず、結果だけを見ます。"),
    ("notify", "false", "お客様へのメールを送りません。"),
    (
        "format",
        _listed(known.key for known in BUILT_IN),
        "見分けられないファイルを、どの形式として読むかです。",
    ),
)


def template_csv() -> str:
    """The headings alone: an example row that is left standing would be somebody's shipment."""
    return "\ufeff" + ",".join(headings[0] for headings in NATIVE_HEADINGS.values()) + "\r\n"


@cache
def guide_page() -> str:
    """HTML that loads nothing from elsewhere; the template is linked beside it."""
    fields = [
        (*_headings(NATIVE, name), explained.text, explained.example, "" if name in NOT_CLEARABLE else "○")
        for name, explained in EXPLAINED.items()
    ]
    formats = [
        (
            known.name,
            *(_listed(_names(known, *names)) for names in _SHOWN),
            "読めます" if known.without_heading else "",
        )
        for known in BUILT_IN
        if known is not NATIVE
    ]
    return f"""<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>出荷実績CSVの項目説明</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>出荷実績CSVの項目説明</h1>
<p>発送が済んだら、送り状番号などを書いたCSVを取り込むだけで、受注に反映されます。</p>
<p><a href="imports/template.csv" download="{TEMPLATE_FILENAME}">標準形式の雛形（見出しだけのCSV）をダウンロード</a></p>
<h2>標準形式の項目</h2>
{_table(("見出し", "読める別の見出し", "内容", "例", "「-」で消せる"), fields)}
<h2>決まり</h2>
<ul>
{"".join(f"<li>{escape(rule)}</li>" for rule in _RULES)}
</ul>
<h2>そのまま取り込めるほかの形式</h2>
<p>配送会社のソフトが書き出したファイルは、手を加えずに取り込めます。名前ではなく中身で見分けます。
配送会社の形式では、発送日が今日以前なら発送済、先の日付なら発送指示になります。発送日のない行は番号だけを登録します。
お客様管理番号などには、発送IDのほか、受注番号（未発送の発送が1件だけのとき）や出荷管理番号が入っていても読めます。
クリックポストには番号の列がないため、お届け先の氏名と郵便番号（あるとき）にあてはまる未発送の発送が1件だけのときに
番号だけを登録し、発送済にはしません。</p>
{_table(("形式", "発送を見分ける列", "送り状番号を読む列", "発送日を読む列", "見出しのないファイル"), formats)}
<p>倉庫など自社の形式も、設定の「取込形式」（PUT /settings/imports）に列の対応を登録すると、そのまま読めます。
送り状番号のない行は、日付があっても発送済にしません（needs_number を false にすると、日付だけで発送済にします）。</p>
<h2>取り込むときの指定</h2>
<p>取り込みを申し込むとき（POST /imports）か、S3に置くときのメタデータ（x-amz-meta-…）で指定できます。</p>
{_table(("指定", "値", "意味"), _OPTIONS)}
</body>
</html>
"""


_SHOWN = (
    (ImportField.SHIPMENT_ID, ImportField.ORDER_NUMBER, ImportField.RECIPIENT, ImportField.POSTAL_CODE),
    (ImportField.TRACKING_NUMBERS,),
    (ImportField.SHIPPED_ON,),
)

_STYLE = """
body{font-family:"Hiragino Sans","Noto Sans JP","Yu Gothic",Meiryo,sans-serif;line-height:1.7;color:#222;
background:#fff;margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;break-after:avoid}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{border:1px solid #bbb;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#f2f4f6;white-space:nowrap}td:first-child{white-space:nowrap;font-weight:600}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none;font-size:9pt}a{color:inherit}}
"""


def _headings(known: Format, name: ImportField) -> tuple[str, str]:
    """The heading of a column, and the others by which it is known."""
    first, *others = known.headings.get(name, ("",))
    return first, _listed(others)


def _names(known: Format, *fields: ImportField) -> Iterable[str]:
    return (heading for name in fields for heading in known.headings.get(name, ()))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
