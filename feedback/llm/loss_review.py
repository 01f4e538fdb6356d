"""The call that explains a batch of losing trades, worst first."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.facts import Fact
from feedback.llm.answers import LossReviewAnswer, loss_review_schema
from feedback.llm.client import LlmRequest
from feedback.llm.parse import Rejected
from feedback.llm.prompts import LANGUAGES, quoted, render
from feedback.texts import Language

TOKENS_PER_TRADE = 400
DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class LosingTrade:
    """A losing trade as told to the model: a short label (T1, T2, …) and facts with ids unique in the batch."""

    label: str
    facts: Sequence[Fact]


def loss_review_request(trades: Sequence[LosingTrade], job_id: str, language: Language = "ko") -> LlmRequest:
    """The request for causes and lessons; its answer is validated by `losses_validator`."""
    schema = loss_review_schema([trade.label for trade in trades])
    prompt = render(
        "loss_review",
        language=LANGUAGES[language],
        schema=json.dumps(schema, sort_keys=True),
        trades=[{"label": trade.label, "lines": quoted([fact.line for fact in trade.facts])} for trade in trades],
    )
    return LlmRequest(
        purpose="loss_review",
        system=prompt.system,
        user=prompt.user,
        max_tokens=500 + TOKENS_PER_TRADE * len(trades),
        deadline_s=DEADLINE_S,
        job_id=job_id,
        prompt_version=prompt.version,
        schema=schema,
    )


def losses_validator(trades: Sequence[LosingTrade]) -> Callable[[dict[str, Any]], LossReviewAnswer]:
    """A validator for `ask`: every answer names a trade of the batch, each at most once."""
    labels = {trade.label for trade in trades}

    def validate(document: dict[str, Any]) -> LossReviewAnswer:
        answer = LossReviewAnswer.model_validate(document)
        named = [loss.trade for loss in answer.losses]
        unknown = sorted(set(named) - labels)
        if unknown or len(set(named)) != len(named):
            raise Rejected("unknown_trade", [f"Name each of {', '.join(sorted(labels))} at most once and no other."])
        return answer

    return validate
