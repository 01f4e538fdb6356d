"""What each parameter set is truly worth against each other one, from a very long history."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from benchmarks.truth import momentum
from benchmarks.truth.market import MarketSettings, returns
from core.market import Floats

LONG_DAYS = 60_000
TRUTH_SEED = 20_231_120


@dataclass(frozen=True)
class Worth:
    """`effect[i, j]`: the true daily Sharpe ratio of set j minus set i on one symbol; `sharpe[i]` that of set i.
    `distinct[i, j]`: the two trade differently enough for a comparison to have a meaning.
    """

    effect: Floats
    sharpe: Floats
    distinct: npt.NDArray[np.bool_]


@lru_cache(maxsize=4)
def true_worth(settings: MarketSettings) -> Worth:
    """The truth of `settings`, with a standard error of 0.004 in daily Sharpe."""
    history = returns(settings, LONG_DAYS, 1, np.random.default_rng(TRUTH_SEED))[0]
    daily = momentum.run(history, momentum.GRID, momentum.FEE)
    mean, covariance = daily.mean(axis=1), np.cov(daily)
    variance = np.diag(covariance)
    spread = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 1e-18))
    effect = (mean[None, :] - mean[:, None]) / spread
    np.fill_diagonal(effect, 0.0)
    distinct = spread > 0.2 * np.sqrt(variance)[:, None]
    return Worth(effect, mean / np.sqrt(variance), distinct)
