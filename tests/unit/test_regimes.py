"""The one rule that names regimes."""

import math

import pytest

from core.regimes import REGIMES, regime_of


@pytest.mark.parametrize(
    ("trend", "volatility", "name"),
    [
        (0.0, 0.0004, "range_calm"),
        (0.0, 0.002, "range_volatile"),
        (0.02, 0.0004, "up_calm"),
        (-0.02, 0.0004, "down_calm"),
        (0.05, 0.002, "up_volatile"),
        (-0.05, 0.002, "down_volatile"),
        (math.nan, 0.002, "unknown"),
        (0.01, math.nan, "unknown"),
    ],
)
def test_a_regime_is_named_by_direction_and_pace(trend: float, volatility: float, name: str) -> None:
    assert regime_of(trend, volatility) == name


def test_the_same_distance_is_a_trend_in_a_calm_market_and_noise_in_a_volatile_one() -> None:
    assert regime_of(0.008, 0.0005) == "up_calm"
    assert regime_of(0.008, 0.0015) == "range_volatile"


def test_a_market_that_does_not_move_is_calm_and_without_direction() -> None:
    assert regime_of(0.0, 0.0) == "range_calm"
    assert {regime_of(t, v) for t in (-1.0, 0.0, 1.0) for v in (0.0001, 0.01)} == set(REGIMES)
