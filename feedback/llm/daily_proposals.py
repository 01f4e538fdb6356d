"""The call that suggests parameter changes. It has no place for news nor for text of a call that saw news."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.facts import Fact
from core.parameters import Declaration
from feedback.llm.adjustments import MAX_CHANGES, Adjustment, Refusal, parse_adjustments, proposals_schema
from feedback.llm.answers import ProposalsAnswer
from feedback.llm.client import LlmRequest
from feedback.llm.parse import Rejected
from feedback.llm.prompts import LANGUAGES, quoted, render
from feedback.texts import Language

MAX_TOKENS = 4000
DEADLINE_S = 180.0


@dataclass(frozen=True, slots=True)
class ProposalsInput:
    """What the proposer is told: facts of its window, current values, the verdicts on earlier ideas in words.

    `declarations` and `current` are keyed by strategy instance.
    """

    facts: Sequence[Fact]
    declarations: Mapping[str, Declaration]
    current: Mapping[str, Mapping[str, float]]
    history: Sequence[str] = ()
    notes: Sequence[Fact] = ()
    language: Language = "ko"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Adjustments that may go to the gate, and what was dropped from the same answer and why."""

    adjustments: Sequence[Adjustment]
    refusals: Sequence[Refusal]


def daily_proposals_request(told: ProposalsInput, job_id: str) -> LlmRequest:
    """The request for adjustments; its answer is validated by `adjustments_validator`."""
    schema = proposals_schema(told.declarations)
    current = [f"{name} {json.dumps(dict(told.current[name]), sort_keys=True)}" for name in sorted(told.declarations)]
    prompt = render(
        "daily_proposals",
        language=LANGUAGES[told.language],
        schema=json.dumps(schema, sort_keys=True),
        max_changes=MAX_CHANGES,
        facts=quoted([fact.line for fact in told.facts]),
        current=current,
        history=quoted(told.history),
        notes=quoted([note.line for note in told.notes]),
    )
    return LlmRequest(
        purpose="daily_proposals",
        system=prompt.system,
        user=prompt.user,
        max_tokens=MAX_TOKENS,
        deadline_s=DEADLINE_S,
        job_id=job_id,
        prompt_version=prompt.version,
        schema=schema,
    )


def adjustments_validator(
    declarations: Mapping[str, Declaration], current: Mapping[str, Mapping[str, float]]
) -> Callable[[dict[str, Any]], Proposed]:
    """A validator for `ask`: any refusal rejects the answer, with its valid adjustments kept as the usable part."""

    def validate(document: dict[str, Any]) -> Proposed:
        answer = ProposalsAnswer.model_validate(document)
        adjustments, refusals = parse_adjustments(answer, declarations, current)
        if refusals:
            usable = Proposed(adjustments, refusals) if adjustments else None
            raise Rejected(refusals[0].code, [refusal.line for refusal in refusals], usable)
        return Proposed(adjustments, ())

    return validate
