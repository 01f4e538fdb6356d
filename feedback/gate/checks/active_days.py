"""Both sides were at work on enough of the unseen days, and differently."""

import numpy as np

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed

NAME = "active_days"
FEWEST_ACTIVE = 30


def check(subject: Subject) -> Check:
    unseen = subject.findings.unseen
    active = min(int(np.count_nonzero(side)) for side in (unseen.incumbent, unseen.candidate, unseen.difference))
    limit = float(FEWEST_ACTIVE)
    return passed(NAME, float(active), limit) if active >= FEWEST_ACTIVE else failed(NAME, float(active), limit)
