"""Candles do not show the queue: what they say about quotes is good for a trial, not for an approval."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed

NAME = "candles_only"


def check(subject: Subject) -> Check:
    return failed(NAME, None, None) if subject.candles_only else passed(NAME, None, None)
