"""The gain is not one lucky day."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "outlier_day"
LARGEST_SHARE = 0.5


def check(subject: Subject) -> Check:
    gains = subject.findings.unseen.difference
    total = float(gains.sum())
    if total <= 0:
        return unknown(NAME)
    share = float(gains.max()) / total
    answer = passed if share < LARGEST_SHARE else failed
    return answer(NAME, share, LARGEST_SHARE)
