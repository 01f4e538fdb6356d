"""The probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey et al. 2017)."""

from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from core.market import Floats

SLICES = 10


def probability_of_overfitting(trials: Floats, slices: int = SLICES) -> float | None:
    """The share of splits in which the best trial of one half of the days is below the median in the other.

    `trials` is [trials, days]; days are cut into `slices` (even) consecutive parts. None with too few days or trials.
    """
    count, days = trials.shape
    if count < 2 or days < 2 * slices:
        return None
    parts = np.array_split(np.arange(days), slices)
    below = [_below_median(trials, parts, set(chosen)) for chosen in combinations(range(slices), slices // 2)]
    return float(np.mean(below))


def _below_median(trials: Floats, parts: list[np.ndarray[tuple[int], np.dtype[np.intp]]], chosen: set[int]) -> bool:
    inside = np.concatenate([part for number, part in enumerate(parts) if number in chosen])
    outside = np.concatenate([part for number, part in enumerate(parts) if number not in chosen])
    best = int(np.argmax(_sharpe(trials[:, inside])))
    rank = rankdata(_sharpe(trials[:, outside]))[best]
    return bool(rank / (len(trials) + 1) <= 0.5)


def _sharpe(returns: Floats) -> Floats:
    deviation = returns.std(axis=1)
    ratios: Floats = np.divide(returns.mean(axis=1), deviation, out=np.zeros(len(returns)), where=deviation > 0)
    return ratios
