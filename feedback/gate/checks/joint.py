"""A single idea must hold on all days together, at a level that keeps false approvals under one in twenty.

Not for mined changes: theirs were chosen because they did well on the seen days.
"""

from core.learning import Check
from feedback.gate.findings import JOINT_LEVEL
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "joint"


def check(subject: Subject) -> Check:
    test = subject.findings.joint
    if test is None:
        return unknown(NAME)
    answer = passed if test.p_value < JOINT_LEVEL else failed
    return answer(NAME, test.p_value, JOINT_LEVEL, days=test.n)
