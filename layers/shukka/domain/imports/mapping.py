"""取込形式: the meaning of the columns in a shop's own file."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shukka.domain.text.values import Flag, Key, Name, Value


class ImportField(StrEnum):
    """What a column can hold, named as in the API: the fields of `ShipmentRow` in order, then those of references."""

    SHIPMENT_ID = "shipment_id"
    TRACKING_NUMBERS = "tracking_numbers"
    CARRIER = "carrier"
    STATUS = "status"
    SHIPPED_ON = "shipped_on"
    DELIVERED_ON = "delivered_on"
    REQUESTED_DATE = "requested_date"
    TIME_SLOT = "time_slot"
    EXTERNAL_SHIPMENT_CODE = "external_shipment_code"
    MEMO = "memo"
    MESSAGE_TO_MEMBER = "message_to_member"
    HANDLING_STATUS = "handling_status"
    ORDER_NUMBER = "order_number"
    RECIPIENT = "recipient"
    POSTAL_CODE = "postal_code"


ONLY_TO_FIND = frozenset({ImportField.ORDER_NUMBER, ImportField.RECIPIENT, ImportField.POSTAL_CODE})
"""Fields that only identify the shipment of a row without 発送ID."""

KEYS = (
    ImportField.SHIPMENT_ID,
    ImportField.ORDER_NUMBER,
    ImportField.EXTERNAL_SHIPMENT_CODE,
    ImportField.RECIPIENT,
)
"""What identifies the shipment of a row: a file needs at least one of these columns."""


NOT_CLEARABLE = ONLY_TO_FIND | {ImportField.SHIPMENT_ID, ImportField.STATUS, ImportField.HANDLING_STATUS}
"""Fields that a cell of `-` cannot clear."""


class StatusRule(StrEnum):
    """How to conclude 発送状況 from a file without a column for it.

    `FROM_DATE`: a ship date in the future means 発送指示, today or earlier 発送済; no date keeps the status. A file
    without a column of ship dates lists what was shipped. `KEEP` keeps the status.
    """

    FROM_DATE = "from_date"
    KEEP = "keep"


class ImportMapping(Value):
    """A file layout of the shop's own. `columns` maps each field to its heading.

    `carrier` is the key of the carrier of all rows, if there is only one.

    `needs_number`: if the status follows from the date, a date alone does not make a row 発送済. A row without
    送り状番号 is refused, as in carriers' files; a file without a column of numbers leaves the status as it is.
    """

    name: Name
    carrier: Key | None = None
    columns: Annotated[dict[ImportField, Name], Field(min_length=2)]
    status_rule: StatusRule = StatusRule.FROM_DATE
    needs_number: Flag = True

    @property
    def status_follows_from_date(self) -> bool:
        return self.status_rule is StatusRule.FROM_DATE and ImportField.STATUS not in self.columns

    @model_validator(mode="after")
    def _names_its_columns(self) -> Self:
        if not any(key in self.columns for key in KEYS):
            raise PydanticCustomError(
                "import_mapping", f"発送IDなど、発送を見分ける列（{'、'.join(KEYS)} のいずれか）を指定してください"
            )
        if len(set(self.columns.values())) < len(self.columns):
            raise PydanticCustomError("import_mapping", "同じ見出しを2つの項目に割り当てることはできません")
        return self


class ImportSettings(Value):
    """`mappings` are the shop's own layouts; `status_rules` override the rule of a built-in format, by its key."""

    mappings: Annotated[tuple[ImportMapping, ...], Field(max_length=50)] = ()
    status_rules: dict[Key, StatusRule] = Field(default_factory=dict)
