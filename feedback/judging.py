"""Drafts before the gate: evidence from the stored bars, admission from the stored past, the verdict beside them."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import cast

import structlog

from core.clock import day_bounds, local_day
from core.errors import Unavailable
from core.learning import VERDICT_STATUS, Decided, Proposal, ProposalStatus, Verdict
from core.story import JudgedProposal
from feedback.gate.admission import AdmissionHistory, PastVerdict
from feedback.gate.judge import judge_proposal
from feedback.gate.second_opinion import referee_for
from feedback.loop import Loop
from feedback.texts import Texts
from storage.queries.admission import GivenVerdict, past_of
from storage.queries.cycle import drafts
from storage.stores import Transaction
from strategies import registry

log = structlog.get_logger(__name__)

#: The referee is slow: it is asked only about what all other checks would let pass.
_PROMISING = ("approve", "canary")


def judge_drafts(loop: Loop) -> list[str]:
    """Judge every draft that waits, in the order of their making; returns their ids. Safe to run again or beside.

    A draft that the referee could not look at stays one until the next time.
    """
    with loop.stores.begin() as tx:
        waiting = drafts(tx.connection)
    for done, proposal_id in enumerate(waiting, start=1):
        try:
            _judge(loop, proposal_id)
        except Unavailable as error:
            log.warning("A draft was not judged.", action="gate.unavailable", proposal=proposal_id, why=str(error))
        loop.progress(done, len(waiting), "gate")
    return list(waiting)


def judged(tx: Transaction, proposal_ids: Sequence[str]) -> list[JudgedProposal]:
    """Proposals with their stored verdicts."""
    return [JudgedProposal(tx.proposals.get(name), tx.proposals.verdict(name)) for name in proposal_ids]


def past_verdicts(given: Sequence[GivenVerdict]) -> list[PastVerdict]:
    """Stored verdicts in the gate's own words."""
    return [PastVerdict(verdict.at, cast(Decided, verdict.decision), verdict.after) for verdict in given]


def day_offset_ms(loop: Loop) -> int:
    """How far the local zone is ahead of UTC now."""
    return int((loop.clock.now().astimezone(loop.zone).utcoffset() or timedelta()) / timedelta(milliseconds=1))


def _judge(loop: Loop, proposal_id: str) -> None:
    with loop.stores.begin() as tx:
        proposal = tx.proposals.get(proposal_id)
        instance = tx.instances.get(proposal.instance_id)
        incumbent = tx.parameters.at(instance.id, proposal.base_version).values
        history = _history(tx, loop, proposal)
    strategy, markets = registry.get(instance.strategy), loop.markets(instance)
    account, now = loop.accounts[instance.id], loop.clock.now()
    judge = partial(
        judge_proposal,
        proposal,
        strategy,
        incumbent,
        markets,
        account,
        history,
        now,
        gate=loop.gate,
        day_offset_ms=day_offset_ms(loop),
    )
    verdict = judge()
    if verdict.decision in _PROMISING:
        verdict = judge(referee=referee_for(strategy, markets[0], account, now))
    _keep(loop, proposal, verdict)


def _keep(loop: Loop, proposal: Proposal, verdict: Verdict) -> None:
    """Store the verdict and move the proposal, unless somebody has moved it meanwhile."""
    with loop.stores.begin() as tx:
        if tx.proposals.lock(proposal.id).status is not ProposalStatus.DRAFT:
            return
        at = loop.clock.now()
        tx.proposals.add_verdict(proposal.id, verdict, at)
        tx.proposals.move(proposal.id, VERDICT_STATUS[verdict.decision], at)
        if verdict.decision == "approve":
            _retire_older(tx, loop, proposal)
    log.info("A proposal was judged.", action="gate.judged", proposal=proposal.id, decision=verdict.decision)


def _history(tx: Transaction, loop: Loop, proposal: Proposal) -> AdmissionHistory:
    now = loop.clock.now()
    day_start = day_bounds(local_day(proposal.created_at, loop.zone), loop.zone)[0]
    past = past_of(tx.connection, proposal.id, proposal.instance_id, day_start, now)
    return AdmissionHistory(
        current_version=past.current_version,
        in_flight=past.in_flight,
        last_applied_at=past.last_applied_at,
        verdicts=past_verdicts(past.verdicts),
        same_day=past.same_day,
        ledger_trials=past.ledger_trials if proposal.author != "person" else None,
        human_baseline=past.human_values,
    )


def _retire_older(tx: Transaction, loop: Loop, newer: Proposal) -> None:
    """What passed on an earlier day gives way to what passes today; a person's own proposal does not."""
    note = Texts(loop.language).say("proposal.superseded")
    for older in tx.proposals.list(status=ProposalStatus.AWAITING_REVIEW, instance_id=newer.instance_id):
        if older.author != "person" and older.created_at < newer.created_at:
            tx.proposals.move(older.id, ProposalStatus.SUPERSEDED, loop.clock.now(), note)
