"""Cells that a spreadsheet program leaves alone, and that come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.spreadsheet import harmless, original

signs = st.text(st.sampled_from("'=+-@\t\n＝＋－＠1a\""), max_size=8)


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", "＝1", "\t=1", "\n=1"])
def test_a_formula_becomes_text(formula):
    assert harmless(formula) == f"'{formula}"


@pytest.mark.parametrize("cell", ["", "しょうゆ", "-", "-800", "+1,200.5", '="0123"', "06-0000-1002", "a=1"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


@given(signs)
def test_what_was_made_harmless_comes_back_as_it_was(cell):
    assert original(harmless(cell)) == cell


@given(signs)
def test_no_cell_is_left_that_begins_a_formula(cell):
    safe = harmless(cell)

    assert safe == cell or safe[0] == "'"
