"""The sample shop and its input, with dates moved so that they mean today."""

import json
import re
import time
from datetime import date
from pathlib import Path
from typing import Any

from local.stack import Stack
from shukka.domain.settings import ShopProfile
from shukka.store.settings import SettingsStore

SHOP = Path(__file__).parent.parent / "tests" / "fixtures" / "shop"
CARRIER_FILES = (
    "yamato_b2cloud_no_heading.csv",
    "yamato_b2cloud_heading.csv",
    "sagawa_ehiden3.csv",
    "yupack_print_r.csv",
    "shop_bcart_layout.csv",
)
SHOP_PROFILE = ShopProfile(
    name="出荷酒店",
    postal_code="104-0061",
    address="東京都中央区銀座1-2-3",
    building="みほんビル2階",
    phone="03-0000-0000",
    email="shop@example.jp",
    registration_number="T7010705000725",
    bank_account="みほん銀行 銀座支店 普通 1234567\n口座名義 シユツカサケテン",
)

# The day before the first date on which a member wants the goods, and the last day on which a carrier took parcels.
_ORDERED_ON = date(2026, 11, 23)
_SHIPPED_UNTIL = date(2026, 11, 26)
_DATE = re.compile(rb"(?<![0-9])2026([/-]?)11\1(2[0-9]|30)(?![0-9])")


def open_shop(stack: Stack) -> None:
    """Gives a new stack the sample shop's profile: without an address of its own, a shop sends no mail."""
    settings = SettingsStore(stack.client("dynamodb"), stack.settings_table, time.monotonic)
    settings.save("shop", SHOP_PROFILE, based_on=0)


def orders(today: date) -> list[dict[str, Any]]:
    """The bodies of 24 orders, placed today."""
    requests: list[dict[str, Any]] = [
        json.loads(line) for line in (SHOP / "orders.jsonl").read_text("utf-8").splitlines()
    ]
    for request in requests:
        if request["requested_date"]:
            wanted = date.fromisoformat(request["requested_date"]) + (today - _ORDERED_ON)
            request["requested_date"] = wanted.isoformat()
    return requests


def carrier_file(name: str, today: date) -> bytes:
    """A file as the shipping desk gets it: the newest parcels went out today."""

    def moved(match: re.Match[bytes]) -> bytes:
        separator = match[1].decode()
        day = date(2026, 11, int(match[2])) + (today - _SHIPPED_UNTIL)
        return day.strftime(f"%Y{separator}%m{separator}%d").encode()

    return _DATE.sub(moved, (SHOP / name).read_bytes())
