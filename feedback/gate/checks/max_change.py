"""No value moves further than one approval may move it."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "max_change"


def check(subject: Subject) -> Check:
    if subject.admission is None:
        return unknown(NAME)
    declaration, incumbent = subject.admission.declaration, subject.admission.incumbent
    largest = 0.0
    for change in subject.admission.proposal.changes:
        if change.parameter not in declaration:
            continue
        allowed = declaration[change.parameter].largest_change(incumbent[change.parameter])
        share = abs(change.after - incumbent[change.parameter]) / allowed
        if share > 1 + 1e-9:
            current = incumbent[change.parameter]
            return failed(
                NAME, share, 1.0, parameter=change.parameter, after=change.after, now=current, allowed=allowed
            )
        largest = max(largest, share)
    return passed(NAME, largest, 1.0)
