"""The cost of making a document beside stock fpdf2 and reportlab: the same strings, rules and fills, in one process.

The other two draw the finished layout, so they are spared the work of laying out. Needs reportlab beside the product
(bench/requirements.txt).
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple
from unittest.mock import patch

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from documents.fpdf_parts import FPDF
from documents.pdf import PAGE_HEIGHT, PAGE_WIDTH, Font, Page
from documents.render import render
from documents.typeface import FONTS
from shukka.domain.documents.document import DocumentContent, document_content
from shukka.domain.order.outbox import DocumentKind
from tests.builders import a_line, an_order, some_settings

_ISSUED_ON = date(2026, 11, 26)
_NAMES = ("丸大豆しょうゆ 1.8L", "一番搾りごま油 1650g", "クラフト紙袋 中～大 100枚", "純米吟醸 能登の風 720ml")
_RESIDENT = """
import sys
# Where the test tools bring cryptography along, fpdf2 loads it; the layer does not have it.
sys.modules["cryptography"] = None
sys.path[:0] = {paths!r}
from datetime import date
from pathlib import Path
from documents.render import render
from shukka.domain.documents.document import DocumentContent
render(DocumentContent.model_validate_json(Path({content!r}).read_bytes()), 1, date(2026, 11, 26))
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


class _Text(NamedTuple):
    x: float
    y: float
    text: str
    bold: bool
    size: float
    gray: float


class _Sheet(Page):
    """A page that remembers what was put on it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[_Text] = []
        self.lines: list[tuple[float, float, float, float, float, float]] = []
        self.fills: list[tuple[float, float, float, float, float]] = []

    def text(self, x: float, y: float, text: str, font: Font, size: float, gray: float = 0.0) -> None:
        if text:
            self.texts.append(_Text(x, y, text, font.number == 2, size, gray))

    def rules(self, lines: Any, width: float, gray: float = 0.0) -> None:
        self.lines += [(*line, width, gray) for line in lines]

    def fill(self, x: float, y: float, width: float, height: float, gray: float) -> None:
        self.fills.append((x, y, width, height, gray))


def figures() -> list[dict[str, Any]]:
    for name, file in (("noto", "regular.ttf"), ("noto-bold", "bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
    short, long = _invoice(10), _invoice(2_000)
    short_sheets, long_sheets = _sheets(short), _sheets(long)
    fpdf2_10, reportlab_10 = _ratios(short, 9, lambda: _fpdf2(short_sheets), lambda: _reportlab(short_sheets))
    (fpdf2_2000,) = _ratios(long, 3, lambda: _fpdf2(long_sheets))
    resident = _resident_mb(long)
    return [
        _figure("invoice10_vs_fpdf2", fpdf2_10, "x", 15, fpdf2_10 >= 15),
        _figure("invoice10_vs_reportlab", reportlab_10, "x", 1, reportlab_10 >= 1),
        _figure("invoice2000_vs_fpdf2", fpdf2_2000, "x", 8, fpdf2_2000 >= 8),
        _figure("invoice2000_rss_mb", resident, "MB", 65, resident <= 65),
    ]


def _figure(name: str, value: float, unit: str, target: float, holds: bool) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "holds": holds}


def _invoice(count: int) -> DocumentContent:
    lines = tuple(
        a_line(n, name=_NAMES[n % len(_NAMES)], sku=f"SKU-{n:05}", unit_price=100 + n, quantity=1 + n % 12)
        for n in range(1, count + 1)
    )
    return document_content(an_order(lines=lines), some_settings(), DocumentKind.INVOICE)


def _sheets(content: DocumentContent) -> list[_Sheet]:
    sheets: list[_Sheet] = []

    class Recorded(_Sheet):
        def __init__(self) -> None:
            super().__init__()
            sheets.append(self)

    with patch("documents.layout.Page", Recorded):
        render(content, 1, _ISSUED_ON)
    return [sheet for sheet in sheets if sheet.texts]


def _ratios(content: DocumentContent, rounds: int, *others: Callable[[], bytes]) -> list[float]:
    """How many times as long the others take, after a warm-up; in turns, so that what else runs here meets all."""
    works = [lambda: render(content, 1, _ISSUED_ON), *others]
    for work in works:
        work()
    times = [[_seconds(work) for work in works] for _ in range(rounds)]
    return [median(row[column] / row[0] for row in times) for column in range(1, len(works))]


def _seconds(work: Callable[[], bytes]) -> float:
    start = process_time()
    work()
    return process_time() - start


def _fpdf2(sheets: Sequence[_Sheet]) -> bytes:
    """Stock: the whole font, one cell() for each string."""
    pdf = FPDF(unit="pt", format=(PAGE_WIDTH, PAGE_HEIGHT))
    pdf.set_auto_page_break(False)
    pdf.add_font("noto", "", FONTS / "regular.ttf")
    pdf.add_font("noto", "B", FONTS / "bold.ttf")
    pdf.c_margin = 0
    for sheet in sheets:
        pdf.add_page()
        for x, y, width, height, gray in sheet.fills:
            pdf.set_fill_color(round(gray * 255))
            pdf.rect(x, y, width, height, style="F")
        for x1, y1, x2, y2, width, gray in sheet.lines:
            pdf.set_line_width(width)
            pdf.set_draw_color(round(gray * 255))
            pdf.line(x1, y1, x2, y2)
        for text in sheet.texts:
            pdf.set_font("noto", "B" if text.bold else "", text.size)
            pdf.set_text_color(round(text.gray * 255))
            # A cell sets its text 0.8 of its size below its middle line.
            pdf.set_xy(text.x, text.y - 0.8 * text.size)
            pdf.cell(text=text.text, h=text.size)
    return bytes(pdf.output())


def _reportlab(sheets: Sequence[_Sheet]) -> bytes:
    """A canvas, with fonts that were read once."""
    output = BytesIO()
    canvas = Canvas(output, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), pageCompression=1)
    for sheet in sheets:
        for x, y, width, height, gray in sheet.fills:
            canvas.setFillGray(gray)
            canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=0, fill=1)
        for x1, y1, x2, y2, width, gray in sheet.lines:
            canvas.setLineWidth(width)
            canvas.setStrokeGray(gray)
            canvas.line(x1, PAGE_HEIGHT - y1, x2, PAGE_HEIGHT - y2)
        for text in sheet.texts:
            canvas.setFont("noto-bold" if text.bold else "noto", text.size)
            canvas.setFillGray(text.gray)
            canvas.drawString(text.x, PAGE_HEIGHT - text.y, text.text)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _resident_mb(content: DocumentContent) -> float:
    """The most memory that a process takes which reads the document and renders it, and does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content.json"
        path.write_text(content.model_dump_json())
        code = _RESIDENT.format(paths=sys.path, content=str(path))
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


if __name__ == "__main__":
    for figure in figures():
        print(figure)
