"""Still better in the last days: an edge that has gone is not approved on its memory.

The mean of the seen days must be above 0. Evidence well beyond doubt on the unseen days (t far above 1) may be
followed by a dip that is small against chance: 30 days alone would refuse one in forty of the best changes.
"""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "recency"
#: Standard errors of the seen mean that are tolerated below 0 for each point of t above 1 on the unseen days.
TOLERANCE = 0.15


def check(subject: Subject) -> Check:
    found = subject.findings
    if found.recent is None or found.recent_t is None or found.test is None:
        return unknown(NAME)
    error = found.recent / found.recent_t if found.recent_t else 0.0
    limit = -TOLERANCE * max(found.test.t - 1, 0.0) * error
    told = {"recent": bp(found.recent), "days": len(found.seen), "floor": bp(limit)}
    if found.recent > 0:
        return passed(NAME, found.recent, limit, **told)
    if found.recent > limit:
        return passed(NAME, found.recent, limit, "dip", **told)
    return failed(NAME, found.recent, limit, **told)
