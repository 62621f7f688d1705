"""An open uploaded file: its format and its rows."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from itertools import chain, islice

from shipment_import.file_problem import FileProblemError
from shipment_import.formats import Layout, Sample, recognise
from shipment_import.reader import read_blocks
from shipment_import.rows import Batch, RowReader
from shipment_import.text import Chunk, LineTooLongError, Readable, TextSource
from shukka.domain.imports.mapping import ImportSettings
from shukka.domain.shipping.carrier import Carrier

# Rows used to recognise a format, including the heading.
_SAMPLE = 50

# A line of only these is blank, including a row of empty cells.
_BLANK = ' \t\r\n\u3000\x1a,;|"'

_NO_ROWS = "見出しだけで、データの行がありません。出力する期間や条件を確認してください"
_NO_LINES = "CSVとして読める行がありません。配送会社のソフトから出力し直してください"
# Excel obeys such a first line, and some programs write one.
_SEPARATOR_LINE = re.compile('[\r\n]*"?sep=([,;|\t])"?[ ,;|\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
# The comma first: cells may well contain one of the others.
_DELIMITERS = ",\t;|"
_BAD_HEADING = '1行目の引用符（"）が閉じられていないため、形式を判別できません。出力し直してください'


class Upload:
    """A recognised file. `heading` is the heading of its cells in a report."""

    def __init__(
        self, layout: Layout, delimiter: str, source: TextSource, beginning: "_Beginning", rows: RowReader
    ) -> None:
        self._source = source
        self._delimiter = delimiter
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
        """The usual name of the encoding; known after the first character that is not ASCII was read."""
        return self._source.encoding

    @property
    def heading(self) -> list[str]:
        return self._layout.titles

    @property
    def status_follows_from_date(self) -> bool:
        return self._rows.status_follows_from_date

    def batches(self, after_line: int = 0) -> Iterator[Batch]:
        """The rows after `after_line`, which is 0 or a batch's `last_line`. Can be read once."""
        after_line = max(after_line, self._layout.heading_ends, self._beginning.lines_skipped)
        blocks = read_blocks(self._beginning.chunks(), self._layout.width, self._delimiter, after_line)
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
    layout, delimiter = _recognised(beginning, imports, format_key)
    if layout.heading and not beginning.goes_on_behind(layout.heading_ends):
        raise FileProblemError(_NO_ROWS)
    rule = imports.status_rules.get(layout.format.key, layout.format.status_rule)
    return Upload(layout, delimiter, source, beginning, RowReader(layout, carriers, handling_statuses, rule, today))


def _recognised(beginning: "_Beginning", imports: ImportSettings, format_key: str | None) -> tuple[Layout, str]:
    """The layout and the delimiter. Raises FileProblemError, for the likeliest delimiter."""
    problems: list[tuple[int, FileProblemError]] = []
    for delimiter in beginning.delimiters:
        try:
            sample = beginning.sample(delimiter)
        except FileProblemError as problem:
            problems.append((0, problem))
            continue
        try:
            return recognise(sample, imports.mappings, format_key), delimiter
        except FileProblemError as problem:
            problems.append((max(map(len, sample.rows)), problem))
    raise max(problems, key=lambda found: found[0])[1]


class _Beginning:
    """The first lines, used to recognise the file, then all chunks. `lines_skipped` counts a first line with sep=."""

    def __init__(self, source: TextSource) -> None:
        self._others = source.chunks()
        try:
            self._first = next(self._others)
        except (StopIteration, LineTooLongError):
            raise FileProblemError(_NO_LINES) from None
        said = _SEPARATOR_LINE.match(self._first.text)
        self._text = self._first.text[said.end() :] if said else self._first.text
        self.lines_skipped = len(list(StringIO(said[0], newline=""))) if said else 0
        possible = [mark for mark in _DELIMITERS if mark == "," or mark in self._text]
        self.delimiters = dict.fromkeys([said[1], *possible] if said else possible)

    def sample(self, delimiter: str) -> Sample:
        """Raises FileProblemError if there is no row."""
        rows: list[list[str]] = []
        begins: list[int] = []
        ends: list[int] = []
        reader = csv.reader(StringIO(self._text, newline=""), delimiter=delimiter, strict=True)
        end = self.lines_skipped
        try:
            for row in reader:
                begin, end = end + 1, self.lines_skipped + reader.line_num
                if any(row):
                    rows.append(row)
                    begins.append(begin)
                    ends.append(end)
                if len(rows) == _SAMPLE:
                    break
        except csv.Error:
            if not rows:
                raise FileProblemError(_BAD_HEADING) from None
            rows.append([])
            begins.append(end + 1)
            ends.append(end + 1)
        if not rows:
            raise FileProblemError(_NO_LINES)
        return Sample(rows, begins, ends)

    def goes_on_behind(self, line: int) -> bool:
        """Whether lines other than blank ones follow. Raises FileProblemError if a line is too long."""
        if "".join(islice(StringIO(self._text, newline=""), line - self.lines_skipped, None)).strip(_BLANK):
            return True
        following = _up_to_one(self._others)
        self._others = chain(following, self._others)
        return bool(following)

    def chunks(self) -> Iterator[Chunk]:
        """All chunks. Can be read once."""
        return chain([self._first], self._others)


def _up_to_one(chunks: Iterator[Chunk]) -> list[Chunk]:
    try:
        return [next(chunks)]
    except StopIteration:
        return []
    except LineTooLongError:
        raise FileProblemError(_NO_LINES) from None
