"""What a change under probation is probably worth: Bayes' rule over two hypotheses, both in units of daily swings.

Either the gate was right (a normal law around its estimate) or it was wrong and the change is harmful. With the gate's
estimate alone a confident gate would blind the rule for months; the second hypothesis is what keeps its eyes open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt

from core.errors import InvalidInput

#: P(the gate was wrong) before the first day, and the effect that a wrong change has: mean and standard deviation.
WRONG = 0.1
HARM = (-0.40, 0.15)
#: The gate's estimate where none is given, and how far a given one may lie from it: within these bounds the errors of
#: the calibrated threshold hold (docs/probation.md). A gate's winners are smaller than they looked.
EXPECTED = (0.17, 0.10)
MEAN_BOUNDS = (0.08, 0.18)
SD_BOUNDS = (0.08, 0.12)


@dataclass(frozen=True, slots=True)
class Prior:
    """The gate's estimate of the effect and its standard error, per day, in the unit of the returns."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not abs(self.mean) < float("inf"):
            raise InvalidInput(f"The prior's mean must be a finite number, not {self.mean!r}.", field="prior")
        if not 0 < self.sd < float("inf"):
            raise InvalidInput(f"The prior's sd must be positive, not {self.sd!r}.", field="prior")


Law = tuple[float, float, float]
"""(weight, mean, standard deviation) of one hypothesis about the daily Sharpe ratio of the difference."""


def hypotheses(prior: Prior | None, sigma: float) -> Sequence[Law]:
    """The two laws for a difference with daily standard deviation `sigma`."""
    mean, sd = EXPECTED
    if prior is not None:
        mean, sd = _within(prior.mean / sigma, MEAN_BOUNDS), _within(prior.sd / sigma, SD_BOUNDS)
    return ((1 - WRONG, mean, sd), (WRONG, *HARM))


def prob_negative(laws: Sequence[Law], pull: float, precision: float) -> float:
    """P(effect < 0) after normal evidence: `precision` is the sum of 1 / variance, `pull` that of value / variance."""
    updated = [_updated(law, pull, precision) for law in laws]
    highest = max(evidence for evidence, _ in updated)
    weights = [exp(evidence - highest) for evidence, _ in updated]
    return sum(w * negative for w, (_, negative) in zip(weights, updated, strict=True)) / sum(weights)


def _updated(law: Law, pull: float, precision: float) -> tuple[float, float]:
    """(log evidence of the law, its probability of an effect below zero), both after the data."""
    weight, mean, sd = law
    total = 1 / sd**2 + precision
    drawn = mean / sd**2 + pull
    evidence = log(weight) - 0.5 * log(sd**2 * total) + 0.5 * (drawn**2 / total - mean**2 / sd**2)
    return evidence, 0.5 * erfc(drawn / sqrt(2 * total))


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
