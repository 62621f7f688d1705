"""An uploaded file, opened: what it is, and its rows."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from itertools import chain

from shipment_import.formats import Layout, recognise
from shipment_import.problem import FileProblemError
from shipment_import.reader import read_blocks
from shipment_import.rows import Batch, RowReader
from shipment_import.text import Chunk, LineTooLongError, Readable, TextSource
from shukka.domain.carrier import Carrier
from shukka.domain.import_mapping import ImportSettings

# Rows that a format is recognised by, the heading among them.
_SAMPLE = 50

_NO_ROWS = "見出しだけで、データの行がありません。出力する期間や条件を確認してください"
_NO_LINES = "CSVとして読める行がありません。配送会社のソフトから出力し直してください"
_BAD_HEADING = '1行目の引用符（"）が閉じられていないため、形式を判別できません。出力し直してください'


class Upload:
    """A recognised file. `heading` is what its cells stand under in a report."""

    def __init__(self, layout: Layout, source: TextSource, beginning: "_Beginning", rows: RowReader) -> None:
        self._source = source
        self._beginning = beginning
        self._layout = layout
        self._rows = rows

    @property
    def format_key(self) -> str:
        return self._layout.format.key

    @property
    def format_name(self) -> str:
        return self._layout.format.name

    @property
    def encoding(self) -> str:
        """As people call it. Settled once the rows have been read: by the first character that is not ASCII."""
        return self._source.encoding

    @property
    def heading(self) -> list[str]:
        return self._layout.titles

    @property
    def status_follows_from_date(self) -> bool:
        return self._rows.status_follows_from_date

    def batches(self, after_line: int = 0) -> Iterator[Batch]:
        """The rows behind `after_line`, which is 0 or a batch's `last_line`; to be read once."""
        after_line = max(after_line, self._beginning.lines if self._layout.heading else 0)
        blocks = read_blocks(self._beginning.chunks, self._layout.width, self._beginning.delimiter, after_line)
        return (self._rows.read(block) for block in blocks if len(block))


def open_upload(
    body: Readable,
    *,
    carriers: Iterable[Carrier],
    handling_statuses: Mapping[str, str],
    today: date,
    imports: ImportSettings | None = None,
    format_key: str | None = None,
) -> Upload:
    """The file in `body`, which is read once from its start, in constant memory.

    `handling_statuses` maps labels to keys; `today` is the day in Tokyo; `format_key` is the one format to consider,
    where the uploader named it. Raises FileProblemError where nothing of the file can be taken; from then on only
    `body.read` can raise, for what is wrong with rows is said in the rows.
    """
    imports = imports or ImportSettings()
    source = TextSource(body)
    beginning = _Beginning(source)
    layout = recognise(beginning.sample, imports.mappings, format_key)
    if layout.heading and not beginning.has_rows:
        raise FileProblemError(_NO_ROWS)
    rule = imports.status_rules.get(layout.format.key, layout.format.status_rule)
    return Upload(layout, source, beginning, RowReader(layout, carriers, handling_statuses, rule, today))


class _Beginning:
    """The first rows that are not blank, of which the first takes up the first `lines` lines; and all the chunks."""

    def __init__(self, source: TextSource) -> None:
        chunks = source.chunks()
        try:
            first = next(chunks)
        except (StopIteration, LineTooLongError):
            raise FileProblemError(_NO_LINES) from None
        self.delimiter = _delimiter(first.text)
        self.sample: list[list[str]] = []
        self.lines = 0
        reader = csv.reader(StringIO(first.text, newline=""), delimiter=self.delimiter, strict=True)
        try:
            for row in reader:
                if any(row):
                    self.sample.append(row)
                    self.lines = self.lines or reader.line_num
                if len(self.sample) == _SAMPLE:
                    break
        except csv.Error:
            if not self.sample:
                raise FileProblemError(_BAD_HEADING) from None
            self.sample.append([])
        if not self.sample:
            raise FileProblemError(_NO_LINES)
        following = [] if len(self.sample) > 1 else _up_to_one(chunks)
        self.has_rows = len(self.sample) > 1 or bool(following)
        self.chunks: Iterator[Chunk] = chain([first], following, chunks)


def _up_to_one(chunks: Iterator[Chunk]) -> list[Chunk]:
    try:
        return [next(chunks)]
    except StopIteration:
        return []
    except LineTooLongError:
        raise FileProblemError(_NO_LINES) from None


def _delimiter(text: str) -> str:
    """A tab where Excel's 「Unicode テキスト」 and some warehouse systems put one, else the comma."""
    heading = text.lstrip("\r\n").partition("\n")[0]
    return "\t" if "\t" in heading and "," not in heading else ","
