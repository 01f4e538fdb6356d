"""Drafts of the day: at most one by the model and one by the miner for each instance, each with every trial counted.

The model that proposes sees facts, values, verdict words and notes: no news, and no text of a call that saw any.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from core.facts import DayFacts
from core.learning import Author, Change, Proposal, ProposalStatus, SeenWindow
from core.parameters import ParameterSet, digest_of
from core.trading import StrategyInstance
from feedback.llm.adjustments import Adjustment
from feedback.llm.daily_proposals import ProposalsInput, Proposed, adjustments_validator, daily_proposals_request
from feedback.llm.session import ask
from feedback.loop import Loop
from feedback.review import background_of
from feedback.texts import Texts
from storage.llm_ledger import LlmLedger
from storage.queries.cycle import lock_day, proposals_named
from storage.stores import Transaction

log = structlog.get_logger(__name__)

SEEN = timedelta(days=30)
LIFETIME = timedelta(days=7)
#: How many earlier ideas per instance the model is reminded of.
REMEMBERED = 5


@dataclass(frozen=True, slots=True)
class Idea:
    """New values for one instance, checked against its declaration; `trials` is everything tried to find them."""

    instance_id: str
    after: Mapping[str, float]
    reason: str
    confidence: float | None
    evidence: Mapping[str, Any]
    trials: Sequence[tuple[Mapping[str, float], float | None]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What proposals start from: the instances that may change, with their versions in force."""

    day: date
    at: datetime
    current: Mapping[str, ParameterSet]

    @property
    def seen(self) -> SeenWindow:
        return SeenWindow(self.at - SEEN, self.at)


def draft_by_model(loop: Loop, facts: DayFacts) -> list[str]:
    """Ask the model once for the day and store its ideas as drafts; returns the ids of the day's model proposals."""
    if stored := of_day(loop, facts.day, "llm"):
        return stored
    ground = ground_of(loop, facts.day)
    if not (loop.model.configured and facts.judgeable and ground.current):
        return []
    return store(loop, ground, "llm", [_idea(adjustment, facts) for adjustment in _adjustments(loop, facts, ground)])


def ground_of(loop: Loop, day: date) -> Ground:
    """What may change on `day`: what runs, with a strategy that is known here and no change in flight."""
    with loop.stores.begin() as tx:
        instances = [instance for instance in tx.instances.list() if _may_change(tx, loop, instance)]
        current = {instance.id: tx.parameters.current(instance.id) for instance in instances}
    return Ground(day, loop.clock.now(), current)


def of_day(loop: Loop, day: date, author: Author) -> list[str]:
    """The ids of the proposals that `author` has made for the day already."""
    with loop.stores.begin() as tx:
        return proposals_named(tx.connection, _prefix(day, author))


def store(loop: Loop, ground: Ground, author: Author, ideas: Iterable[Idea]) -> list[str]:
    """Store ideas as drafts with their trials, and retire what they take the place of; returns the drafts' ids.

    If another process was first, its proposals stand and nothing is stored.
    """
    superseded = Texts(loop.language).say("proposal.superseded")
    with loop.stores.begin() as tx:
        lock_day(tx.connection, f"proposals {author}", ground.day)
        if stored := proposals_named(tx.connection, _prefix(ground.day, author)):
            return stored
        proposals = [_proposal(ground, author, idea) for idea in ideas]
        for proposal, idea in zip(proposals, ideas, strict=True):
            _retire(tx, proposal, superseded)
            tx.proposals.add(proposal)
            tx.trials.add_many(proposal.instance_id, author, proposal.id, idea.trials, proposal.seen, ground.at)
    log.info("Proposals were drafted.", action="proposals.drafted", author=author, count=len(proposals))
    return [proposal.id for proposal in proposals]


def proposal_id(day: date, author: Author, instance_id: str) -> str:
    """One name per day, author and instance: drafting again cannot make a second one."""
    return f"{_prefix(day, author)}{digest_of(instance_id)[:8]}"


def _prefix(day: date, author: Author) -> str:
    return f"{day:%Y%m%d}-{author}-"


def _may_change(tx: Transaction, loop: Loop, instance: StrategyInstance) -> bool:
    return instance.running and instance.id in loop.declarations and not tx.proposals.in_flight(instance.id)


def _proposal(ground: Ground, author: Author, idea: Idea) -> Proposal:
    base = ground.current[idea.instance_id]
    changes = tuple(Change(name, base.values[name], after, idea.reason) for name, after in sorted(idea.after.items()))
    return Proposal(
        id=proposal_id(ground.day, author, idea.instance_id),
        instance_id=idea.instance_id,
        base_version=base.version,
        changes=changes,
        author=author,
        reason=idea.reason,
        seen=ground.seen,
        created_at=ground.at,
        expires_at=ground.at + LIFETIME,
        n_trials=max(1, len(idea.trials)),
        confidence=idea.confidence,
        evidence=idea.evidence,
    )


def _retire(tx: Transaction, newer: Proposal, note: str) -> None:
    """Older ideas of this author for this instance that did not pass give way; what passed waits for its decision."""
    for status in (ProposalStatus.DRAFT, ProposalStatus.UNDECIDED):
        for older in tx.proposals.list(status=status, instance_id=newer.instance_id):
            if older.author == newer.author:
                tx.proposals.move(older.id, ProposalStatus.SUPERSEDED, newer.created_at, note)


def _idea(adjustment: Adjustment, facts: DayFacts) -> Idea:
    return Idea(
        instance_id=adjustment.instance_id,
        after=adjustment.changes,
        reason=adjustment.reason,
        confidence=adjustment.confidence,
        evidence={"facts_of": facts.day.isoformat(), "by": "model"},
        trials=[(adjustment.changes, None)],
    )


def _adjustments(loop: Loop, facts: DayFacts, ground: Ground) -> Sequence[Adjustment]:
    declarations = {instance_id: loop.declarations[instance_id] for instance_id in ground.current}
    values = {instance_id: parameters.values for instance_id, parameters in ground.current.items()}
    told = ProposalsInput(
        facts=facts.facts,
        declarations=declarations,
        current=values,
        history=_history(loop, ground),
        notes=background_of(loop, facts).note_facts,
        language=loop.language,
    )
    outcome = ask(
        loop.model.client,
        LlmLedger(loop.stores),
        loop.model.budget,
        daily_proposals_request(told, f"daily_proposals {facts.day}"),
        adjustments_validator(declarations, values),
        pause=loop.model.pause,
    )
    proposed = outcome.value or Proposed((), ())
    for refusal in proposed.refusals:
        log.warning(
            "An adjustment was dropped.", action="proposals.dropped", instance=refusal.instance, why=refusal.why
        )
    return proposed.adjustments


def _history(loop: Loop, ground: Ground) -> list[str]:
    """What became of earlier ideas, in words: no figure of unseen days is ever told."""
    with loop.stores.begin() as tx:
        earlier = [p for i in ground.current for p in tx.proposals.list(instance_id=i, limit=REMEMBERED)]
    return [_remembered(proposal) for proposal in sorted(earlier, key=lambda p: p.created_at)]


def _remembered(proposal: Proposal) -> str:
    diff = ", ".join(f"{change.parameter} {change.before:g} -> {change.after:g}" for change in proposal.changes)
    return f"{proposal.created_at:%Y-%m-%d} {proposal.instance_id} ({proposal.author}): {diff}: {proposal.status}"
