"""The gain is not only that of trading less: where fees make every trade a loss, standing still looks like skill.

A candidate with fewer trades is tested, on unseen days, against the incumbent's own days scaled down to as many.
"""

from core.learning import Check
from feedback.gate.bootstrap import bootstrap_mean
from feedback.gate.findings import SINGLE_LEVEL, seed_of
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "better_trades"


def check(subject: Subject) -> Check:
    activity, unseen = subject.activity, subject.findings.unseen
    if activity is None or not activity.incumbent_trades or subject.findings.test is None:
        return unknown(NAME)
    kept = activity.candidate_trades / activity.incumbent_trades
    if kept >= 1:
        return passed(NAME, None, SINGLE_LEVEL, "more", kept=kept)
    beyond = unseen.candidate - kept * unseen.incumbent
    test = bootstrap_mean(beyond, seed_of(beyond))
    answer = passed if test.p_value < SINGLE_LEVEL else failed
    return answer(NAME, test.p_value, SINGLE_LEVEL, kept=kept, beyond=bp(test.mean))
