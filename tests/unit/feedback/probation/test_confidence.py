"""Intervals and public words against known effects, in units of daily swings."""

from math import sqrt

import numpy as np
import pytest

from benchmarks.truth.live import NOISES, fat_tails, normal, persistent
from feedback.probation.confidence import FEWEST_BLOCKS, interval, sequence, word

SERIES = 400


def ever(days: list[float], said: str) -> bool:
    """Whether the word is said on any evening of the series."""
    return any(word(days[:end]) == said for end in range(5, len(days) + 1, 5))


@pytest.mark.parametrize("kind", ["normal", "fat_tails", "persistent"])
def test_of_changes_without_effect_at_most_a_twentieth_is_ever_called_better_or_worse(kind: str) -> None:
    noise = NOISES[kind](SERIES, 1, np.random.default_rng([31, 1]))[:, 0].tolist()
    called = sum(ever(days, "better") or ever(days, "worse") for days in noise)
    assert called / SERIES <= 0.05 + 2 * sqrt(0.05 * 0.95 / SERIES)


def test_a_clear_effect_is_named_by_its_sign() -> None:
    noise = fat_tails(100, 1, np.random.default_rng(32))[:, 0]
    for effect, said, other in ((0.5, "better", "worse"), (-0.5, "worse", "better")):
        series = (noise + effect).tolist()
        assert sum(ever(days, said) for days in series) >= 95
        assert sum(ever(days, other) for days in series) == 0


@pytest.mark.parametrize("make", [normal, persistent])
def test_nine_of_ten_intervals_hold_the_truth(make: object) -> None:
    noise = make(SERIES, 1, np.random.default_rng(33))[:, 0]  # type: ignore[operator]
    found = [interval((days + 0.2).tolist()) for days in noise]
    covered = np.mean([one is not None and one.low <= 0.2 <= one.high for one in found])
    assert covered >= 0.90 - 2 * sqrt(0.9 * 0.1 / SERIES)


def test_the_sequence_is_wider_than_the_interval_of_one_day() -> None:
    days = normal(1, 1, np.random.default_rng(34))[0, 0].tolist()
    once, always = interval(days, 0.95), sequence(days)
    assert once is not None
    assert always is not None
    assert always.low < once.low < once.high < always.high


def test_too_few_days_say_nothing() -> None:
    assert interval([1.0] * 14) is None
    assert sequence([1.0] * (5 * FEWEST_BLOCKS - 1)) is None
    assert word([1.0, 1.1] * 15) is None
