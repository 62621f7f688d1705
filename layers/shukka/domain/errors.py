"""What can be wrong with a request, named for what is wrong. Entrances map these to their own words in one table each.

ShukkaError
  NotFoundError
    OrderNotFoundError
    ShipmentNotFoundError
    ReturnNotFoundError
    MailTemplateNotFoundError
    StockNotFoundError
  VersionConflictError
  RuleError
  IdempotencyMismatchError
  SettingsConflictError
  OrderBusyError
  StockConflictError
  StockBusyError
"""

from enum import StrEnum


class ShukkaError(Exception):
    """Base of every error that a caller can act on. The message is Japanese: staff read it."""


class NotFoundError(ShukkaError):
    """What was asked for does not exist, or is not the caller's to see."""


class OrderNotFoundError(NotFoundError):
    def __init__(self, number: str) -> None:
        super().__init__(f"受注番号 {number} は見つかりません")
        self.number = number


class ShipmentNotFoundError(NotFoundError):
    def __init__(self, shipment_id: str) -> None:
        super().__init__(f"発送ID {shipment_id} は見つかりません")
        self.shipment_id = shipment_id


class ReturnNotFoundError(NotFoundError):
    def __init__(self, order_number: str, n: int) -> None:
        super().__init__(f"受注 {order_number} に返品 {n} はありません")


class VersionConflictError(ShukkaError):
    """The order changed after the caller read it. `current` is what it is now, where it is known."""

    def __init__(self, number: str, current: object | None = None) -> None:
        super().__init__(f"受注 {number} は他の操作で更新されています。最新の内容を確認してからやり直してください")
        self.number = number
        self.current = current


class Rule(StrEnum):
    """A rule of the order desk, by the stable key that a client branches on; `meaning` is the same for every breach."""

    # Orders
    UNKNOWN_STATUS = "unknown-status"
    UNKNOWN_PAYMENT_METHOD = "unknown-payment-method"
    UNKNOWN_LINE = "unknown-line"
    REPEATED_LINE = "repeated-line"
    SHIPPED_QUANTITY = "shipped-quantity"
    DISCOUNT_TOO_LARGE = "discount-too-large"
    TOO_LARGE = "too-large"
    UNUSABLE_ID = "unusable-id"

    # Shipments
    UNKNOWN_CARRIER = "unknown-carrier"
    IMPOSSIBLE_TRACKING_NUMBER = "impossible-tracking-number"
    UNKNOWN_SHIPMENT = "unknown-shipment"
    EMPTY_SHIPMENT = "empty-shipment"
    NUMBERED_SHIPMENT = "numbered-shipment"
    ALLOCATION_MISMATCH = "allocation-mismatch"
    TOO_MANY_SHIPMENTS = "too-many-shipments"

    # Lists
    REVERSED_PERIOD = "reversed-period"
    CONFLICTING_FILTERS = "conflicting-filters"

    # Exports
    UNKNOWN_COLUMN = "unknown-column"
    REPEATED_COLUMN = "repeated-column"
    LABEL_OPTIONS = "label-options"
    INCOMPLETE_SENDER = "incomplete-sender"

    # Mails
    TEMPLATE_REQUIRED = "template-required"
    UNKNOWN_TEMPLATE = "unknown-template"
    OPENING_UNUSED = "opening-unused"
    OPENING_REQUIRED = "opening-required"
    NOT_RESENDABLE = "not-resendable"
    RESENT_AS_IT_WAS = "resent-as-it-was"
    NOT_ABOUT_A_SHIPMENT = "not-about-a-shipment"
    SHIPMENT_REQUIRED = "shipment-required"
    UNADDRESSED_MAIL = "unaddressed-mail"
    DOUBTFUL_MAIL = "doubtful-mail"
    UNUSABLE_TEMPLATE = "unusable-template"
    RESERVED_TEMPLATE_KEY = "reserved-template-key"
    TEMPLATE_LABEL_REQUIRED = "template-label-required"
    TOO_MANY_TEMPLATES = "too-many-templates"

    # Settings
    INDISPENSABLE_STATUS = "indispensable-status"
    NO_PAYMENT_METHOD = "no-payment-method"
    REPEATED_KEY = "repeated-key"

    # Stock files
    UNREADABLE_STOCK_FILE = "unreadable-stock-file"
    TOO_MANY_ROWS = "too-many-rows"
    RETIRED_OPTION = "retired-option"
    TOO_MANY_METADATA = "too-many-metadata"
    STOCK_HIDDEN = "stock-hidden"
    AMOUNT_TOO_LARGE = "amount-too-large"
    NEGATIVE_TOTAL = "negative-total"
    NOT_GOODS = "not-goods"
    RETURNED_QUANTITY = "returned-quantity"
    RETURN_DATE = "return-date"
    TOO_MANY_RETURNS = "too-many-returns"
    RETURN_VOIDED = "return-voided"
    RETURNED_GOODS = "returned-goods"
    SHIPMENT_HAS_LEFT = "shipment-has-left"
    AMBIGUOUS_ALIAS = "ambiguous-alias"
    TOO_MANY_CONDITIONS = "too-many-conditions"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Rule.UNKNOWN_STATUS: "設定にない対応状況です",
    Rule.UNKNOWN_PAYMENT_METHOD: "設定にない決済方法です",
    Rule.UNKNOWN_LINE: "この受注にない明細です",
    Rule.REPEATED_LINE: "同じ明細が2回指定されています",
    Rule.SHIPPED_QUANTITY: "発送済みの数量より少なくすることはできません",
    Rule.DISCOUNT_TOO_LARGE: "値引きとポイントの合計が請求額を超えています",
    Rule.TOO_LARGE: "一度に保存できる大きさを超えています",
    Rule.UNUSABLE_ID: "品番や会員IDに使えない文字があります",
    Rule.UNKNOWN_CARRIER: "設定にない配送業者です",
    Rule.IMPOSSIBLE_TRACKING_NUMBER: "配送業者の送り状番号ではありません",
    Rule.UNKNOWN_SHIPMENT: "この受注で指定できない発送です",
    Rule.EMPTY_SHIPMENT: "商品のない発送は作れません",
    Rule.NUMBERED_SHIPMENT: "送り状番号のある発送はなくせません",
    Rule.ALLOCATION_MISMATCH: "商品の数量と発送の合計が合いません",
    Rule.TOO_MANY_SHIPMENTS: "1つの受注の発送が多すぎます",
    Rule.REVERSED_PERIOD: "期間の終わりが始まりより前です",
    Rule.CONFLICTING_FILTERS: "同時に指定できない条件です",
    Rule.UNKNOWN_COLUMN: "書き出せない列です",
    Rule.REPEATED_COLUMN: "同じ列が2回指定されています",
    Rule.LABEL_OPTIONS: "書き出しの種類と設定が合いません",
    Rule.INCOMPLETE_SENDER: "店舗情報が送り状の差出人として足りません",
    Rule.TEMPLATE_REQUIRED: "メールの種類が指定されていません",
    Rule.UNKNOWN_TEMPLATE: "このメールテンプレートはありません",
    Rule.OPENING_UNUSED: "このメールには文面を差し込めません",
    Rule.OPENING_REQUIRED: "お伝えする内容がありません",
    Rule.NOT_RESENDABLE: "再送できるメールではありません",
    Rule.RESENT_AS_IT_WAS: "再送では内容を変えられません",
    Rule.NOT_ABOUT_A_SHIPMENT: "発送ごとのメールではありません",
    Rule.SHIPMENT_REQUIRED: "どの発送のメールか指定されていません",
    Rule.UNADDRESSED_MAIL: "このメールは送れません",
    Rule.DOUBTFUL_MAIL: "送ってよいか確認が必要なメールです",
    Rule.UNUSABLE_TEMPLATE: "このテンプレートではメールを作れません",
    Rule.RESERVED_TEMPLATE_KEY: "使えないテンプレートのキーです",
    Rule.TEMPLATE_LABEL_REQUIRED: "テンプレートの名前がありません",
    Rule.TOO_MANY_TEMPLATES: "独自のテンプレートが多すぎます",
    Rule.INDISPENSABLE_STATUS: "削除できない対応状況です",
    Rule.NO_PAYMENT_METHOD: "決済方法がひとつもありません",
    Rule.REPEATED_KEY: "キーが重複しています",
    Rule.UNREADABLE_STOCK_FILE: "在庫のファイルとして読めません",
    Rule.TOO_MANY_ROWS: "ファイルの行が多すぎます",
    Rule.RETIRED_OPTION: "使用を終了した項目は新たに選べません",
    Rule.TOO_MANY_METADATA: "追加情報の項目が多すぎます",
    Rule.STOCK_HIDDEN: "在庫は公開されていません",
    Rule.AMOUNT_TOO_LARGE: "金額が上限を超えています",
    Rule.NEGATIVE_TOTAL: "合計金額がマイナスになります",
    Rule.NOT_GOODS: "金額だけの明細は発送できません",
    Rule.RETURNED_QUANTITY: "返品できる数量を超えています",
    Rule.RETURN_DATE: "返品日として使えない日付です",
    Rule.TOO_MANY_RETURNS: "1つの受注の返品が多すぎます",
    Rule.RETURN_VOIDED: "すでに取り消された返品です",
    Rule.RETURNED_GOODS: "返品された商品の発送は取り消せません",
    Rule.SHIPMENT_HAS_LEFT: "発送済みの出荷の内容は変えられません",
    Rule.AMBIGUOUS_ALIAS: "別名が、ほかの配送業者の名前か別名と同じです",
    Rule.TOO_MANY_CONDITIONS: "一度に絞り込める条件の数を超えています",
}


class RuleError(ShukkaError):
    """The request is well formed but breaks a rule of the order desk. `field` is the path of the offending input."""

    def __init__(self, message: str, field: str, rule: Rule) -> None:
        super().__init__(message)
        self.field = field
        self.rule = rule


class IdempotencyMismatchError(ShukkaError):
    """The key was used before, with another body."""

    def __init__(self) -> None:
        super().__init__("同じ Idempotency-Key が別の内容で使われています")


class SettingsConflictError(ShukkaError):
    """The settings section changed after the caller read it."""

    def __init__(self, section: str) -> None:
        super().__init__(f"設定 {section} は他の操作で更新されています。最新の内容を確認してからやり直してください")
        self.section = section


class OrderBusyError(ShukkaError):
    """Others kept changing the order. Trying again later is right."""

    def __init__(self, number: str) -> None:
        super().__init__(f"受注 {number} が立て続けに更新されています。少し待ってからやり直してください")


class MailTemplateNotFoundError(NotFoundError):
    def __init__(self, key: str) -> None:
        super().__init__(f"メールテンプレート {key} は見つかりません")


class StockNotFoundError(NotFoundError):
    def __init__(self, sku: str) -> None:
        super().__init__(f"品番 {sku} の在庫は登録されていません")


class StockConflictError(ShukkaError):
    """The level moved after the caller read it. `current` is what it is now, None where there is none."""

    def __init__(self, sku: str, current: object | None) -> None:
        super().__init__(f"品番 {sku} の在庫は他の操作で更新されています。最新の内容を確認してからやり直してください")
        self.sku = sku
        self.current = current


class StockBusyError(ShukkaError):
    """Others kept moving the same sku. Trying again later is right."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"品番 {sku} の在庫が立て続けに動いています。少し待ってからやり直してください")
