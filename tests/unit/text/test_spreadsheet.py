"""Cells that a spreadsheet program leaves alone, and that are restored unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.text.spreadsheet import as_text, guarded_row, harmless, original

signs = st.text(st.sampled_from("'=+-@\t\n＝＋－＠1a\""), max_size=8)


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", "＝1", "\t=1", "\n=1", '="0123"'])
def test_a_formula_becomes_text(formula):
    assert harmless(formula) == f"'{formula}"


@pytest.mark.parametrize("cell", ["", "しょうゆ", "-", "-800", "+1,200.5", "06-0000-1002", "a=1"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


@given(signs)
def test_a_harmless_cell_is_restored(cell):
    assert original(harmless(cell)) == cell


@given(signs)
def test_no_cell_is_left_that_begins_a_formula(cell):
    safe = harmless(cell)

    assert safe == cell or safe[0] == "'"


@given(signs)
def test_a_code_written_as_text_is_restored(cell):
    assert original(as_text(cell)) == cell


@pytest.mark.parametrize("number", ["444413758703", "0300001001", "0600001"])
def test_a_number_that_a_spreadsheet_would_damage_becomes_text(number):
    assert guarded_row(["a", number, "2"]) == ["a", f'="{number}"', "2"]
    assert guarded_row(guarded_row([number])) == guarded_row([number])


@pytest.mark.parametrize("cell", ["", "0", "1234567", "2026/11/25", "03-0000-1001", "WMS-000000000001"])
def test_a_row_that_no_spreadsheet_damages_is_left_alone(cell):
    row = ["x", cell]

    assert guarded_row(row) is row


@given(st.lists(signs, min_size=1))
def test_a_guarded_row_is_restored(row):
    assert [original(cell) for cell in guarded_row(row)] == [original(cell) for cell in row]
