"""Floats become Decimals at one place, without noise and without inventing anything."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.money import CENT, amount, on_step

STEPS = st.sampled_from([Decimal(text) for text in ("0.1", "0.01", "0.001", "0.00001", "1", "5", "0.5")])


@given(st.integers(-(10**11), 10**11), STEPS)
def test_a_multiple_of_the_step_comes_back_exactly(count: int, step: Decimal) -> None:
    assert on_step(float(count * step), step) == count * step


@given(st.floats(-1e9, 1e9), STEPS)
def test_rounding_goes_to_the_nearest_step(value: float, step: Decimal) -> None:
    rounded = on_step(value, step)
    assert rounded % step == 0
    assert abs(rounded - Decimal(repr(value))) <= step / 2


@given(st.floats(-1e9, 1e9))
def test_an_amount_is_within_half_a_unit_of_its_last_decimal(value: float) -> None:
    assert abs(amount(value) - Decimal(repr(value))) <= CENT / 2


def test_a_step_of_zero_keeps_the_shortest_exact_decimal() -> None:
    assert on_step(0.1 + 0.2, Decimal(0)) == Decimal("0.30000000000000004")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_booked(value: float) -> None:
    with pytest.raises(ValueError, match="cannot be booked"):
        amount(value)


def test_whole_amounts_keep_their_zeros_and_minus_zero_is_zero() -> None:
    assert [str(amount(value)) for value in (1200.0, -0.0, 1e9)] == ["1200", "0", "1000000000"]
