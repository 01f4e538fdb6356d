"""Many small steps towards more risk do not add up to a large one: measured from what a person last chose."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "ratchet"
#: How many largest changes a value may drift towards more risk from the human baseline.
LARGEST_DRIFT = 3.0


def check(subject: Subject) -> Check:
    admission = subject.admission
    if admission is None or subject.history is None or subject.history.human_baseline is None:
        return unknown(NAME)
    worst, worst_name = 0.0, ""
    for change in admission.proposal.changes:
        chosen = subject.history.human_baseline.get(change.parameter)
        if chosen is None or change.parameter not in admission.declaration:
            continue
        parameter = admission.declaration[change.parameter]
        drift = abs(change.after - chosen) / parameter.largest_change(chosen)
        if parameter.takes_more_risk(chosen, change.after) and drift > worst:
            worst, worst_name = drift, change.parameter
    if worst > LARGEST_DRIFT + 1e-9:
        return failed(NAME, worst, LARGEST_DRIFT, parameter=worst_name)
    return passed(NAME, worst, LARGEST_DRIFT)
