"""Where everything stands on the A4 pages of a document. Lengths are in pt (1/72 inch) from the top left corner."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from documents.pdf import PAGE_HEIGHT, PAGE_WIDTH, Font, Page
from documents.wrap import wrap
from shukka.domain.documents.document import DocumentContent, DocumentLine, Party
from shukka.domain.order.outbox import DocumentKind
from shukka.domain.order.totals import RATES, PriceMode, TaxCategory

LEFT, RIGHT = 40.0, PAGE_WIDTH - 40.0
TOP, BOTTOM = 44.0, PAGE_HEIGHT - 46.0

_GREETINGS = {
    DocumentKind.DELIVERY_NOTE: "下記のとおり納品いたします。",
    DocumentKind.INVOICE: "下記のとおりご請求申し上げます。",
}
_TOTAL_LABELS = {DocumentKind.DELIVERY_NOTE: "合計金額（税込）", DocumentKind.INVOICE: "ご請求金額（税込）"}
_RATE_LABELS = {
    TaxCategory.STANDARD: f"{RATES[TaxCategory.STANDARD]}%",
    TaxCategory.REDUCED: f"※{RATES[TaxCategory.REDUCED]}%",
    TaxCategory.EXEMPT: "非課税",
}

_BODY, _SMALL, _TABLE = 9.0, 7.5, 8.5
"""Sizes of text."""
_LEADING = 13.0
_THICK, _THIN, _HAIR = 0.9, 0.5, 0.25
"""Widths of rules."""
_BLACK, _GRAY, _LIGHT, _SHADE = 0.0, 0.42, 0.72, 0.93

_LEFT_COLUMN = 272.0
_META = (345.0, 410.0)
"""Where the right column's labels and values begin."""
_META_ROOM = RIGHT - _META[1]
_ISSUER_ROOM = RIGHT - _META[0]

_HEAD_HEIGHT = 18.0
_ROW_LEADING, _ROW_PADDING = 11.0, 3.2
_CELL_PADDING = 4.0

_TOTALS = RIGHT - 250.0
_TOTALS_ROW = 15.0
_TOTALS_COLUMNS = (RIGHT - 90.0, RIGHT - _CELL_PADDING)
"""Where the amounts end: 対象額, 消費税額."""
_TOTALS_ROOM = 82.0
_NOTES_ROOM = _TOTALS - LEFT - 20.0
_MOST_NOTES_KEPT = 300.0
"""Notes up to this height are not parted from the totals."""
_GAP = 14.0


class _Column(NamedTuple):
    heading: str
    left: float
    right: float

    @property
    def room(self) -> float:
        return self.right - self.left - 2 * _CELL_PADDING


def _columns(*widths: tuple[str, float]) -> Iterator[_Column]:
    left = LEFT
    for heading, width in widths:
        yield _Column(heading, left, left + width)
        left += width


_NO, _SKU, _NAME, _PER_SET, _QUANTITY, _UNIT, _PRICE, _RATE, _AMOUNT = _COLUMNS = tuple(
    _columns(
        ("No.", 26),
        ("品番", 74),
        ("品名", RIGHT - LEFT - 356),
        ("入数", 34),
        ("数量", 42),
        ("単位", 32),
        ("単価", 54),
        ("税率", 34),
        ("金額", 60),
    )
)


class _NoteLine(NamedTuple):
    text: str
    bold: bool = False
    small: bool = False

    @property
    def height(self) -> float:
        return 10.5 if self.small else _LEADING


class _Row(NamedTuple):
    number: int
    line: DocumentLine
    sku: list[str]
    name: list[str]
    unit: list[str]

    @property
    def height(self) -> float:
        return max(len(self.sku), len(self.name), len(self.unit)) * _ROW_LEADING + 2 * _ROW_PADDING


def lay_out(content: DocumentContent, revision: int, issued_on: date, regular: Font, bold: Font) -> list[Page]:
    """The pages, in order."""
    return _Composer(content, revision, issued_on, regular, bold).pages


class _Composer:
    def __init__(self, content: DocumentContent, revision: int, issued_on: date, regular: Font, bold: Font) -> None:
        self._content = content
        self._number = f"{content.number}-{revision}"
        self._revision = revision
        self._issued_on = issued_on
        self._regular = regular
        self._bold = bold
        self._notes = list(self._note_lines())
        self.pages: list[Page] = []
        self._page = Page()
        self._y = TOP
        self._open()
        self._first_head()
        self._rows()
        self._closing()
        for n, page in enumerate(self.pages, start=1):
            self._footer(page, n)

    def _open(self) -> None:
        self._page.pack()
        self._page, self._y = Page(), TOP
        self.pages.append(self._page)

    # Head

    def _first_head(self) -> None:
        self._centred((LEFT + RIGHT) / 2, TOP + 20, self._content.title, self._bold, 22)
        self._page.rules([(LEFT, TOP + 32, RIGHT, TOP + 32)], _THICK)
        top = TOP + 56
        left = self._recipient(top)
        right = self._issuer(self._facts(top) + _GAP)
        self._y = self._sum(max(left + 10, right - 34)) + 16

    def _recipient(self, y: float) -> float:
        party = self._content.recipient
        for text in _address(party):
            y = self._block(LEFT, y, text, self._regular, _BODY, _LEFT_COLUMN)
        y += 4
        names = [name for name in (party.name, party.department, party.person) if name]
        names[-1] = f"{names[-1]} {party.honorific}"
        for index, name in enumerate(names):
            y = self._block(LEFT, y + 3, name, self._bold, 12.5 if index == 0 else 10.5, _LEFT_COLUMN)
        return y

    def _facts(self, y: float) -> float:
        content = self._content
        period = _day(content.transacted_from)
        if content.transacted_to != content.transacted_from:
            period += f"～{_day(content.transacted_to)}"
        facts = [
            (f"{content.title}番号", self._number),
            ("発行日", _day(self._issued_on)),
            ("取引年月日", period),
            ("受注番号", content.order_number),
            *([("貴社注文番号", content.customer_order_number)] if content.customer_order_number else []),
            ("ご注文日", _day(content.ordered_on)),
            ("お支払方法", content.payment_method),
        ]
        for label, value in facts:
            self._page.text(_META[0], y, label, self._regular, _BODY, _GRAY)
            y = self._block(_META[1], y, value, self._regular, _BODY, _META_ROOM)
        if self._revision > 1:
            text = f"第{self._revision}版（先に発行したものに代わります）"
            y = self._block(_META[0], y, text, self._regular, _SMALL, _ISSUER_ROOM)
        return y

    def _issuer(self, y: float) -> float:
        party = self._content.issuer
        y = self._block(_META[0], y, party.name, self._bold, 11, _ISSUER_ROOM) + 1
        details = [*_address(party), party.phone and f"TEL {party.phone}", party.email]
        if party.registration_number:
            details.append(f"登録番号 {party.registration_number}")
        for text in filter(None, details):
            y = self._block(_META[0], y, text, self._regular, _BODY, _ISSUER_ROOM)
        return y

    def _sum(self, y: float) -> float:
        """The greeting and the box with the total; `y` is the greeting's baseline."""
        content = self._content
        self._page.text(LEFT, y, _GREETINGS[content.kind], self._regular, _BODY)
        top, height, label = y + 8, 30.0, 112.0
        self._page.fill(LEFT, top, label, height, _SHADE)
        self._frame(LEFT, top, LEFT + _LEFT_COLUMN, top + height, _THICK)
        self._centred(LEFT + label / 2, top + 18.5, _TOTAL_LABELS[content.kind], self._bold, 9.5)
        end, room = LEFT + _LEFT_COLUMN - 10, _LEFT_COLUMN - label - 20
        self._page.text_to(end, top + 21, f"¥{content.totals.total:,}", self._bold, 18, room)
        return top + height

    def _continue(self, *, with_table: bool) -> None:
        """A new page, headed so that a loose sheet can be put back."""
        self._open()
        recipient = f"{self._content.recipient.name} 御中"
        self._page.text(LEFT, TOP + 6, f"{self._content.title} {self._number}", self._bold, _BODY)
        self._page.text_to(RIGHT, TOP + 6, recipient, self._regular, _BODY, _LEFT_COLUMN)
        self._y = TOP + 16
        if with_table:
            self._table_head()

    def _footer(self, page: Page, n: int) -> None:
        text = f"{n} / {len(self.pages)}"
        x = (LEFT + RIGHT - self._regular.width(text) * _SMALL / 1000) / 2
        page.text(x, PAGE_HEIGHT - 26, text, self._regular, _SMALL)

    # Table

    def _table_head(self) -> None:
        top, bottom = self._y, self._y + _HEAD_HEIGHT
        self._page.fill(LEFT, top, RIGHT - LEFT, _HEAD_HEIGHT, _SHADE)
        self._page.rules([(LEFT, top, RIGHT, top)], _THICK)
        self._page.rules([(LEFT, bottom, RIGHT, bottom)], _THIN)
        for column in _COLUMNS:
            self._centred((column.left + column.right) / 2, top + 12, column.heading, self._bold, 8)
        self._y = bottom

    def _rows(self) -> None:
        self._table_head()
        on_page = 0
        last = len(self._content.lines)
        closing = self._closing_height()
        for number, line in enumerate(self._content.lines, start=1):
            row = self._row(number, line)
            # The totals never stand on a page without a row.
            needed = row.height + (closing if number == last else 0)
            if on_page and self._y + needed > BOTTOM:
                self._end_table()
                self._continue(with_table=True)
                on_page = 0
            self._draw(row)
            on_page += 1
        self._end_table()

    def _end_table(self) -> None:
        self._page.rules([(LEFT, self._y, RIGHT, self._y)], _THICK)

    def _row(self, number: int, line: DocumentLine) -> _Row:
        return _Row(
            number,
            line,
            self._wrapped(line.sku, _SKU.room, _SMALL),
            self._wrapped(line.name, _NAME.room, _TABLE),
            self._wrapped(line.unit, _UNIT.room, 8),
        )

    def _draw(self, row: _Row) -> None:
        line, page, font = row.line, self._page, self._regular
        gray = _BLACK if line.quantity else _GRAY
        y = self._y + _ROW_PADDING + 8.3
        self._centred((_NO.left + _NO.right) / 2, y, str(row.number), font, _SMALL, _GRAY)
        for index, text in enumerate(row.sku):
            page.text(_SKU.left + _CELL_PADDING, y + index * _ROW_LEADING, text, font, _SMALL, gray)
        for index, text in enumerate(row.name):
            page.text(_NAME.left + _CELL_PADDING, y + index * _ROW_LEADING, text, font, _TABLE, gray)
        for column, value in (
            (_PER_SET, line.units_per_set),
            (_QUANTITY, line.quantity),
            (_PRICE, line.unit_price),
            (_AMOUNT, line.amount),
        ):
            page.text_to(column.right - _CELL_PADDING, y, f"{value:,}", font, _TABLE, column.room, gray)
        for index, text in enumerate(row.unit):
            self._centred((_UNIT.left + _UNIT.right) / 2, y + index * _ROW_LEADING, text, font, 8, gray)
        self._centred((_RATE.left + _RATE.right) / 2, y, _RATE_LABELS[line.tax_category], font, 8, gray)
        if not line.quantity:
            self._strike(row.name, y)
        self._y += row.height
        page.rules([(LEFT, self._y, RIGHT, self._y)], _HAIR, _LIGHT)

    def _strike(self, lines: list[str], y: float) -> None:
        left = _NAME.left + _CELL_PADDING
        self._page.rules(
            (
                (
                    left,
                    y - 3 + index * _ROW_LEADING,
                    left + self._regular.width(text) * _TABLE / 1000,
                    y - 3 + index * _ROW_LEADING,
                )
                for index, text in enumerate(lines)
            ),
            _THIN,
            _GRAY,
        )

    # Totals and notes

    def _additions(self) -> list[tuple[str, int]]:
        totals = self._content.totals
        additions = [
            ("送料", totals.shipping_fee),
            ("決済手数料", totals.payment_fee),
            ("値引き", -totals.discount),
            ("ポイント利用", -totals.points_used),
        ]
        return [("商品合計", totals.goods), *((label, amount) for label, amount in additions if amount)]

    def _totals_height(self) -> float:
        # The additions, the heading of the rates, the rates, and the sum in a higher row.
        return (len(self._additions()) + 1 + len(self._content.totals.rates)) * _TOTALS_ROW + 4 + 22

    def _closing_height(self) -> float:
        notes = sum(note.height for note in self._notes)
        return _GAP + max(self._totals_height(), notes if notes <= _MOST_NOTES_KEPT else 0)

    def _closing(self) -> None:
        """The totals on the right; on the left the notes, which may go on over further pages."""
        top = self._y + _GAP
        self._totals(top)
        self._y = top
        for note in self._notes:
            if self._y + note.height > BOTTOM:
                self._continue(with_table=False)
            font, size = self._bold if note.bold else self._regular, _SMALL if note.small else _BODY
            self._page.text(LEFT, self._y + 9, note.text, font, size)
            self._y += note.height

    def _totals(self, y: float) -> None:
        totals = self._content.totals
        included = totals.rule.prices is PriceMode.TAX_INCLUDED
        mode = "税込" if included else "税抜"
        for label, amount in self._additions():
            self._totals_line(y, f"{label}（{mode}）", "", f"{amount:,}")
            y += _TOTALS_ROW
        y += 4
        self._page.fill(_TOTALS, y, RIGHT - _TOTALS, _TOTALS_ROW, _SHADE)
        self._totals_line(y, "税率", f"対象額（{mode}）", "うち消費税額" if included else "消費税額", bold=True)
        y += _TOTALS_ROW
        for rate in totals.rates:
            label = "非課税" if rate.tax_category is TaxCategory.EXEMPT else f"{rate.rate}%対象"
            mark = " ※" if rate.tax_category is TaxCategory.REDUCED else ""
            self._totals_line(y, label + mark, f"{rate.gross if included else rate.net:,}", f"{rate.tax:,}")
            y += _TOTALS_ROW
        self._page.fill(_TOTALS, y, RIGHT - _TOTALS, 22, _SHADE)
        self._page.rules([(_TOTALS, y, RIGHT, y), (_TOTALS, y + 22, RIGHT, y + 22)], _THICK)
        self._page.text(_TOTALS + _CELL_PADDING, y + 14.5, "合計（税込）", self._bold, 9.5)
        self._page.text_to(RIGHT - _CELL_PADDING, y + 15.5, f"¥{totals.total:,}", self._bold, 12, 160)

    def _totals_line(self, y: float, label: str, base: str, amount: str, *, bold: bool = False) -> None:
        font = self._bold if bold else self._regular
        size = 8 if bold else _TABLE
        self._page.text(_TOTALS + _CELL_PADDING, y + 10.8, label, font, size)
        for end, text in zip(_TOTALS_COLUMNS, (base, amount), strict=True):
            self._page.text_to(end, y + 10.8, text, font, size, _TOTALS_ROOM)
        self._page.rules([(_TOTALS, y + _TOTALS_ROW, RIGHT, y + _TOTALS_ROW)], _HAIR, _LIGHT)

    def _note_lines(self) -> Iterator[_NoteLine]:
        content = self._content
        for heading, body in (("お振込先", content.bank_account), ("備考", content.message)):
            if body.strip():
                yield _NoteLine(heading, bold=True)
                for text in self._wrapped(body.strip("\n"), _NOTES_ROOM, _BODY):
                    yield _NoteLine(text)
                yield _NoteLine("", small=True)
        for note in content.notes:
            for text in self._wrapped(note, _NOTES_ROOM, _SMALL):
                yield _NoteLine(text, small=True)

    # Pieces

    def _wrapped(self, text: str, room: float, size: float) -> list[str]:
        return wrap(text, room * 1000 / size, self._regular.width)

    def _block(self, x: float, y: float, text: str, font: Font, size: float, room: float) -> float:
        """Text in as many lines as it takes; returns the baseline after it."""
        leading = max(_LEADING, size * 1.35)
        for line in wrap(text, room * 1000 / size, font.width):
            self._page.text(x, y, line, font, size)
            y += leading
        return y

    def _centred(self, x: float, y: float, text: str, font: Font, size: float, gray: float = _BLACK) -> None:
        self._page.text(x - font.width(text) * size / 2000, y, text, font, size, gray)

    def _frame(self, left: float, top: float, right: float, bottom: float, width: float) -> None:
        self._page.rules(
            (
                (left, top, right, top),
                (right, top, right, bottom),
                (right, bottom, left, bottom),
                (left, bottom, left, top),
            ),
            width,
        )


def _address(party: Party) -> list[str]:
    lines = [f"〒{party.postal_code}" if party.postal_code else "", party.address, party.building]
    return [line for line in lines if line]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
