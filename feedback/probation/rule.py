"""The sequential rule of a probation: may be looked at every day, and its errors still hold after 112 looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Literal

from core.errors import InvalidInput
from feedback.probation.belief import Prior, hypotheses, prob_negative

Action = Literal["keep", "rollback"]
Values = float | None | Sequence[float | None]

#: Days after which a probation ends, and paired days that it takes to be kept.
LONGEST_DAYS = 112
KEPT_DAYS = 84
#: P(worse) above which a change is rolled back: calibrated to false rollbacks of at most 5 % at an effect of +0.11
#: daily swings in LONGEST_DAYS (docs/probation.md).
THRESHOLD = 0.765
#: The hard stop: this many swings lost against the old values end it, whatever is believed.
HARD_STOP = 16.0
#: One day counts at most this many swings as evidence (never for the hard stop): profits have fat tails.
LARGEST_DAY = 4.0
#: How correlated the differences of two symbols are taken to be: more than usual (0.33), because sigma may be that of
#: the pooled difference already, and because crises correlate everything.
CORRELATION = 0.5
#: Regimes outlast days: the variance of a sum is a little larger than the sum of variances.
PERSISTENCE = 1.1
#: How many days the given sigma is worth when the days themselves show larger swings.
SIGMA_DAYS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """What the rule says after a day; `prob_worse` is the probability that the new values are truly worse."""

    action: Action
    prob_worse: float


class ProbationRule:
    """One change, fed with the paired results of one day after the other, oldest first.

    `sigma` is the standard deviation of one symbol's daily difference new minus old, in the unit of the returns; it is
    corrected upwards when the days swing more. Once it says rollback it goes on saying so.
    """

    def __init__(self, sigma: float, prior: Prior | None = None) -> None:
        if not 0 < sigma < float("inf"):
            raise InvalidInput(f"sigma must be a positive number, not {sigma!r}.", field="sigma")
        self._sigma = sigma
        self._laws = hypotheses(prior, sigma)
        self._swings = _Swings()
        self._pull = 0.0
        self._precision = 0.0
        self.lost = 0.0
        """Swings lost so far against the old values; negative when the new ones earned more."""
        self.last = Step("keep", prob_negative(self._laws, 0.0, 0.0))

    @property
    def days(self) -> int:
        """How many days have counted."""
        return self._swings.count

    def observe(self, new: Values, old: Values) -> Step:
        """Add a day: what the new and the old values earned, one value or one per symbol.

        A symbol without a number on one side (None, NaN) is left out; a day without any changes nothing. Lists of
        different lengths raise InvalidInput.
        """
        differences = _differences(new, old)
        if differences:
            self._add(differences)
            prob_worse = prob_negative(self._laws, *self._evidence())
            out = self.last.action == "rollback" or prob_worse > THRESHOLD or self.lost >= HARD_STOP
            self.last = Step("rollback" if out else "keep", prob_worse)
        return self.last

    def _add(self, differences: Sequence[float]) -> None:
        symbols = len(differences)
        width = sqrt((1 + (symbols - 1) * CORRELATION) / symbols)
        swing = sum(differences) / symbols / (self._sigma * width)
        self.lost -= swing
        counted = min(max(swing, -LARGEST_DAY), LARGEST_DAY)
        self._swings.add(counted)
        self._pull += counted / width
        self._precision += 1 / width**2

    def _evidence(self) -> tuple[float, float]:
        """(pull, precision) in units of one symbol's swings."""
        return self._pull / (PERSISTENCE * self._swings.scale), self._precision / PERSISTENCE


class _Swings:
    """How large the days really swing, in units of the given sigma."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0.0
        self._squares = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self._sum += value
        self._squares += value * value

    @property
    def scale(self) -> float:
        """At least 1: the given sigma counts for SIGMA_DAYS days."""
        around_mean = self._squares - self._sum**2 / self.count
        return sqrt(max(1.0, (SIGMA_DAYS + around_mean) / (SIGMA_DAYS + self.count - 1)))


def _differences(new: Values, old: Values) -> list[float]:
    news, olds = _listed(new), _listed(old)
    if len(news) != len(olds):
        raise InvalidInput(f"new has {len(news)} values and old has {len(olds)}.", field="new")
    pairs = ((a, b) for a, b in zip(news, olds, strict=True) if a is not None and b is not None)
    return [a - b for a, b in pairs if isfinite(a) and isfinite(b)]


def _listed(values: Values) -> Sequence[float | None]:
    return values if isinstance(values, Sequence) else [values]
