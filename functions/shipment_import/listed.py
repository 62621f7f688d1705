"""The tracking numbers that a whole file lists for each shipment."""

from collections.abc import Callable
from typing import IO

from shipment_import.upload import Upload
from shukka.domain.imports.row import ShipmentRow
from shukka.domain.shipping.shipment import ShipmentId


class ListedNumbers:
    """Reads the file a second time on the first call, because few imports need it. Holds some 70 bytes a row.

    `opened` opens the file in `body`. The position in `body` is restored afterwards.
    """

    def __init__(self, body: IO[bytes], opened: Callable[[], Upload]) -> None:
        self._body = body
        self._opened = opened
        self._found: set[int] | None = None

    def __call__(self, shipment: ShipmentId, number: str, /) -> bool:
        if self._found is None:
            self._found = self._read()
        return hash((shipment, number)) in self._found

    def _read(self) -> set[int]:
        position = self._body.tell()
        try:
            return {
                hash((row.shipment, number))
                for batch in self._opened().batches()
                for row in batch.rows()
                if isinstance(row, ShipmentRow) and isinstance(row.tracking_numbers, tuple)
                for number in row.tracking_numbers
            }
        finally:
            self._body.seek(position)
