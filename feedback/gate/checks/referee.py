"""An independent backtester agrees on the candidate's trades. Asked only about what is promising: it is slow."""

from core.learning import Check
from feedback.gate.findings import PROMISE_LEVEL
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "referee"


def check(subject: Subject) -> Check:
    test = subject.findings.test
    if subject.referee is None or test is None or test.p_value >= PROMISE_LEVEL:
        return unknown(NAME)
    found = subject.referee()
    answer = passed if found.agrees else failed
    return answer(NAME, float(found.differing), 0.0, trades=found.trades, note=found.note)
