"""One change at a time: effects of two changes at once cannot be told apart."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "in_flight"


def check(subject: Subject) -> Check:
    if subject.admission is None or subject.history is None:
        return unknown(NAME)
    others = [one for one in subject.history.in_flight if one != subject.admission.proposal.id]
    if others:
        return failed(NAME, float(len(others)), 0.0, other=others[0])
    return passed(NAME, 0.0, 0.0)
