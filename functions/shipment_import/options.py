"""The options of an upload, in the metadata of its object: `x-amz-meta-mode`, `-notify` and `-format`."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

from shipment_import.file_problem import FileProblemError
from shukka.domain.imports.job import UploadMode

MODE, NOTIFY, FORMAT = "mode", "notify", "format"

Value = TypeVar("Value")

_MODES = {mode.value: mode for mode in UploadMode}
_YES_NO = {"true": True, "false": False}
_SHOWN_CHARACTERS = 40


class Options(NamedTuple):
    """`format` is the key of the only layout to consider."""

    mode: UploadMode = UploadMode.APPLY
    notify: bool = True
    format: str | None = None


def options_of(metadata: Mapping[str, str]) -> Options:
    """Raises FileProblemError for unknown metadata, because a guess could do harm."""
    given = {name.lower(): value for name, value in metadata.items()}
    return Options(
        _choice(MODE, given, _MODES, UploadMode.APPLY),
        _choice(NOTIFY, given, _YES_NO, True),
        # Metadata is ASCII, so the Japanese name of a shop's layout is percent-encoded.
        unquote(given.get(FORMAT, "")).strip() or None,
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
