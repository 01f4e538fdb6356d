"""The call that writes a day's review. It may see news; therefore nothing it writes reaches a proposal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from core.facts import Fact
from feedback.llm.answers import ReviewAnswer, review_schema
from feedback.llm.client import LlmRequest
from feedback.llm.headlines import Headline, headline_block
from feedback.llm.prompts import LANGUAGES, quoted, render
from feedback.texts import Language

MAX_TOKENS = 6000
DEADLINE_S = 240.0

validate_review = ReviewAnswer.model_validate


@dataclass(frozen=True, slots=True)
class ReviewInput:
    """What the reviewer is told. `notes` are people's feedback with ids N1, N2, …; `lessons` come from loss reviews."""

    day: date
    facts: Sequence[Fact]
    instances: Sequence[str]
    notes: Sequence[Fact] = ()
    lessons: Sequence[str] = ()
    headlines: Sequence[Headline] = ()
    simulated: bool = False
    language: Language = field(default="ko")


def daily_review_request(told: ReviewInput, job_id: str) -> LlmRequest:
    """The request for the review of `told.day`; its answer is validated by `validate_review`."""
    schema = review_schema(told.instances)
    example = {sorted(told.instances)[0]: [{"text": "It traded little.", "facts": ["F5"]}]} if told.instances else {}
    prompt = render(
        "daily_review",
        language=LANGUAGES[told.language],
        schema=json.dumps(schema, sort_keys=True),
        example_evaluation=json.dumps(example),
        day=told.day.isoformat(),
        simulated=told.simulated,
        facts=quoted([fact.line for fact in told.facts]),
        notes=quoted([note.line for note in told.notes]),
        lessons=quoted(told.lessons),
    )
    news = headline_block(told.headlines).message
    return LlmRequest(
        purpose="daily_review",
        system=prompt.system,
        user=prompt.user,
        max_tokens=MAX_TOKENS,
        deadline_s=DEADLINE_S,
        job_id=job_id,
        prompt_version=prompt.version,
        schema=schema,
        context=(news,) if news else (),
    )
