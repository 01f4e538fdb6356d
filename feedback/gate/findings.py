"""The statistics of a subject, computed once and read by many checks."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from core.market import Floats
from feedback.gate.belief import prob_better
from feedback.gate.bootstrap import MeanTest, bootstrap_mean
from feedback.gate.returns import PairedReturns, Pooled, Window
from feedback.gate.swings import usual_swings

#: Levels of the plain test on unseen days, and of what is at least promising.
SINGLE_LEVEL, MINED_LEVEL, PROMISE_LEVEL = 0.10, 0.05, 0.20
#: Levels of the test against usual swings. Together with the plain test they keep false approvals under one in twenty.
STEADY_SINGLE_LEVEL, STEADY_MINED_LEVEL = 0.03, 0.02
#: Fewer days than this are not even tested.
FEWEST_TESTABLE = 20


@dataclass(frozen=True)
class Findings:
    """`test` is about the plain gain on unseen days, `steady` about the gain in units of each day's usual swings: on
    all days for a single idea, on unseen days for a mined one. None where there are too few days.

    `recent` is the mean gain on the seen days, `recent_t` the same in units of usual swings and in standard errors;
    `unseen_t` is its counterpart on unseen days.
    """

    unseen: Pooled
    seen: Pooled
    level: float
    test: MeanTest | None = None
    steady: MeanTest | None = None
    recent: float | None = None
    recent_t: float | None = None
    unseen_t: float | None = None
    prob_better: float | None = None


def find(returns: PairedReturns, window: Window, *, mined: bool, n_trials: int) -> Findings:
    """Judge the pooled paired difference: the same content gives the same figures, whatever came before it."""
    pooled = returns.pooled
    unseen, seen = window.unseen(pooled.days), window.seen(pooled.days)
    gain = pooled.difference
    level = MINED_LEVEL if mined else SINGLE_LEVEL
    recent = float(gain[seen].mean()) if seen.any() else None
    found = Findings(pooled.where(unseen), pooled.where(seen), level, recent=recent)
    if unseen.sum() < FEWEST_TESTABLE:
        return found
    seed = seed_of(gain[unseen], gain[seen])
    scaled = gain / usual_swings(pooled.size)
    test, on_unseen = bootstrap_mean(gain[unseen], seed), bootstrap_mean(scaled[unseen], seed)
    recent_t = _t_like(on_unseen, scaled[seen]) if seen.any() else None
    shown = None if mined or recent_t is None else (recent_t, int(seen.sum()))
    return replace(
        found,
        test=test,
        steady=on_unseen if mined else bootstrap_mean(scaled[unseen | seen], seed),
        recent_t=recent_t,
        unseen_t=on_unseen.t,
        prob_better=prob_better(on_unseen.t, on_unseen.n, shown, n_trials),
    )


def _t_like(test: MeanTest, other: Floats) -> float:
    """The mean of `other` in its standard errors, their size taken from the longer series that was tested."""
    return float(other.mean()) / (test.error * float(np.sqrt(test.n / len(other)))) if test.error > 0 else 0.0


def seed_of(*series: Floats) -> int:
    """A seed that depends on the content of a case and on nothing else."""
    digest = hashlib.sha256()
    for one in series:
        digest.update(np.ascontiguousarray(one, dtype="<f8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")
