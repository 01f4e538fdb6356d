"""The replay that the evidence comes from explains what really happened."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import bp, failed, passed, unknown

NAME = "fidelity"
#: Largest bias per day that a replay may have, as a fraction of capital.
LARGEST_BIAS = 0.0005


def check(subject: Subject) -> Check:
    fidelity = subject.fidelity
    if fidelity is None:
        return unknown(NAME)
    beyond_chance = abs(fidelity.bias_per_day) > 2 * fidelity.error
    told = {"bias": bp(fidelity.bias_per_day), "days": fidelity.days, "allowed": bp(LARGEST_BIAS)}
    if beyond_chance and abs(fidelity.bias_per_day) > LARGEST_BIAS:
        return failed(NAME, fidelity.bias_per_day, LARGEST_BIAS, **told)
    return passed(NAME, fidelity.bias_per_day, LARGEST_BIAS, **told)
