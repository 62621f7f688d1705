"""What every carrier's layout is made of, and how a parcel is put into it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shukka.domain.labels.fitting import Measure, fit, shortened
from shukka.domain.labels.parcel import LabelParty, Notes, Parcel, slot_code
from shukka.domain.settings import LabelSettings
from shukka.domain.text.cp932 import width

Cells = dict[int, str]
"""Filled cells by their column, from 1. All others are blank."""


@dataclass(frozen=True)
class LabelLayout:
    """A file of one carrier's label software.

    `carrier` is the key in the settings. `key_size` is the width of the column that later files return as 発送ID.
    """

    name: str
    carrier: str
    columns: tuple[str, ...]
    has_heading: bool
    key_size: int
    fill: Callable[[Parcel, LabelSettings, Notes], Cells]
    send: Callable[[LabelParty, Notes], Cells]

    def row(self, parcel: Parcel, settings: LabelSettings, notes: Notes) -> list[str]:
        """The parcel's row. It may only be used unless `notes` then refuse it."""
        if len(parcel.key) > self.key_size:
            notes.leave_out(
                "発送ID", f"発送IDが{self.key_size}文字を超えるため、送り状番号を取り込んでも発送と結び付けられません"
            )
        cells = self.fill(parcel, settings, notes) | self.send(parcel.sender, notes)
        return [cells.get(n, "") for n in range(1, len(self.columns) + 1)]


def address(party: LabelParty, sizes: Sequence[int], measure: Measure, notes: Notes) -> list[str]:
    """The address in lines. One that is too long leaves the label out: a parcel must not go to half an address."""
    parts = (party.town, party.street, party.building)
    if len(sizes) < len(parts):
        parts = (party.town + party.street, party.building, "")
    lines = fit(parts, sizes, measure)
    if lines is None:
        notes.leave_out("住所", f"住所が長すぎて送り状に入りません（{_room(sizes, measure)}まで）")
        return [""] * len(sizes)
    return lines


def names(party: LabelParty, sizes: Sequence[int], measure: Measure, notes: Notes) -> list[str]:
    """Company, department and person in lines, cut from the end where they do not fit; `notes` say so."""
    person = " ".join(filter(None, (party.department, party.name)))
    if lines := fit((party.company, person), sizes, measure):
        return lines
    if party.department and (lines := fit((party.company, party.name), sizes, measure)):
        notes.say("部署名", f"名称が長いため、部署名「{party.department}」を省きました")
        return lines
    kept = [shortened(text, size, measure) for text, size in zip((party.company, person), sizes, strict=False)]
    notes.say(
        "会社名", f"名称が長いため「{'／'.join(filter(None, kept))}」までにしました（{_room(sizes, measure)}まで）"
    )
    return [*kept, *[""] * (len(sizes) - len(kept))]


def shorter(text: str, size: int, measure: Measure, column: str, notes: Notes) -> str:
    """As much of `text` as fits; `notes` say where that is not all."""
    kept = shortened(text, size, measure)
    if kept != text:
        notes.say(column, f"{column}が長いため「{kept}」までにしました（{_room([size], measure)}まで）")
    return kept


def time_slot(parcel: Parcel, codes: Mapping[str, str], notes: Notes) -> str:
    """The carrier's code; empty, with a note, where the carrier has no such slot, and empty where none is requested."""
    code = slot_code(parcel.time_slot, codes)
    if code is None:
        notes.say("配送時間帯", f"「{parcel.time_slot}」はこの配送業者の時間帯にないため、指定なしにしました")
    return code or ""


def _room(sizes: Sequence[int], measure: Measure) -> str:
    size = sum(sizes) // 2 if measure is width else sum(sizes)
    return f"全角{size}文字"
