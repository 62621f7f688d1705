"""Calendar days as people, carriers and spreadsheets write them."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from shukka.domain.text.dates import BusinessDate

DATE = TypeAdapter(BusinessDate)


@pytest.mark.parametrize(
    "text",
    [
        "2026/1/5",
        "2026/01/05",
        "2026-01-05",
        "2026.1.5",
        "20260105",
        "2026年1月5日",
        "２０２６／１／５",
        "2026−01−05",
        '="2026/1/5"',
        " 2026/1/5 ",
        "2026/1/5 0:00",
        "2026-01-05T10:23:45",
        "2026-01-05 10:23:45.678",
        "20260105093000",
        "2026/1/5(月)",
        "2026年1月5日（月曜日） 9:30",
        "2026/01/05㈪",
        "R8.1.5",
        "Ｒ8/01/05",
        "令和8年1月5日",
        "5-Jan-2026",
        "\u200b2026/1/5\ufeff",
    ],
)
def test_a_day_is_read_in_every_form(text):
    assert DATE.validate_python(text) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-02-31", "暦にない"),
        ("2026-13-01", "暦にない"),
        ("20260230", "暦にない"),
        ("3月1日", "年がありません"),
        ("3/1", "年がありません"),
        ("1-Mar", "年がありません"),
        ("Mar-26", "年がありません"),
        ("26/1/5", "年が2桁"),
        ("5-Jan-26", "年が2桁"),
        ("2026/1/5(火)", "2026/01/05は月曜日"),
        ("R0.1.5", "暦にない"),
        ("H30.1.5", "読めません"),
        ("20260105993000", "読めません"),
        ("46351", "シリアル値"),
        ("2.02601E+07", "指数表記"),
        ("#####", "列の幅"),
        ("1999/12/31", "2000年"),
        ("2026/1-5", "読めません"),
        ("2026/1/5x", "読めません"),
        ("2026-01-05T00:00:00Z", "読めません"),
        ("1767571200", "読めません"),
        ("", "読めません"),
    ],
)
def test_what_is_no_day_is_refused_in_words(text, words):
    with pytest.raises(ValidationError, match=words):
        DATE.validate_python(text)


@pytest.mark.parametrize("value", [1767571200, datetime(2026, 1, 5, tzinfo=UTC), None])
def test_only_days_and_text_are_days(value):
    with pytest.raises(ValidationError):
        DATE.validate_python(value)


def test_a_day_is_a_day():
    assert DATE.validate_python(date(2026, 1, 5)) == date(2026, 1, 5)


def test_the_first_year_of_an_era_has_a_name():
    assert DATE.validate_python("令和元年5月1日") == date(2019, 5, 1)
