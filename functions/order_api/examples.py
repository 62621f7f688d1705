"""A request body for each operation, about one order of a shop: 100001, placed as `placeOrder` shows."""

from collections.abc import Mapping

from pydantic_core import to_jsonable_python

from shukka.domain.settings import Settings

_SOY_SAUCE = {
    "sku": "SOY-180",
    "jan_code": "4900000000097",
    "name": "丸大豆しょうゆ 1.8L",
    "units_per_set": 6,
    "unit": "箱",
    "unit_price": 690,
    "quantity": 10,
    "tax_category": "reduced",
}
_VINEGAR = {
    "sku": "VIN-090",
    "name": "純米酢 900ml",
    "units_per_set": 12,
    "unit": "箱",
    "unit_price": 320,
    "quantity": 5,
    "tax_category": "reduced",
}
_MAIL = {
    "template": "message",
    "subject": "お届け日のご相談",
    "opening": "ご希望の日にお届けできません。\n翌日でもよろしいでしょうか。",
}
_TEMPLATE = {
    "subject": "【ご入金のお願い】ご注文 {{ order.number }}",
    "text": "{{ member.name }} 様\n\n{{ opening }}\nご注文 {{ order.number }} のご入金をお待ちしております。\n",
}
_SETTINGS = to_jsonable_python(Settings())

EXAMPLES: Mapping[str, object] = {
    "placeOrder": {
        "member": {
            "member_id": "M-1001",
            "company": "株式会社みほん商店",
            "department": "仕入部",
            "name": "見本 花子",
            "email": "hanako@example.jp",
            "phone": "03-0000-1001",
            "postal_code": "106-0032",
            "prefecture": "東京都",
            "address1": "港区六本木",
            "address2": "1-2-3",
            "address3": "みほんビル5階",
        },
        "payment_method": "bank_transfer",
        "shipping_fee": 800,
        "requested_date": "2026-12-10",
        "time_slot": "午前中",
        "message_from_member": "裏口へお願いします",
        "customer_order_number": "PO-2026-0815",
        "lines": [_SOY_SAUCE, _VINEGAR],
    },
    "amendOrder": {"handling_status": "processing", "paid_on": "2026-12-01", "staff_memo": "入金を確認した"},
    "replaceLines": {
        "lines": [{"line_id": 1, **_SOY_SAUCE}, {"line_id": 2, **_VINEGAR, "quantity": 4}],
        "reason": "1箱欠品のため",
    },
    "allocateShipments": {
        "shipments": [{"shipment_id": "100001-1", "lines": {"1": 10, "2": 2}}, {"lines": {"2": 3}}],
        "reason": "残りは後日",
    },
    "recordReturn": {
        "lines": [{"line_id": 1, "quantity": 1, "restock": True, "reason": "ラベルの破れ"}],
        "reason": "入荷検品での指摘",
    },
    "voidReturn": {"reason": "別の受注の返品だったため"},
    "changeStatuses": {"numbers": ["100001"], "handling_status": "processing"},
    "amendShipment": {"status": "shipped", "tracking_numbers": ["444413758703"], "shipped_on": "2026-12-08"},
    "shipShipments": {
        "shipments": [{"shipment_id": "100001-1", "tracking_numbers": ["444413758703"]}],
        "shipped_on": "2026-12-08",
    },
    "sendMail": _MAIL,
    "previewMail": _MAIL,
    "sendMails": {"numbers": ["100001"], **_MAIL},
    "previewMails": {"numbers": ["100001"], **_MAIL},
    "saveMailTemplate": {"label": "入金案内", **_TEMPLATE},
    "previewMailTemplate": {"number": "100001", **_TEMPLATE},
    "requestUpload": {"filename": "20261208_b2.csv", "mode": "apply"},
    "requestExport": {"kind": "orders", "filters": {"status": "new,processing"}, "encoding": "utf-8"},
    "importStock": {"mode": "overwrite", "csv": "品番,在庫数\nSOY-180,120\nVIN-090,48\n"},
    "setStock": {"level": 120},
    "saveShopSettings": {
        "name": "みほん酒店",
        "postal_code": "104-0061",
        "address": "東京都中央区銀座1-2-3",
        "building": "",
        "phone": "03-0000-0000",
        "email": "shop@example.jp",
        "registration_number": "T7010705000725",
        "bank_account": "みほん銀行 銀座支店 普通 1234567 ミホンサケテン",
        "default_carrier": "yamato",
    },
    "saveTaxSettings": _SETTINGS["tax"],
    "saveStatusesSettings": [*_SETTINGS["statuses"], {"key": "picked", "label": "ピック済", "color": "#1098ad"}],
    "savePaymentMethodsSettings": _SETTINGS["payment_methods"],
    "saveCarriersSettings": _SETTINGS["carriers"],
    "saveMailsSettings": _SETTINGS["mails"],
    "saveImportsSettings": {
        "mappings": [
            {
                "name": "倉庫の出荷実績",
                "carrier": "seino",
                "columns": {"shipment_id": "管理番号", "tracking_numbers": "原票番号", "shipped_on": "出荷日"},
                "status_rule": "from_date",
            }
        ],
        "status_rules": {},
    },
    "saveShippingSettings": {"ship_on_date": True},
    "saveStorefrontSettings": {"stock": "availability", "few_up_to": 10},
    "showStock": {"skus": ["SOY-180", "VIN-090"]},
    "saveLabelsSettings": {**_SETTINGS["labels"], "contents": "食料品"},
}
