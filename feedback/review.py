"""The review of a day or week: by a model where there is one, else by rules that say so. Written once, then read.

People's notes and the lessons of loss reviews are quoted beside it word for word, whoever wrote it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import structlog

from core.facts import DayFacts, Fact
from core.learning import Feedback, Review
from feedback.llm.answers import ReviewAnswer
from feedback.llm.daily_review import ReviewInput, daily_review_request, validate_review
from feedback.llm.reconcile import check_review
from feedback.llm.sanitise import sanitise
from feedback.llm.session import Outcome, ask
from feedback.loop import Loop
from feedback.rules_review import RulesWriter
from feedback.texts import Texts
from storage.llm_ledger import LlmLedger
from storage.queries.cycle import lock_day
from storage.repositories.reviews import StoredReview

log = structlog.get_logger(__name__)

Kind = Literal["daily", "weekly"]
#: The newest notes are told; older ones wait until those expire or are taken back.
MAX_NOTES = 20
MAX_NOTE = 500
MAX_LESSONS = 10
_WHY: Mapping[str, str] = {
    "not_configured": "no_key",
    "over_budget": "budget",
    "failed": "unanswered",
    "unparsed": "rejected",
}


@dataclass(frozen=True, slots=True)
class Background:
    """What a review is told beside the facts: people's notes and what loss reviews learned."""

    notes: Sequence[Feedback]
    lessons: Sequence[str]

    @property
    def note_facts(self) -> list[Fact]:
        """The notes as N1, N2, … in the order of `notes`."""
        return [Fact(f"N{number}", note_line(note), None) for number, note in enumerate(self.notes, start=1)]

    def as_document(self) -> dict[str, Any]:
        """What is quoted in the review."""
        quoted = [
            {"id": note.id, "author": sanitise(note.author, 80), "text": sanitise(note.text, MAX_NOTE)}
            for note in self.notes
        ]
        return {"feedback": quoted, "lessons": list(self.lessons)}


@dataclass(frozen=True, slots=True)
class _Written:
    """A review's words and how they came about."""

    answer: ReviewAnswer
    origin: Literal["llm", "rules"]
    note: str
    call_ids: Sequence[int]


def write_review(loop: Loop, kind: Kind, facts: DayFacts) -> StoredReview:
    """The stored review of `facts`; one that exists already is returned as it is."""
    with loop.stores.begin() as tx:
        if stored := tx.reviews.on(kind, facts.day):
            return stored[0]
        instances = [instance.id for instance in tx.instances.list()]
    background = background_of(loop, facts)
    written = _written(loop, kind, facts, background, instances)
    checked = check_review(written.answer, [*facts.facts, *background.note_facts])
    review = Review(
        kind=kind,
        day=facts.day,
        at=loop.clock.now(),
        origin=written.origin,
        content={**written.answer.model_dump(), **background.as_document()},
        facts=facts.as_document(),
        reconciled=checked.reconciles,
        discrepancies=checked.discrepancies,
        feedback_ids=[note.id for note in background.notes],
        llm_call_ids=written.call_ids,
        note=written.note,
    )
    return _store(loop, review)


def background_of(loop: Loop, facts: DayFacts) -> Background:
    """The newest active notes, and the lessons of the span's loss reviews."""
    with loop.stores.begin() as tx:
        notes = tx.feedback.active(loop.clock.now())[-MAX_NOTES:]
        losses = tx.reviews.on("loss", facts.day)
    lessons = [
        f"{lesson['trade']}: {lesson['cause']} {lesson['lesson']}"
        for stored in reversed(losses)
        for lesson in stored.review.content.get("losses", ())
    ]
    return Background(notes, lessons[:MAX_LESSONS])


def note_line(note: Feedback) -> str:
    """A note as one safe line, with what it is about."""
    about = " ".join(filter(None, (note.instance_id, note.trade_id)))
    return sanitise(f"[{about}] {note.text}" if about else note.text, MAX_NOTE)


def _written(loop: Loop, kind: Kind, facts: DayFacts, background: Background, instances: Sequence[str]) -> _Written:
    rules = RulesWriter(facts, instances, Texts(loop.language))
    if not facts.judgeable:
        return _by_rules(rules, "unjudgeable", ())
    if not loop.model.configured:
        return _by_rules(rules, "no_key", ())
    outcome = _asked(loop, kind, facts, background, instances)
    if outcome.value is None:
        log.warning("The review is written by rules.", action="review.by_rules", status=outcome.status)
        return _by_rules(rules, _WHY[outcome.status], outcome.call_ids)
    return _Written(outcome.value, "llm", f"{outcome.model} {outcome.status}".strip(), outcome.call_ids)


def _by_rules(rules: RulesWriter, why: str, call_ids: Sequence[int]) -> _Written:
    texts = rules.texts
    note = f"{texts.say('review.by_rules')} {texts.say(f'review.why.{why}')}"
    return _Written(rules.review(), "rules", note, call_ids)


def _asked(
    loop: Loop, kind: Kind, facts: DayFacts, background: Background, instances: Sequence[str]
) -> Outcome[ReviewAnswer]:
    told = ReviewInput(
        day=facts.day,
        facts=facts.facts,
        instances=instances,
        notes=background.note_facts,
        lessons=background.lessons,
        headlines=loop.news(),
        simulated=facts.simulated,
        language=loop.language,
    )
    request = daily_review_request(told, f"{kind}_review {facts.day}")
    request = replace(request, purpose="weekly") if kind == "weekly" else request
    return ask(
        loop.model.client,
        LlmLedger(loop.stores),
        loop.model.budget,
        request,
        validate_review,
        repair=True,
        pause=loop.model.pause,
    )


def _store(loop: Loop, review: Review) -> StoredReview:
    """Store a review and mark the notes that it was told; if another process was first, its review stands."""
    with loop.stores.begin() as tx:
        lock_day(tx.connection, review.kind, review.day)
        if stored := tx.reviews.on(review.kind, review.day):
            return stored[0]
        number = tx.reviews.add(review)
        tx.feedback.mark_used(review.feedback_ids, number)
    return StoredReview(number, review)
