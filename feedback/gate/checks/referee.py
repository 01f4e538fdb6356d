"""An independent backtester agrees on the candidate's trades. Asked only about what is promising: it is slow."""

from core.learning import Check
from feedback.gate.findings import PROMISE_LEVEL
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "referee"
#: Share of trades in which two engines may differ: the conventions of bar-by-bar fills are not quite the same.
LARGEST_SHARE = 0.05


def check(subject: Subject) -> Check:
    test = subject.findings.test
    if subject.referee is None or test is None or test.p_value >= PROMISE_LEVEL:
        return unknown(NAME)
    found = subject.referee()
    share = found.differing / max(found.trades, 1)
    answer = passed if share <= LARGEST_SHARE else failed
    return answer(NAME, share, LARGEST_SHARE, trades=found.trades, differing=found.differing)
