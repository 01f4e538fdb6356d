"""Still better in the last days: an edge that has gone is not approved on its memory.

The gain on the seen days, in standard errors and in units of usual swings, must be above 0; the stronger the evidence
of the unseen days, the deeper a dip below 0 is still chance: 30 days alone would refuse one good change in ten.
"""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "recency"
#: Standard errors below 0 that are tolerated for each point by which t on the unseen days is above 1.
TOLERANCE = 0.2


def check(subject: Subject) -> Check:
    found = subject.findings
    if found.recent is None or found.recent_t is None or found.unseen_t is None:
        return unknown(NAME)
    limit = -TOLERANCE * max(found.unseen_t - 1, 0.0)
    told = {"recent": bp(found.recent), "days": len(found.seen)}
    if found.recent_t <= limit:
        return failed(NAME, found.recent_t, limit, **told)
    return passed(NAME, found.recent_t, limit, "pass" if found.recent > 0 else "dip", **told)
