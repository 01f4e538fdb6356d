"""The vectorised bootstrap against arch, and against what a test must do."""

import numpy as np
import pytest
from arch.bootstrap import CircularBlockBootstrap, optimal_block_length

from core.market import Floats
from feedback.gate.bootstrap import SHORTEST_BLOCK, block_length, block_means, bootstrap_mean


def _clustered(seed: int, days: int = 240) -> Floats:
    rng = np.random.default_rng(seed)
    slow = np.convolve(rng.standard_normal(days + 9), np.ones(10) / 10, "valid")
    return 0.001 + 0.01 * (rng.standard_t(4, days) + 2 * slow)


def _arch_pivots(series: Floats, length: int, seed: int, repetitions: int) -> Floats:
    """The studentised statistic on resamples that arch draws, block by block."""
    drawn = CircularBlockBootstrap(length, series, seed=seed)
    blocks = np.stack([data[0][0].reshape(-1, length).mean(axis=1) for data in drawn.bootstrap(repetitions)])
    errors = blocks.std(axis=1, ddof=1) / np.sqrt(blocks.shape[1])
    return (blocks.mean(axis=1) - series.mean()) / errors


@pytest.mark.parametrize("length", [5, 8, 12])
def test_its_quantiles_are_those_of_resamples_drawn_by_arch(length: int) -> None:
    series = _clustered(3)
    ours = bootstrap_mean(series, 7, block=length, repetitions=8_000).pivots
    theirs = _arch_pivots(series, length, 11, 8_000)
    levels = [0.05, 0.10, 0.5, 0.90, 0.95]
    assert np.quantile(ours, levels) == pytest.approx(np.quantile(theirs, levels), abs=0.09)


def test_block_means_are_those_of_a_circle() -> None:
    assert block_means(np.array([1.0, 2.0, 3.0, 6.0]), 3) == pytest.approx([2.0, 11 / 3, 10 / 3, 3.0])


def test_block_length_is_archs_optimum_above_the_floor() -> None:
    series = _clustered(5, 900)
    assert block_length(series) == np.ceil(optimal_block_length(series)["circular"].iloc[0]) > SHORTEST_BLOCK
    assert block_length(np.random.default_rng(1).standard_normal(240)) == SHORTEST_BLOCK


def test_a_series_without_spread_proves_nothing() -> None:
    assert bootstrap_mean(np.full(100, 0.001), 1).p_value == 1.0


def test_the_same_seed_gives_the_same_verdict_and_the_interval_holds_the_mean() -> None:
    first, second = (bootstrap_mean(_clustered(1), 42) for _ in range(2))
    assert np.array_equal(first.pivots, second.pivots)
    low, high = first.interval()
    assert low < first.mean < high


def test_worthless_series_are_called_good_as_often_as_stated() -> None:
    rng = np.random.default_rng(9)
    p = np.array([bootstrap_mean(rng.standard_t(4, 200), k, repetitions=499).p_value for k in range(400)])
    assert 0.06 < (p < 0.10).mean() < 0.145


def test_the_smallest_visible_effect_is_seen_four_times_in_five() -> None:
    rng = np.random.default_rng(2)
    effect = np.mean([bootstrap_mean(rng.standard_normal(200), k).smallest_visible(0.10) for k in range(20)])
    found = [bootstrap_mean(effect + rng.standard_normal(200), k, repetitions=499).p_value < 0.10 for k in range(300)]
    assert 0.72 < np.mean(found) < 0.88
