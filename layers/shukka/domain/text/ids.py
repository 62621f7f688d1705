"""品番 and 会員ID: ids that callers choose, and that have to fit into a URL.

Clients write them percent-encoded into a path. Amazon API Gateway decodes the path before it calls the function, all
but `%25`, and cuts it off at a `?` that was encoded. So an id of the following kinds would be read as another one, and
is refused when it enters.
"""

import re

from shukka.domain.errors import Rule, RuleError

ROUTE_WORDS = frozenset({"orders", "documents", "ledger"})
"""What may follow an id in a path of the API: as a part of an id with slashes, it could be either."""

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def flaw_of(text: str) -> str | None:
    """Why `text` cannot be an id, in Japanese; None where it can."""
    if "?" in text:
        return "「?」は使えません"
    if escape := _ESCAPE.search(text):
        return f"「{escape[0]}」のように「%」の後に英数字の符号が続くものは使えません"
    parts = text.split("/")
    if len(parts) > 1 and "" in parts:
        return "「/」は、先頭や末尾には使えず、続けて使うこともできません"
    if found := {".", ".."}.intersection(parts):
        return f"「{min(found)}」だけ、または「/」で区切った「{min(found)}」は使えません"
    if len(parts) > 1 and (words := ROUTE_WORDS.intersection(parts)):
        return f"「/」で区切った「{min(words)}」は使えません"
    return None


def check_id(text: str | None, field: str) -> None:
    """Raises RuleError where `text` cannot be an id. No id at all is none of its business."""
    if text and (flaw := flaw_of(text)):
        raise RuleError(f"{text} は使えません: {flaw}", field, Rule.UNUSABLE_ID)
