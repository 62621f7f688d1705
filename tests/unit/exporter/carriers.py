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


def shipped_file(format_: LabelFormat, label_file: bytes, given: Iterator[str], shipped_on: date) -> bytes:
    """What the carrier's software hands back for the labels that it was given."""
    labels = list(csv.reader(io.StringIO(label_file.decode("cp932"), newline=""), strict=True))
    return {
        LabelFormat.YAMATO_B2CLOUD: _b2cloud,
        LabelFormat.SAGAWA_EHIDEN3: _ehiden3,
        LabelFormat.YUPACK_PRINT_R: _print_r,
    }[format_](labels, given, shipped_on)


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


def _csv(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode(encoding)
