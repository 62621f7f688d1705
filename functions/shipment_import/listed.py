"""Which tracking numbers a whole file lists, whichever of its rows is being applied."""

from collections.abc import Callable
from typing import IO

from shipment_import.upload import Upload
from shukka.domain.imports.row import ShipmentRow
from shukka.domain.shipping.shipment import ShipmentId


class ListedNumbers:
    """Reads the file once more, when it is first asked: few imports have to know.

    `opened` opens the file in `body`, which may be half read; it is left where it stood. Holds some 70 bytes a row.
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
