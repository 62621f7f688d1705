"""標準形式: the headings of the shop's own shipment file, in order. Exports in this format can be imported again."""

from collections.abc import Mapping

from shukka.domain.imports.mapping import ImportField

NATIVE_HEADINGS: Mapping[ImportField, tuple[str, ...]] = {
    ImportField.SHIPMENT_ID: ("発送ID",),
    ImportField.TRACKING_NUMBERS: ("送り状番号", "tracking_number"),
    ImportField.CARRIER: ("配送業者",),
    ImportField.STATUS: ("発送状況", "shipping_status"),
    ImportField.SHIPPED_ON: ("発送日",),
    ImportField.DELIVERED_ON: ("納品日",),
    ImportField.REQUESTED_DATE: ("配送希望日",),
    ImportField.TIME_SLOT: ("配送時間帯",),
    ImportField.EXTERNAL_SHIPMENT_CODE: ("出荷管理番号",),
    ImportField.MEMO: ("発送メモ",),
    ImportField.MESSAGE_TO_MEMBER: ("お客様への連絡事項",),
    ImportField.HANDLING_STATUS: ("対応状況",),
}
"""Exports write the first heading of a column; imports accept the others too."""
