"""The simulation cannot know what comes next."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "look_ahead"
#: Share of probes in which an honest strategy may win from an unforeseeable bar whichever way it goes.
LARGEST_FORESIGHT = 0.1


def check(subject: Subject) -> Check:
    probes = subject.probes
    if probes is None or (probes.foresight is None and probes.rewritten_days is None):
        return unknown(NAME)
    if probes.rewritten_days:
        return failed(NAME, float(probes.rewritten_days), 0.0, "rewritten")
    foresight = probes.foresight or 0.0
    answer = passed if foresight <= LARGEST_FORESIGHT else failed
    return answer(NAME, foresight, LARGEST_FORESIGHT)
