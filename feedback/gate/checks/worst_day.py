"""No single day is far worse than any that the incumbent had."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "worst_day"
LARGEST_RATIO = 3.0


def check(subject: Subject) -> Check:
    pooled = subject.returns.pooled
    if not len(pooled):
        return unknown(NAME)
    now, then = (max(0.0, -float(side.min())) for side in (pooled.incumbent, pooled.candidate))
    limit = LARGEST_RATIO * now
    answer = passed if then <= limit else failed
    return answer(NAME, then, limit, then=then, now=now)
