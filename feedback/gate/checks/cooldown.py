"""A change gets a week to show itself before the next one begins."""

from datetime import timedelta

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "cooldown"
COOLDOWN = timedelta(days=7)


def check(subject: Subject) -> Check:
    if subject.admission is None or subject.history is None:
        return unknown(NAME)
    applied = subject.history.last_applied_at
    limit = float(COOLDOWN.days)
    if applied is None:
        return passed(NAME, None, limit, days="–")
    days = (subject.admission.now - applied) / timedelta(days=1)
    return (
        failed(NAME, days, limit, days=f"{days:.1f}") if days < limit else passed(NAME, days, limit, days=f"{days:.1f}")
    )
