"""The gain holds when each day is measured against the usual swings around it.

A violent week weighs as much as a calm one, which finds true gains sooner than the plain mean does. It asks another
question, though (a change that merely avoids violent days would profit), so it never decides without the plain test.
A single idea is tested on all days, a mined one, chosen for the seen days, on the unseen ones.
"""

from core.learning import Check
from feedback.gate.findings import STEADY_MINED_LEVEL, STEADY_SINGLE_LEVEL
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "steady"


def check(subject: Subject) -> Check:
    test = subject.findings.steady
    if test is None:
        return unknown(NAME)
    level = STEADY_MINED_LEVEL if subject.mined else STEADY_SINGLE_LEVEL
    answer = passed if test.p_value < level else failed
    return answer(NAME, test.p_value, level, days=test.n)
