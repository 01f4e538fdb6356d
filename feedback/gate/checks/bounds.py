"""Every value lies within the declared bounds and on its step, and something changes."""

from core.errors import InvalidInput
from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "bounds"


def check(subject: Subject) -> Check:
    if subject.admission is None:
        return unknown(NAME)
    proposal, declaration = subject.admission.proposal, subject.admission.declaration
    if not proposal.changes:
        return failed(NAME, 0.0, 1.0, "empty")
    for change in proposal.changes:
        try:
            declaration[change.parameter].check(change.after)
        except InvalidInput as error:
            return failed(NAME, str(change.after), None, reason=error.message)
    return passed(NAME, float(len(proposal.changes)), None)
