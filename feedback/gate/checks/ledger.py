"""Every set that was tried is on record: a winner is judged by the size of its race."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "ledger"


def check(subject: Subject) -> Check:
    if subject.admission is None or subject.history is None or subject.history.ledger_trials is None:
        return unknown(NAME, trials=subject.n_trials)
    recorded, claimed = subject.history.ledger_trials, subject.admission.proposal.n_trials
    if recorded < claimed:
        return failed(NAME, float(recorded), float(claimed))
    return passed(NAME, float(recorded), float(claimed))
