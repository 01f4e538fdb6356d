"""One proposal per author, instance and day: who asks often enough is right by chance some day."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "quota"
PER_DAY = 1


def check(subject: Subject) -> Check:
    if subject.history is None or subject.source == "person":
        return unknown(NAME)
    earlier = float(subject.history.same_day)
    return passed(NAME, earlier + 1, float(PER_DAY)) if earlier < PER_DAY else failed(NAME, earlier + 1, float(PER_DAY))
