"""The proposal was made for the values that are in force now."""

from core.learning import Check
from feedback.gate.admission import Admission
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "base_version"


def check(subject: Subject) -> Check:
    if subject.admission is None or subject.history is None:
        return unknown(NAME)
    base, current = subject.admission.proposal.base_version, subject.history.current_version
    if base != current:
        return failed(NAME, float(base), float(current))
    stale = _misread(subject.admission)
    return failed(NAME, stale, None, "misread") if stale else passed(NAME, float(base), float(current))


def _misread(admission: Admission) -> str:
    """The first parameter whose `before` is not the value in force."""
    for change in admission.proposal.changes:
        if change.parameter in admission.incumbent and change.before != admission.incumbent[change.parameter]:
            return change.parameter
    return ""
