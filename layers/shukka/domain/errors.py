"""What can be wrong with a wish, named for what is wrong. Entrances map these to their own words in one table each."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shukka.domain.order import Order
    from shukka.domain.stock import StockLevel


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


class VersionConflictError(ShukkaError):
    """The order changed after the caller read it. `current` is what it is now, where it is known."""

    def __init__(self, number: str, current: "Order | None" = None) -> None:
        super().__init__(f"受注 {number} は他の操作で更新されています。最新の内容を確認してからやり直してください")
        self.number = number
        self.current = current


class Rule(StrEnum):
    """A rule of the order desk, by the stable key that a client branches on; `meaning` is the same for every breach."""

    BROKEN = "rule"
    UNKNOWN_STATUS = "unknown-status"
    UNKNOWN_PAYMENT_METHOD = "unknown-payment-method"
    UNKNOWN_CARRIER = "unknown-carrier"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Rule.BROKEN: "この内容は登録できません",
    Rule.UNKNOWN_STATUS: "設定にない対応状況です",
    Rule.UNKNOWN_PAYMENT_METHOD: "設定にない決済方法です",
    Rule.UNKNOWN_CARRIER: "設定にない配送業者です",
}


class RuleError(ShukkaError):
    """The request is well formed but breaks a rule of the order desk. `field` is the path of the offending input."""

    def __init__(self, message: str, field: str, rule: Rule = Rule.BROKEN) -> None:
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

    def __init__(self, sku: str, current: "StockLevel | None") -> None:
        super().__init__(f"品番 {sku} の在庫は他の操作で更新されています。最新の内容を確認してからやり直してください")
        self.sku = sku
        self.current = current


class StockBusyError(ShukkaError):
    """Others kept moving the same sku. Trying again later is right."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"品番 {sku} の在庫が立て続けに動いています。少し待ってからやり直してください")
