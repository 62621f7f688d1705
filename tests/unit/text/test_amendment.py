"""Absence is a state of its own: neither a default nor null."""

from datetime import date

import pytest
from pydantic import MISSING

from shukka.domain.text.amendment import Amendment, changed


class Inner(Amendment):
    name: str | MISSING = MISSING
    phone: str | MISSING | None = MISSING


class Outer(Amendment):
    fee: int | MISSING = MISSING
    day: date | MISSING | None = MISSING
    inner: Inner | MISSING | None = MISSING


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fee": 0},
        {"day": None},
        {"inner": None},
        {"inner": {"phone": None}},
        {"fee": 1, "inner": {"name": ""}},
    ],
)
def test_what_was_given_is_what_was_written(body):
    assert Outer.model_validate(body).given() == body


def test_an_inner_amendment_that_names_nothing_is_absent():
    assert Outer.model_validate({"inner": {}}).given() == {}


@pytest.mark.parametrize("body", [{"fee": None}, {"inner": {"name": None}}, {"fees": 1}])
def test_null_is_refused_where_it_clears_nothing(body):
    with pytest.raises(ValueError, match="validation error"):
        Outer.model_validate(body)


def test_the_schema_has_no_default_and_nothing_is_required():
    schema = Outer.model_json_schema()

    assert "default" not in str(schema)
    assert "required" not in str(schema)


def test_an_amendment_with_a_default_cannot_be_declared():
    with pytest.raises(TypeError, match="fee"):
        type("Wrong", (Amendment,), {"__annotations__": {"fee": int}, "fee": 0})
    with pytest.raises(TypeError, match="fee"):
        type("Wrong", (Amendment,), {"__annotations__": {"fee": int}})


def test_to_repeat_a_value_is_no_change():
    assert changed({"a": 1, "b": None, "c": ""}, {"a": 1, "b": 2, "c": None, "d": 4}) == {"b": None, "c": ""}
