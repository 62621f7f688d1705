"""The sample shop's input, with its dates moved so that they mean today."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

SHOP = Path(__file__).parent.parent / "tests" / "fixtures" / "shop"
CARRIER_FILES = (
    "yamato_b2cloud_no_heading.csv",
    "yamato_b2cloud_heading.csv",
    "sagawa_ehiden3.csv",
    "yupack_print_r.csv",
    "shop_bcart_layout.csv",
)
# The day before the first date on which a member wants the goods, and the last day on which a carrier took parcels.
_ORDERED_ON = date(2026, 11, 23)
_SHIPPED_UNTIL = date(2026, 11, 26)
_DATE = re.compile(rb"(?<![0-9])2026([/-]?)11\1(2[0-9]|30)(?![0-9])")


def orders(today: date) -> list[dict[str, Any]]:
    """The bodies of 24 orders, placed today."""
    wishes: list[dict[str, Any]] = [
        json.loads(line) for line in (SHOP / "orders.jsonl").read_text("utf-8").splitlines()
    ]
    for wish in wishes:
        if wish["requested_date"]:
            wanted = date.fromisoformat(wish["requested_date"]) + (today - _ORDERED_ON)
            wish["requested_date"] = wanted.isoformat()
    return wishes


def carrier_file(name: str, today: date) -> bytes:
    """A file as the shipping desk gets it: the newest parcels went out today."""

    def moved(match: re.Match[bytes]) -> bytes:
        separator = match[1].decode()
        day = date(2026, 11, int(match[2])) + (today - _SHIPPED_UNTIL)
        return day.strftime(f"%Y{separator}%m{separator}%d").encode()

    return _DATE.sub(moved, (SHOP / name).read_bytes())
