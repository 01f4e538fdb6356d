"""The candidate pays what trading costs, as the incumbent does."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "fees"


def check(subject: Subject) -> Check:
    probes = subject.probes
    if probes is None:
        return unknown(NAME)
    if probes.cost_parameters:
        return failed(NAME, ", ".join(probes.cost_parameters), None, "changed")
    if probes.free_trades is None:
        return unknown(NAME)
    return failed(NAME, None, None) if probes.free_trades else passed(NAME, None, None)
