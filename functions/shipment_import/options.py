"""What an upload says about itself, in the metadata of its object: `x-amz-meta-mode` and `x-amz-meta-notify`."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from shipment_import.problem import FileProblemError
from shukka.domain.import_job import UploadMode

MODE, NOTIFY = "mode", "notify"

Value = TypeVar("Value")

_MODES = {mode.value: mode for mode in UploadMode}
_YES_NO = {"true": True, "false": False}
_SHOWN_CHARACTERS = 40


class Options(NamedTuple):
    mode: UploadMode = UploadMode.APPLY
    notify: bool = True


def options_of(metadata: Mapping[str, str]) -> Options:
    """Raises FileProblemError where the metadata says something that is not known: guessing could do harm."""
    given = {name.lower(): value for name, value in metadata.items()}
    return Options(
        _choice(MODE, given, _MODES, UploadMode.APPLY),
        _choice(NOTIFY, given, _YES_NO, True),
    )


def _choice(name: str, given: Mapping[str, str], known: Mapping[str, Value], default: Value) -> Value:
    text = given.get(name)
    if text is None:
        return default
    value = known.get(unicodedata.normalize("NFKC", text).strip().lower())
    if value is None:
        raise FileProblemError(
            f"取り込みの指定 x-amz-meta-{name} の値「{text[:_SHOWN_CHARACTERS]}」は使えません"
            f"（使えるもの: {'、'.join(known)}）。何も反映していません"
        )
    return value
