"""The review by a model, and by rules where there is none or its answer is of no use."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.facts import DayFacts
from core.learning import Feedback, Review
from feedback.facts import day_facts
from feedback.llm.budget import Budget, Caps
from feedback.llm.client import CallFailed, LlmAnswer
from feedback.llm.headlines import Headline
from feedback.loop import Loop, Model
from feedback.proposals import draft_by_model
from feedback.review import write_review
from storage.repositories.reviews import StoredReview
from storage.stores import Stores
from tests.support.journal import INSTANCES, MAKING, MOMENTUM, flat_bars, keep, keep_bars, made_journal
from tests.support.llm import ScriptedClient, answer
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

DAY = date(2026, 11, 3)
START = datetime(2026, 11, 2, 15, tzinfo=UTC)
NOW = START + timedelta(days=1, minutes=5)


def scripted(
    db: Stores, *script: LlmAnswer | CallFailed, caps: Caps | None = None, **changes: Any
) -> tuple[Loop, ScriptedClient]:
    """A loop over a day of trades whose model answers by script."""
    client = ScriptedClient(list(script))
    loop = made_loop(db, NOW, **changes)
    keep_bars(db, flat_bars(START - timedelta(days=1), 2 * 1440))
    keep(db, made_journal(5, START, 1440).batch)
    model = Model(client, Budget(caps or Caps(), loop.clock, loop.zone), pause=lambda _: None)
    return made_loop(db, NOW, model=model, **changes), client


def review_saying(text: str, *facts: str) -> str:
    sections = ("success_factors", "failure_factors", "missed_opportunities", "tomorrow", "risk_improvements")
    empty: dict[str, Any] = {section: [] for section in sections}
    return json.dumps({"summary": [{"text": text, "facts": list(facts)}], "strategy_evaluation": {}, **empty})


def fact_id(facts: DayFacts, key: str) -> str:
    return next(fact.id for fact in facts.facts if fact.key == key)


def reviewed(loop: Loop) -> StoredReview:
    return write_review(loop, "daily", day_facts(loop, DAY))


def test_a_review_whose_numbers_are_ours_reconciles(db: Stores) -> None:
    loop, client = scripted(db)
    facts = day_facts(loop, DAY)
    rate = 100 * (facts.total.win_rate or 0)
    client.script.append(answer(review_saying(f"The win rate was {rate:.1f} %.", fact_id(facts, "total.win_rate"))))
    review = reviewed(loop).review
    assert (review.origin, review.reconciled, list(review.discrepancies)) == ("llm", True, [])
    assert review.llm_call_ids


def test_a_wrong_win_rate_marks_the_review_as_not_reconciling(db: Stores) -> None:
    loop, client = scripted(db)
    facts = day_facts(loop, DAY)
    wrong = 100 * (facts.total.win_rate or 0) + 17
    client.script.append(answer(review_saying(f"The win rate was {wrong:.1f} %.", fact_id(facts, "total.win_rate"))))
    stored = reviewed(loop)
    assert stored.review.origin == "llm"
    assert stored.review.reconciled is False
    assert "summary[0]" in stored.review.discrepancies[0]
    with db.begin() as tx:
        assert tx.reviews.on("daily", DAY)[0].review.reconciled is False


def test_the_prompt_quotes_facts_notes_lessons_and_news(db: Stores) -> None:
    news = [Headline("Exchange halts withdrawals", "wire", NOW - timedelta(hours=3))]
    loop, client = scripted(db, answer(review_saying("A day.")), news=lambda: news)
    with db.begin() as tx:
        tx.feedback.add(Feedback("f-9", NOW - timedelta(hours=1), "Mind the fees.", "minji", MAKING.id))
        lesson = {"trade": f"{MOMENTUM.id}#3", "cause": "Late entry.", "lesson": "Wait.", "facts": []}
        tx.reviews.add(Review("loss", DAY, NOW - timedelta(hours=2), "llm", {"losses": [lesson]}, {"trades": []}, True))
    review = reviewed(loop).review
    asked = client.asked[0]
    assert f"N1 [{MAKING.id}] Mind the fees." in asked.user
    assert "Late entry. Wait." in asked.user
    assert "Exchange halts withdrawals" in asked.context[0]
    assert review.content["feedback"] == [{"id": "f-9", "author": "minji", "text": "Mind the fees."}]
    assert review.content["lessons"] == [f"{MOMENTUM.id}#3: Late entry. Wait."]


def test_the_proposals_call_sees_neither_news_nor_the_review(db: Stores) -> None:
    news = [Headline("Exchange halts withdrawals", "wire", NOW - timedelta(hours=3))]
    loop, client = scripted(
        db, answer(review_saying("SECRET-OF-THE-REVIEW")), answer('{"adjustments": {}}'), news=lambda: news
    )
    facts = day_facts(loop, DAY)
    write_review(loop, "daily", facts)
    assert draft_by_model(loop, facts) == []
    proposals = client.asked[1]
    sent = " ".join((proposals.system, proposals.user, *proposals.context))
    assert "withdrawals" not in sent
    assert "SECRET-OF-THE-REVIEW" not in sent


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([CallFailed("bad_key")], "did not answer"),
        ([answer("no json at all")] * 3, "could not be used"),
        ([answer("", finish_reason="content_filter")], "could not be used"),
    ],
)
def test_rules_write_the_review_when_the_model_cannot(
    db: Stores, script: list[LlmAnswer | CallFailed], why: str
) -> None:
    loop, _ = scripted(db, *script)
    review = reviewed(loop).review
    assert review.origin == "rules"
    assert why in review.note
    assert review.reconciled is True
    assert "rules" in review.content["summary"][-1]["text"]


def test_rules_write_the_review_when_the_budget_is_used_up(db: Stores) -> None:
    loop, client = scripted(db, caps=Caps(day=Decimal("0.001")))
    review = reviewed(loop).review
    assert (review.origin, client.asked) == ("rules", [])
    assert "budget" in review.note


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("seed", range(4))
def test_every_number_of_a_review_by_rules_reconciles(db: Stores, language: str, seed: int) -> None:
    loop = made_loop(db, NOW, language=language)
    keep_bars(db, flat_bars(START - timedelta(days=1), 2 * 1440))
    keep(db, made_journal(seed, START, 1440).batch)
    review = reviewed(loop).review
    assert (review.origin, list(review.discrepancies)) == ("rules", [])
    assert set(review.content["strategy_evaluation"]) == {instance.id for instance in INSTANCES}


def test_a_quiet_day_is_reviewed_too(db: Stores) -> None:
    loop = made_loop(db, NOW)
    keep_bars(db, flat_bars(START - timedelta(days=1), 2 * 1440))
    review = reviewed(loop).review
    assert review.content["summary"][0]["text"] == "No trade was closed."
    assert review.reconciled is True


def adjusting(**values: object) -> str:
    reason = {"adjustments_reason": "F1 says so.", "confidence": 0.6}
    return json.dumps({"adjustments": {MOMENTUM.id: {**values, **reason}}})


def test_what_the_model_proposes_becomes_one_draft_per_instance_and_day(db: Stores) -> None:
    loop, client = scripted(db)
    parameter = loop.declarations[MOMENTUM.id]["stop_loss"]
    after = parameter.round(parameter.default + parameter.step)
    client.script.append(answer(adjusting(stop_loss=after)))
    facts = day_facts(loop, DAY)
    (draft,) = draft_by_model(loop, facts)
    assert draft_by_model(loop, facts) == [draft]
    assert len(client.asked) == 1
    with db.begin() as tx:
        stored = tx.proposals.get(draft)
        assert [(change.parameter, change.after) for change in stored.changes] == [("stop_loss", after)]
        assert (stored.confidence, stored.author, stored.base_version) == (0.6, "llm", 1)
        assert stored.seen.end - stored.seen.start == timedelta(days=30)
        assert tx.trials.count(MOMENTUM.id, START) == 1


def test_an_answer_out_of_bounds_leaves_no_proposal(db: Stores) -> None:
    loop, client = scripted(db, *[answer(adjusting(stop_loss=5.0))] * 3)
    assert draft_by_model(loop, day_facts(loop, DAY)) == []
    assert len(client.asked) == 3
    with db.begin() as tx:
        assert tx.proposals.list() == []
