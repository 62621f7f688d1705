"""Carriers as a shop sees them: they take a label file, print, and hand back a file of their own with the numbers."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from shukka.domain.labels.formats import LabelFormat


def numbers() -> Iterator[str]:
    """Tracking numbers of twelve digits with their 7DR digit."""
    for n in range(39_000_000_001, 39_999_999_999):
        yield f"{n}{n % 7}"


def shipped_file(
    format_: LabelFormat, label_file: bytes, given: Iterator[str], shipped_on: date, *, variant: int = 0
) -> bytes:
    """What the carrier's software hands back for these labels, in one of the forms that it can write."""
    labels = list(csv.reader(io.StringIO(label_file.decode("cp932"), newline=""), strict=True))
    return _FORMS[format_][variant](labels, given, shipped_on)


def forms() -> list[tuple[LabelFormat, int]]:
    """Every form of every carrier's software."""
    return [(format_, variant) for format_, ways in _FORMS.items() for variant in range(len(ways))]


def _b2cloud(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """発行済データ without heading: the same columns, with 伝票番号 and 出荷予定日."""
    issued = [[*row[:3], next(given), f"{shipped_on:%Y/%m/%d}", *row[5:]] for row in labels]
    return _csv(issued, "cp932")


def _ehiden3(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """出荷履歴 with heading: the same columns, with 出荷日 and お問い合せ送り状No."""
    heading, *rows = labels
    issued = [[*row[:60], f"{shipped_on:%Y/%m/%d}", next(given), *row[62:]] for row in rows]
    return "\ufeff".encode() + _csv([heading, *issued], "utf-8")


def _print_r(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """発送履歴: key, number and what happened since."""
    heading = [
        "お客様側管理番号",
        "お問い合わせ番号",
        "仮引受確定作業年月日",
        "配送完了作業年月日",
        "配達ステータス集約コード",
        "配達ステータス明細コード",
    ]
    rows = [[row[0], next(given), f"{shipped_on:%Y%m%d}", "", "10", "0A"] for row in labels[1:]]
    return _csv([heading, *rows], "cp932")


def _b2cloud_heading(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """The columns that a shop chose, with heading."""
    heading = ["お客様管理番号", "伝票番号", "出荷予定日", "お届け先名"]
    rows = [[row[0], next(given), f"{shipped_on:%Y/%m/%d}", row[15]] for row in labels]
    return _csv([heading, *rows], "cp932")


def _ehiden3_no_heading(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    issued = [[*row[:60], f"{shipped_on:%Y/%m/%d}", next(given), *row[62:]] for row in labels[1:]]
    return _csv(issued, "cp932")


def _ehiden3_free(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """自由レイアウト under titles, the number first and in groups."""
    titles = [["出荷履歴"], ["出力日", f"{shipped_on:%Y/%m/%d}"]]
    heading = ["お問合せ送り状", "お届け先名称１", "お客様管理番号", "出荷日"]
    rows = [[_grouped(next(given)), row[7], row[9], f"{shipped_on:%Y/%m/%d}"] for row in labels[1:]]
    return _csv([*titles, heading, *rows], "cp932")


def _print_r_no_heading(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    """発送履歴 with moments, as the specification has them."""
    rows = [[row[0], next(given), f"{shipped_on:%Y%m%d}093000", "", "10", "0A"] for row in labels[1:]]
    return _csv(rows, "cp932")


def _print_r_short(labels: list[list[str]], given: Iterator[str], shipped_on: date) -> bytes:
    heading = ["お問い合わせ番号", "お客様側管理番号", "発送予定日"]
    return _csv([heading, *([next(given), row[0], f"{shipped_on:%Y%m%d}"] for row in labels[1:])], "cp932")


def _grouped(number: str) -> str:
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


_FORMS = {
    LabelFormat.YAMATO_B2CLOUD: (_b2cloud, _b2cloud_heading),
    LabelFormat.SAGAWA_EHIDEN3: (_ehiden3, _ehiden3_no_heading, _ehiden3_free),
    LabelFormat.YUPACK_PRINT_R: (_print_r, _print_r_no_heading, _print_r_short),
}


def _csv(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode(encoding)
