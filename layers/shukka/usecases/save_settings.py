"""設定を変更する: one section at a time."""

from collections.abc import Iterable
from typing import Protocol

from shukka.domain.errors import Rule, RuleError
from shukka.domain.order import CANCELLED, COMPLETED, NEW
from shukka.domain.settings import Settings

_INDISPENSABLE = (NEW, COMPLETED, CANCELLED)


class SettingsSections(Protocol):
    def get(self) -> tuple[Settings, dict[str, int]]:
        """The settings as they are now, and the version of each section that was ever saved."""

    def save(self, section: str, value: object, based_on: int) -> int:
        """Stores a section's value; returns its new version. Raises SettingsConflictError."""


def save_settings(section: str, value: object, based_on: int, sections: SettingsSections) -> int:
    """Stores a validated value of the section; returns its new version.

    Raises SettingsConflictError, and RuleError where the shop could not work with the settings that would result.
    """
    settings, _ = sections.get()
    _check(settings.model_copy(update={section: value}))
    return sections.save(section, value, based_on)


def _check(settings: Settings) -> None:
    _unique("statuses", (status.key for status in settings.statuses))
    _unique("payment_methods", (method.key for method in settings.payment_methods))
    _unique("carriers", (carrier.key for carrier in settings.carriers))
    missing = [key for key in _INDISPENSABLE if not settings.has_status(key)]
    if missing:
        raise RuleError(
            f"対応状況 {'、'.join(missing)} は削除できません（名称は変更できます）",
            "statuses",
            Rule.INDISPENSABLE_STATUS,
        )
    if not settings.payment_methods:
        raise RuleError("決済方法を1つ以上設定してください", "payment_methods", Rule.NO_PAYMENT_METHOD)
    default = settings.shop.default_carrier
    if default and not settings.carrier(default):
        raise RuleError(
            f"既定の配送業者 {default} が配送業者の設定にありません", "default_carrier", Rule.UNKNOWN_CARRIER
        )


def _unique(section: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            raise RuleError(f"キー {key} が重複しています", f"{section}.{index}.key", Rule.REPEATED_KEY)
        seen.add(key)
