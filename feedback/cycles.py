"""The daily cycle in seven steps, and the weekly one. Running a day again repeats nothing that was done.

Each step leaves its result in Postgres before the next begins: after a crash the cycle runs again from the start, and
finds the review, the drafts, the verdicts and the deliveries that it made.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import structlog

from core.facts import DayFacts
from core.story import DailyStory, JudgedProposal
from feedback import insights
from feedback.announcement import announcement_of
from feedback.delivery import deliver
from feedback.equity_day import keep_equity
from feedback.facts import day_facts, week_facts
from feedback.judging import judge_drafts, judged
from feedback.loop import Loop
from feedback.mining import draft_by_miner
from feedback.policy import apply_by_policy
from feedback.proposals import draft_by_model
from feedback.review import write_review
from feedback.rollout import republish
from feedback.tomorrow import incidents_of, tomorrow_of
from storage.repositories.reviews import StoredReview

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CycleResult:
    """What one cycle did. `delivered` is whether its message went out in this very run."""

    day: date
    review_id: int
    origin: str
    trades: int
    proposals: Sequence[JudgedProposal]
    applied: Sequence[str]
    report: Path
    delivered: bool

    @property
    def line(self) -> str:
        """One line for the job table."""
        return f"review {self.review_id} by {self.origin}, {self.trades} trades, {len(self.proposals)} proposals"


def run_daily(loop: Loop, day: date) -> CycleResult:
    """The seven steps of the local day `day`."""
    facts = day_facts(loop, day)  # 1. what happened
    review = write_review(loop, "daily", facts)  # 2. what it means
    drafts = draft(loop, facts)  # 3. what to change
    applied = judge(loop, drafts)  # 4. whether it would have helped on days that nobody looked at
    story = tell(loop, "daily", facts, review, drafts)
    report = loop.reports.daily(story)  # 5. the page
    delivered = deliver(loop, announcement_of(story, report))  # 6. the message
    prepare_next_day(loop, facts)  # 7. insights, equity, and what strategies read
    return _result(story, review, applied, report, delivered)


def run_weekly(loop: Loop, day: date) -> CycleResult:
    """The week that ends with the local day `day`: its facts and review, one more search, gate, report and message."""
    facts = week_facts(loop, day)
    review = write_review(loop, "weekly", facts)
    drafts = draft_by_miner(loop, day) if facts.judgeable else []
    applied = judge(loop, drafts)
    story = tell(loop, "weekly", facts, review, drafts)
    report = loop.reports.weekly(story)
    delivered = deliver(loop, announcement_of(story, report))
    insights.publish(loop.stores, loop.language)
    return _result(story, review, applied, report, delivered)


def draft(loop: Loop, facts: DayFacts) -> list[str]:
    """The day's proposals by the model and the miner; none for a day that cannot be judged."""
    if not facts.judgeable:
        return []
    return [*draft_by_model(loop, facts), *draft_by_miner(loop, facts.day)]


def judge(loop: Loop, drafts: Sequence[str]) -> list[str]:
    """Every draft through the gate, then the policy; returns the ids of what the policy applied."""
    with loop.stores.begin() as tx:
        tx.proposals.expire_due(loop.clock.now())
    judge_drafts(loop)
    return apply_by_policy(loop, drafts)


def tell(
    loop: Loop, kind: Literal["daily", "weekly"], facts: DayFacts, review: StoredReview, drafts: Sequence[str]
) -> DailyStory:
    """Everything that the page shows, as it stands now."""
    used = set(review.review.feedback_ids)
    with loop.stores.begin() as tx:
        return DailyStory(
            kind=kind,
            language=loop.language,
            zone=loop.zone.key,
            facts=facts,
            review=review.review,
            proposals=judged(tx, drafts),
            warnings=incidents_of(tx, loop, facts),
            tomorrow=tomorrow_of(tx, loop, facts),
            feedback_used=[note for note in tx.feedback.list(limit=500) if note.id in used],
            deliveries=[asdict(row) for row in tx.deliveries.pending() if row.status == "failed"],
        )


def prepare_next_day(loop: Loop, facts: DayFacts) -> None:
    """Keep the day's equity, publish the insights, and write anew whatever Redis has lost."""
    keep_equity(loop, facts)
    insights.publish(loop.stores, loop.language)
    republish(loop.stores)


def _result(
    story: DailyStory, review: StoredReview, applied: Sequence[str], report: Path, delivered: bool
) -> CycleResult:
    log.info(
        "A cycle is done.",
        action=f"cycle.{story.kind}",
        day=story.facts.day.isoformat(),
        review=review.id,
        proposals=len(story.proposals),
        judgeable=story.facts.judgeable,
    )
    return CycleResult(
        day=story.facts.day,
        review_id=review.id,
        origin=review.review.origin,
        trades=story.facts.total.trades,
        proposals=story.proposals,
        applied=applied,
        report=report,
        delivered=delivered,
    )
