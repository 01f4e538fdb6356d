"""The statistics of a subject, computed once and read by many checks."""

import hashlib
from dataclasses import dataclass

import numpy as np

from core.market import Floats
from feedback.gate.belief import prob_better
from feedback.gate.bootstrap import MeanTest, bootstrap_mean
from feedback.gate.returns import PairedReturns, Pooled, Window

#: A single idea may be wrong one time in ten on unseen days, because it must also hold on all days together.
SINGLE_LEVEL, JOINT_LEVEL, MINED_LEVEL, PROMISE_LEVEL = 0.10, 0.025, 0.04, 0.20
#: Fewer days than this are not even tested.
FEWEST_TESTABLE = 20


@dataclass(frozen=True)
class Findings:
    """`test` is about unseen days, `joint` about unseen and seen days together. None where there are too few days."""

    unseen: Pooled
    seen: Pooled
    level: float
    test: MeanTest | None
    joint: MeanTest | None
    recent: float | None
    recent_t: float | None
    prob_better: float | None


def find(returns: PairedReturns, window: Window, *, mined: bool, n_trials: int) -> Findings:
    """Judge the pooled paired difference: the same content gives the same figures, whatever came before it."""
    pooled = returns.pooled
    unseen, seen = pooled.where(window.unseen(pooled.days)), pooled.where(window.seen(pooled.days))
    level = MINED_LEVEL if mined else SINGLE_LEVEL
    recent = float(seen.difference.mean()) if len(seen) else None
    if len(unseen) < FEWEST_TESTABLE:
        return Findings(unseen, seen, level, None, None, recent, None, None)
    seed = seed_of(unseen.difference, seen.difference)
    test = bootstrap_mean(unseen.difference, seed)
    both = pooled.where(window.unseen(pooled.days) | window.seen(pooled.days))
    recent_t = _recent_t(recent, len(seen), test)
    joint = None if mined else bootstrap_mean(both.difference, seed)
    usable = None if mined or recent_t is None else (recent_t, len(seen))
    probability = prob_better(test.t, test.n, usable, n_trials)
    return Findings(unseen, seen, level, test, joint, recent, recent_t, probability)


def _recent_t(recent: float | None, days: int, test: MeanTest) -> float | None:
    """The seen mean in its standard errors, their size taken from the longer unseen span."""
    if recent is None or test.error <= 0:
        return None
    return recent / (test.error * float(np.sqrt(test.n / days)))


def seed_of(*series: Floats) -> int:
    """A seed that depends on the content of a case and on nothing else."""
    digest = hashlib.sha256()
    for one in series:
        digest.update(np.ascontiguousarray(one, dtype="<f8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")
