"""From answers to a decision: the gravest consequence of any failed check wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.learning import Check, Decided
from feedback.gate.subject import Subject

#: What a failed check leads to, gravest first. `refuse` is for proposals that must not even be weighed.
Consequence = Literal["refuse", "insufficient_data", "reject", "canary"]
GRAVEST_FIRST: tuple[Consequence, ...] = ("refuse", "insufficient_data", "reject", "canary")
_DECISION: dict[Consequence, Decided] = {
    "refuse": "reject",
    "insufficient_data": "insufficient_data",
    "reject": "reject",
    "canary": "canary",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check and what its failure leads to."""

    check: Callable[[Subject], Check]
    consequence: Consequence


def decide(answers: Sequence[tuple[Consequence, Check]]) -> tuple[Decided, Check | None]:
    """The decision and the check that decided it (None: all passed). Checks that could not be run do not count."""
    for consequence in GRAVEST_FIRST:
        for given, check in answers:
            if given == consequence and check.ok is False:
                return _DECISION[consequence], check
    return "approve", None
