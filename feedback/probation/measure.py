"""What is believed of a running probation, from the days it has and what the gate expected. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import stdev
from typing import Any, Literal

from feedback.probation.belief import Prior
from feedback.probation.rule import KEPT_DAYS, LONGEST_DAYS, ProbationRule

#: P(worse) below which a change with KEPT_DAYS paired days is kept.
KEPT_BELOW = 0.03
#: Days from which sigma is taken where the gate has none.
FEWEST_DAYS = 10
#: Half the width of a 90 % interval in standard errors.
HALF_WIDTH_90 = 1.645

Outcome = Literal["rollback", "kept", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Where a probation stands. `gain` is what the new values earned beyond the old ones, as a fraction of capital
    (mean over symbols); `outcome` None: it goes on."""

    days: int
    gain: float
    prob_worse: float
    outcome: Outcome | None


def expected(verdict: Mapping[str, Any] | None, paired: Mapping[str, Any]) -> dict[str, float] | None:
    """{"mean", "sd", "sigma"} of a gate's verdict, fractions of capital per day; None where it saw no two days.

    Without an estimate mean and sd are left out.
    """
    differences = [new - old for new, old in zip(paired.get("candidate", ()), paired.get("incumbent", ()), strict=True)]
    if len(differences) < FEWEST_DAYS or not (sigma := stdev(differences)) > 0:
        return None
    effect, interval = (verdict or {}).get("effect_per_day"), (verdict or {}).get("ci")
    if effect is None or not interval or not interval[1] > interval[0]:
        return {"sigma": sigma}
    return {"sigma": sigma, "mean": effect, "sd": (interval[1] - interval[0]) / (2 * HALF_WIDTH_90)}


def measure(
    prior: Mapping[str, float] | None, days: Sequence[Mapping[str, Any]], started_at: datetime, now: datetime
) -> Measured | None:
    """Run the rule over the days; None while nothing tells how large a usual day is."""
    sigma = prior["sigma"] if prior else _own_sigma(days)
    over = now - started_at >= timedelta(days=LONGEST_DAYS)
    if not sigma:
        return Measured(len(days), 0.0, 0.5, "inconclusive") if over else None
    rule = ProbationRule(sigma, Prior(prior["mean"], prior["sd"]) if prior and "mean" in prior else None)
    for day in days:
        rule.observe(day["new"], day["old"])
    return Measured(len(days), sum(map(_gain, days)), rule.last.prob_worse, _outcome(rule, over))


def _outcome(rule: ProbationRule, over: bool) -> Outcome | None:
    if rule.last.action == "rollback":
        return "rollback"
    if rule.days >= KEPT_DAYS and rule.last.prob_worse <= KEPT_BELOW:
        return "kept"
    return "inconclusive" if over else None


def _own_sigma(days: Sequence[Mapping[str, Any]]) -> float | None:
    """The swing of the probation's own days, once there are enough."""
    return stdev(map(_gain, days)) if len(days) >= FEWEST_DAYS else None


def _gain(day: Mapping[str, Any]) -> float:
    return float(sum(new - old for new, old in zip(day["new"], day["old"], strict=True)) / len(day["new"]))
