"""At least promising on unseen days: less likely than one in five to be chance."""

from core.learning import Check
from feedback.gate.findings import PROMISE_LEVEL
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "promise"


def check(subject: Subject) -> Check:
    test = subject.findings.test
    if test is None:
        return unknown(NAME)
    answer = passed if test.p_value < PROMISE_LEVEL else failed
    return answer(NAME, test.p_value, PROMISE_LEVEL, effect=bp(test.mean), days=test.n)
