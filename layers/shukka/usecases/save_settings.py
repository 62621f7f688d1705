"""設定を変更する: one section at a time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from shukka.domain.errors import Rule, RuleError, SettingsConflictError
from shukka.domain.order.order import CANCELLED, COMPLETED, NEW
from shukka.domain.settings import Settings
from shukka.domain.shipping.carrier import Carrier
from shukka.domain.text.normalize import plain_code
from shukka.domain.text.options import offered, with_removed_ones_retired
from shukka.domain.text.versions import Versions

_INDISPENSABLE = (NEW, COMPLETED, CANCELLED)
_OPTIONS = ("statuses", "payment_methods", "carriers")
"""Sections whose entries orders refer to."""


class SettingsSections(Protocol):
    def get(self) -> tuple[Settings, dict[str, int]]:
        """The settings as they are now, and the version of each section that was ever saved."""

    def save(self, section: str, value: object, based_on: int) -> int:
        """Stores a section's value; returns its new version. Raises SettingsConflictError."""


class Saved(NamedTuple):
    """The stored section and its version."""

    value: object
    version: int


def save_settings(section: str, value: object, based_on: Versions, sections: SettingsSections) -> Saved:
    """Stores a validated value of the section. A missing option is retired, because orders may refer to it.

    Raises SettingsConflictError, and RuleError if the shop could not work with the resulting settings.
    """
    settings, versions = sections.get()
    version = versions.get(section, 0)
    if not based_on.include(version):
        raise SettingsConflictError(section)
    after = settings.model_copy(update={section: value})
    if section in _OPTIONS:
        options = with_removed_ones_retired(getattr(settings, section), getattr(after, section))
        after = after.model_copy(update={section: options})
    _check(after)
    value = getattr(after, section)
    return Saved(value, sections.save(section, value, version))


def _check(settings: Settings) -> None:
    _unique("statuses", (status.key for status in settings.statuses))
    _unique("payment_methods", (method.key for method in settings.payment_methods))
    _unique("carriers", (carrier.key for carrier in settings.carriers))
    _unambiguous(settings.carriers)
    usable = {status.key for status in offered(settings.statuses)}
    missing = [key for key in _INDISPENSABLE if key not in usable]
    if missing:
        raise RuleError(
            f"対応状況 {'、'.join(missing)} は使用を終了できません（名称は変更できます）",
            "statuses",
            Rule.INDISPENSABLE_STATUS,
        )
    if not offered(settings.payment_methods):
        raise RuleError("使用する決済方法を1つ以上設定してください", "payment_methods", Rule.NO_PAYMENT_METHOD)
    default = settings.shop.default_carrier
    if default and default not in {carrier.key for carrier in offered(settings.carriers)}:
        raise RuleError(
            f"既定の配送業者 {default} が、使用する配送業者の設定にありません",
            "default_carrier",
            Rule.UNKNOWN_CARRIER,
        )


def _unambiguous(carriers: Sequence[Carrier]) -> None:
    """An alias must not be a name, key or alias of another carrier, so that a name in a file means one carrier."""
    for index, carrier in enumerate(carriers):
        others = {
            plain_code(word).casefold()
            for other in carriers
            if other.key != carrier.key
            for word in (other.key, other.name, *other.aliases)
        }
        for place, alias in enumerate(carrier.aliases):
            if plain_code(alias).casefold() in others:
                raise RuleError(
                    f"別名「{alias}」は、ほかの配送業者の名前か別名と同じです",
                    f"carriers.{index}.aliases.{place}",
                    Rule.AMBIGUOUS_ALIAS,
                )


def _unique(section: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            raise RuleError(f"キー {key} が重複しています", f"{section}.{index}.key", Rule.REPEATED_KEY)
        seen.add(key)
