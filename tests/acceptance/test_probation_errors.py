"""The probation's errors on seeds that did not calibrate it; effects are daily Sharpe ratios (docs/probation.md)."""

from math import sqrt

import numpy as np
import pytest

from benchmarks.probation_truth import watch
from benchmarks.truth.live import NOISES

pytestmark = pytest.mark.slow

SERIES = 1_000
FALSE = 0.05 + 2 * sqrt(0.05 * 0.95 / SERIES)


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize(("symbols", "bad_day", "worst_day"), [(1, 21, 12), (3, 14, 7)])
def test_harm_is_out_in_time_and_good_changes_stay(kind: str, symbols: int, bad_day: int, worst_day: int) -> None:
    noise = NOISES[kind](SERIES, symbols, np.random.default_rng([101, symbols]))
    good, bad, worst = (watch(noise, effect) for effect in (0.11, -0.5, -0.9))
    assert good.rolled_back <= FALSE
    assert bad.median_day <= bad_day
    assert worst.median_day <= worst_day
    assert bad.avoided >= 0.80
