"""各種設定: what the shop decides. Every section has working defaults, so a shop that sets nothing can take orders."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shukka.domain.imports.mapping import ImportSettings
from shukka.domain.order.order import CANCELLED, COMPLETED, NEW, ON_HOLD, PROCESSING
from shukka.domain.order.totals import TaxRule
from shukka.domain.shipping.carrier import DEFAULT_CARRIERS, Carrier
from shukka.domain.stock.display import StorefrontSettings
from shukka.domain.text.options import Option, OptionKind, check_offered
from shukka.domain.text.values import Email, Flag, Key, Label, Name, Note, Value, Yen


def _registration_number(number: str) -> str:
    if not re.fullmatch("T[0-9]{13}", number):
        raise PydanticCustomError("registration_number", "登録番号は T と半角数字13桁で指定してください")
    return number


def _has_check_digit(number: str) -> bool:
    """Whether T + 13 digits has a corporation's check digit (法人番号): the first digit is 9 − Σ P·Q mod 9."""
    digits = [int(digit) for digit in number[1:]]
    weighted = sum(digit * (1 if n % 2 else 2) for n, digit in enumerate(reversed(digits[1:]), start=1))
    return digits[0] == 9 - weighted % 9


_DOUBTFUL_NUMBER = (
    "登録番号の検査数字が合いません。法人の場合は番号に誤りがあります。国税庁の公表サイトで確認してください"
    "（個人事業者の番号は検査数字が合わないことがあります）"
)


class ShopProfile(Value):
    """The issuer of documents and mails. `registration_number` is 適格請求書発行事業者の登録番号, T + 13 digits."""

    name: Name = "（店舗名未設定）"
    postal_code: Label = ""
    address: Label = ""
    building: Label = ""
    phone: Label = ""
    email: Email | None = None
    registration_number: Annotated[str, AfterValidator(_registration_number)] | None = None
    bank_account: Note = ""
    default_carrier: Key | None = "yamato"

    @property
    def concerns(self) -> tuple[str, ...]:
        """What the shop should look at, in Japanese. Nothing here is a reason to refuse the profile.

        Whether sole traders' numbers have a corporation's check digit is not published.
        """
        if self.registration_number is None or _has_check_digit(self.registration_number):
            return ()
        return (_DOUBTFUL_NUMBER,)


class HandlingStatus(Option):
    """対応状況. `color` is for screens, as #rrggbb."""

    label: Name
    color: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#666666"

    @property
    def title(self) -> str:
        return self.label


BUILT_IN_STATUSES: tuple[HandlingStatus, ...] = (
    HandlingStatus(key=NEW, label="新規注文", color="#d9480f"),
    HandlingStatus(key=PROCESSING, label="処理中", color="#1971c2"),
    HandlingStatus(key=ON_HOLD, label="保留", color="#f08c00"),
    HandlingStatus(key=COMPLETED, label="完了", color="#2f9e44"),
    HandlingStatus(key=CANCELLED, label="キャンセル", color="#868e96"),
)


class PaymentMethod(Option):
    """決済方法. `awaits_payment`: the shop waits for the money before it ships.

    `fee` is the 決済手数料 of an order that is placed without one, in the shop's price mode (税抜 or 税込).
    """

    label: Name
    awaits_payment: Flag = False
    fee: Yen = Field(
        0, description="決済手数料 of an order that is placed without one, in yen and in the shop's price mode"
    )

    @property
    def title(self) -> str:
        return self.label


class AutomaticMails(Value):
    """Which mails go out by themselves.

    `hold_doubtful_numbers`: the shipping mail waits while a tracking number does not look like the carrier's, until
    staff confirm the number or correct it.
    """

    placed_to_member: Flag = True
    placed_to_shop: Flag = True
    shipped_to_member: Flag = True
    hold_doubtful_numbers: Flag = True
    import_to_shop: Flag = True


class ShippingRules(Value):
    """`ship_on_date`: shipments that are 発送指示 become 発送済 by themselves on their 発送日."""

    ship_on_date: Flag = False


def _digits(least: int, most: int) -> object:
    return Field(pattern=rf"^[0-9]{{{least},{most}}}$")


class LabelSettings(Value):
    """What is left out here, the label software adds from its own settings.

    `contents` is 品名 on every label; where it is empty, labels name the first product. `collect_methods` are the
    payment methods whose money the carrier collects (代引). `japan_post_label_type` is 送り状種別, the label form.
    """

    contents: Label = ""
    collect_methods: tuple[Key, ...] = ("cash_on_delivery",)
    yamato_billing_code: Annotated[str, _digits(10, 12)] | None = None
    yamato_billing_class: Annotated[str, _digits(3, 3)] | None = None
    yamato_freight_number: Annotated[str, _digits(2, 2)] | None = "01"
    sagawa_customer_code: Annotated[str, _digits(8, 12)] | None = None
    japan_post_label_type: Annotated[str, _digits(1, 20)] | None = "1100780"


class Settings(Value):
    """All sections. Each is stored, versioned and changed on its own."""

    shop: ShopProfile = ShopProfile()
    tax: TaxRule = TaxRule()
    statuses: tuple[HandlingStatus, ...] = BUILT_IN_STATUSES
    payment_methods: tuple[PaymentMethod, ...] = (
        PaymentMethod(key="bank_transfer", label="銀行振込", awaits_payment=True),
        PaymentMethod(key="cash_on_delivery", label="代金引換"),
        PaymentMethod(key="credit_card", label="クレジットカード"),
        PaymentMethod(key="account", label="掛け払い"),
    )
    carriers: tuple[Carrier, ...] = DEFAULT_CARRIERS
    mails: AutomaticMails = AutomaticMails()
    imports: ImportSettings = ImportSettings()
    shipping: ShippingRules = ShippingRules()
    labels: LabelSettings = LabelSettings()
    storefront: StorefrontSettings = StorefrontSettings()

    def carrier(self, key: str | None) -> Carrier | None:
        return next((carrier for carrier in self.carriers if carrier.key == key), None)

    def check_status(self, key: str | None, current: str | None = None) -> None:
        """Raises RuleError unless an order with the status `current` may be given this one."""
        check_offered(OptionKind.STATUS, key, current, self.statuses)

    def check_payment_method(self, key: str | None, current: str | None = None) -> None:
        """Raises RuleError unless an order with the payment method `current` may be given this one."""
        check_offered(OptionKind.PAYMENT_METHOD, key, current, self.payment_methods)

    def check_carrier(self, key: str | None, current: str | None = None) -> None:
        """Raises RuleError unless a shipment with the carrier `current` may be given this one."""
        check_offered(OptionKind.CARRIER, key, current, self.carriers)

    def status_label(self, key: str) -> str:
        """The status's label; the key itself where the settings do not have it."""
        return next((status.label for status in self.statuses if status.key == key), key)

    def payment_method(self, key: str) -> PaymentMethod | None:
        return next((method for method in self.payment_methods if method.key == key), None)

    @property
    def awaited_methods(self) -> tuple[str, ...]:
        """Keys of the payment methods whose money the shop waits for before it ships."""
        return tuple(method.key for method in self.payment_methods if method.awaits_payment)

    def payment_label(self, key: str) -> str:
        method = self.payment_method(key)
        return method.label if method else key
