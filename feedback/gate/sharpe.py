"""Is a Sharpe ratio real? The probabilistic (Bailey and López de Prado 2012) and the deflated one (2014)."""

from math import e, sqrt

import numpy as np
from scipy.stats import kurtosis, norm, skew

from core.market import Floats

EULER = 0.5772156649015329


def probabilistic_sharpe(returns: Floats, benchmark: float = 0.0) -> float | None:
    """P(the true Sharpe ratio per day is above `benchmark`); None without spread or with fewer than 3 days."""
    if len(returns) < 3 or np.ptp(returns) == 0:
        return None
    ratio = float(returns.mean() / returns.std(ddof=1))
    lopsided, tails = float(skew(returns)), float(kurtosis(returns, fisher=False))
    variance = 1 - lopsided * ratio + (tails - 1) / 4 * ratio**2
    if variance <= 0:
        return None
    return float(norm.cdf((ratio - benchmark) * sqrt(len(returns) - 1) / sqrt(variance)))


def expected_best_sharpe(spread: float, trials: int) -> float:
    """The highest of `trials` Sharpe ratios that are truly 0 and scatter by `spread`, on average."""
    if trials < 2:
        return 0.0
    first, second = norm.ppf(1 - 1 / trials), norm.ppf(1 - 1 / (trials * e))
    return spread * float((1 - EULER) * first + EULER * second)


def deflated_sharpe(returns: Floats, trials: Floats) -> float | None:
    """PSR against what the best of the trials [trials, days] would show by luck alone, given how they scatter."""
    deviations = trials.std(axis=1, ddof=1)
    traded = deviations > 0
    if traded.sum() < 2:
        return probabilistic_sharpe(returns)
    ratios = trials.mean(axis=1)[traded] / deviations[traded]
    return probabilistic_sharpe(returns, expected_best_sharpe(float(ratios.std(ddof=1)), int(traded.sum())))
