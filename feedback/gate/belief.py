"""How probable it is that a change is truly better: Bayes' rule with a prior learnt from changes of known worth.

1 - p is not that probability: it knows nothing of how rarely proposals help. The prior is a mixture over the true
daily Sharpe ratio of the pooled difference in units of usual swings, fitted to the ground truth of
benchmarks/gate_truth.py and checked for calibration on other seeds (docs/gate.md). The more sets were tried, the less
often the winner is good.
"""

from collections.abc import Sequence
from math import exp, log, pi

#: (weight, mean, standard deviation) of the true daily Sharpe ratio of changes that help ...
BETTER = ((0.8, 0.17, 0.03), (0.2, 0.42, 0.20))
#: ... and of those that do not: worthless ones and harmful ones.
NOT_BETTER = ((1.0, 0.0, 0.02), (1.0, -0.10, 0.10))
#: Prior odds fall with the number of trials to this power.
TRIALS_POWER = -0.2
#: Standard deviations of the t values around the truth: a little above 1 because regimes outlast blocks.
UNSEEN_NOISE, SEEN_NOISE = 1.05, 1.2


def prob_better(t_unseen: float, n_unseen: int, seen: tuple[float, int] | None, n_trials: int) -> float:
    """P(the change is truly better). `seen` is (t, days) of the seen window where it may count."""
    evidence = [(t_unseen, n_unseen, UNSEEN_NOISE)]
    if seen is not None and seen[1] > 0:
        evidence.append((*seen, SEEN_NOISE))
    good = _log_sum([log(w) + _log_density(evidence, mean, sd) for w, mean, sd in BETTER])
    bad = _log_sum([log(w) + _log_density(evidence, mean, sd) for w, mean, sd in NOT_BETTER])
    odds = good - bad + TRIALS_POWER * log(max(n_trials, 1))
    return 1 / (1 + exp(-min(max(odds, -700.0), 700.0)))


def _log_density(evidence: Sequence[tuple[float, int, float]], mean: float, sd: float) -> float:
    """Log density of t values that share one true Sharpe ratio drawn from a normal law (a rank-one update)."""
    pull, precision, total = 0.0, 1 / sd**2, 0.0
    for t, days, noise in evidence:
        surprise = t - mean * days**0.5
        total -= 0.5 * (surprise / noise) ** 2 + log(noise) + 0.5 * log(2 * pi)
        pull += surprise * days**0.5 / noise**2
        precision += days / noise**2
    return total + 0.5 * pull**2 / precision - 0.5 * log(precision * sd**2)


def _log_sum(values: Sequence[float]) -> float:
    highest = max(values)
    return highest + log(sum(exp(value - highest) for value in values))
