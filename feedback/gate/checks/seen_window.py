"""The proposal says honestly what its author has seen, and leaves days that he has not."""

from core.clock import DAY_MS
from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed

NAME = "seen_window"
FEWEST_SEEN_DAYS = 7


def check(subject: Subject) -> Check:
    days = len(subject.findings.seen)
    limit = float(FEWEST_SEEN_DAYS)
    if subject.window.end_ms - subject.window.start_ms < FEWEST_SEEN_DAYS * DAY_MS:
        return failed(NAME, (subject.window.end_ms - subject.window.start_ms) / DAY_MS, limit, "short")
    if days and not len(subject.findings.unseen):
        return failed(NAME, float(days), limit, "everything")
    if days < FEWEST_SEEN_DAYS:
        return failed(NAME, float(days), limit)
    return passed(NAME, float(days), limit)
