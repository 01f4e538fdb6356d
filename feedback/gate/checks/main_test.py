"""Better than today's parameters on days that nobody tuned on: the test that decides."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "main_test"


def check(subject: Subject) -> Check:
    test, level = subject.findings.test, subject.findings.level
    if test is None:
        return unknown(NAME)
    low, high = test.interval()
    answer = passed if test.p_value < level else failed
    return answer(NAME, test.p_value, level, effect=bp(test.mean), low=bp(low), high=bp(high), days=test.n)
