"""Enough days that the author has not seen."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed

NAME = "enough_days"
FEWEST_DAYS = 60


def check(subject: Subject) -> Check:
    days, limit = len(subject.findings.unseen), float(FEWEST_DAYS)
    test = subject.findings.test
    if days < FEWEST_DAYS or test is None:
        return failed(NAME, float(days), limit)
    visible = bp(test.smallest_visible(subject.findings.level))
    return passed(NAME, float(days), limit, visible=visible)
