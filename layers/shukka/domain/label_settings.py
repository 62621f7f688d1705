"""送り状の設定: what the shop has agreed with its carriers, and what labels say is inside."""

from typing import Annotated

from pydantic import Field

from shukka.domain.text.values import Key, Label, Value


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
