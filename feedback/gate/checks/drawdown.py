"""The worst fall is not much deeper than today's."""

import numpy as np

from core.learning import Check
from core.market import Floats
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "drawdown"
LARGEST_RATIO = 1.5


def check(subject: Subject) -> Check:
    pooled = subject.returns.pooled
    if not len(pooled):
        return unknown(NAME)
    now, then = deepest_fall(pooled.incumbent), deepest_fall(pooled.candidate)
    limit = LARGEST_RATIO * now
    answer = passed if then <= limit else failed
    return answer(NAME, then, limit, then=then, now=now)


def deepest_fall(returns: Floats) -> float:
    """The largest fall of cumulated returns below their earlier peak, as a positive fraction of capital."""
    equity = np.concatenate([[0.0], np.cumsum(returns)])
    return float((np.maximum.accumulate(equity) - equity).max())
