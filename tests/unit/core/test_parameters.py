"""One declaration decides what a parameter may be, in every place that asks."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, OutOfBounds, UnknownName
from core.parameters import Declaration, Parameter, ParameterSet, digest_of

THRESHOLD = Parameter("entry_threshold", 0.006, 0.001, 0.05, 0.0005, "fraction", "What starts a trade", risk="down")
HOLDING = Parameter("max_holding", 120, 5, 1440, 5, "bars", "When it ends", "int", risk="up", applies="flat")
DECLARED = Declaration((THRESHOLD, HOLDING))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, "0.006", None, [0.006]])
def test_what_is_no_finite_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidInput, match="entry_threshold must be a finite number"):
        THRESHOLD.check(value)


@pytest.mark.parametrize("value", [0.0, 0.0005, 0.0505, -1.0, 1e300])
def test_what_is_outside_the_bounds_is_refused(value: float) -> None:
    with pytest.raises(OutOfBounds, match="outside"):
        THRESHOLD.check(value)


def test_what_is_off_the_step_is_refused_with_the_nearest_value() -> None:
    with pytest.raises(OutOfBounds, match=r"Nearest: 0\.0065"):
        THRESHOLD.check(0.0063)


@given(st.integers(2, 100))
def test_every_value_on_the_grid_passes_and_is_free_of_binary_noise(count: int) -> None:
    value = THRESHOLD.check(count * 0.0005)
    assert value == float(f"{value:.4f}")
    assert THRESHOLD.check(value) == value


@given(st.floats(-10, 10))
def test_rounding_always_gives_a_legal_value(value: float) -> None:
    assert THRESHOLD.check(THRESHOLD.round(value)) == THRESHOLD.round(value)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'max_holding'"):
        DECLARED.complete({"max_holdings": 60})


def test_missing_values_are_filled_with_defaults() -> None:
    assert DECLARED.complete({"max_holding": 60}) == {"entry_threshold": 0.006, "max_holding": 60.0}


def test_one_step_is_always_allowed_even_where_the_largest_change_is_smaller() -> None:
    assert THRESHOLD.largest_change(0.001) == 0.0005
    assert THRESHOLD.largest_change(0.01) == pytest.approx(0.003)


def test_risk_has_a_direction() -> None:
    assert THRESHOLD.takes_more_risk(0.006, 0.005)
    assert not THRESHOLD.takes_more_risk(0.006, 0.007)
    assert HOLDING.takes_more_risk(60, 65)


def test_the_schema_states_the_same_bounds() -> None:
    schema = DECLARED.json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["max_holding"]["type"] == "integer"
    assert (schema["properties"]["entry_threshold"]["minimum"], schema["properties"]["entry_threshold"]["maximum"]) == (
        0.001,
        0.05,
    )


def test_a_parameter_declared_twice_or_out_of_its_own_bounds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="declared twice"):
        Declaration((THRESHOLD, THRESHOLD))
    with pytest.raises(InvalidInput, match="low <= default <= high"):
        Parameter("x", 2, 0, 1, 0.1, "", "")


def test_the_digest_is_of_the_values_alone() -> None:
    first = ParameterSet("a", 1, {"x": 1, "y": 2.0}, "seed")
    again = ParameterSet("b", 7, {"y": 2.0, "x": 1.0}, "person", parent=6)
    assert first.digest == again.digest
    assert first.digest == digest_of({"x": 1.0, "y": 2.0})
    assert ParameterSet("a", 2, {"x": 1.0, "y": 2.5}, "seed").digest != first.digest


def test_a_digest_refuses_what_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        digest_of({"x": math.nan})
    assert digest_of(json.loads('{"b": 1, "a": "가"}')) == digest_of({"a": "가", "b": 1})
