"""What the loop may apply by itself: what the gate passed, where the policy says so, and never more risk."""

from collections.abc import Iterable

import structlog

from core.clock import day_bounds, local_day
from core.errors import Conflict
from core.learning import Proposal, ProposalStatus
from core.trading import Mode, Policy, StrategyInstance
from feedback.approval import Approvals
from feedback.loop import Loop
from feedback.texts import Texts
from storage.queries.admission import POLICY_ACTOR
from storage.stores import Transaction

log = structlog.get_logger(__name__)

#: New versions of an instance per local day, whoever makes them, beyond which the policy waits.
CHANGES_PER_DAY = 1


def apply_by_policy(loop: Loop, proposal_ids: Iterable[str]) -> list[str]:
    """Approve what may be applied without a person; returns the ids of what was."""
    note = Texts(loop.language).say("proposal.auto")
    applied = []
    for proposal_id in proposal_ids:
        with loop.stores.begin() as tx:
            proposal = tx.proposals.get(proposal_id)
            allowed = _may_apply(tx, loop, proposal)
        if allowed and _approved(loop.approvals, proposal, note):
            applied.append(proposal_id)
    return applied


def takes_more_risk(loop: Loop, proposal: Proposal) -> bool:
    """Whether any of its changes moves a parameter in the direction that takes more risk."""
    declaration = loop.declarations[proposal.instance_id]
    return any(declaration[c.parameter].takes_more_risk(c.before, c.after) for c in proposal.changes)


def _may_apply(tx: Transaction, loop: Loop, proposal: Proposal) -> bool:
    instance = tx.instances.get(proposal.instance_id)
    return (
        proposal.status is ProposalStatus.AWAITING_REVIEW
        and is_auto(instance)
        and not takes_more_risk(loop, proposal)
        and _changes_today(tx, loop, instance) < CHANGES_PER_DAY
    )


def is_auto(instance: StrategyInstance) -> bool:
    """Live money is never changed by policy."""
    return instance.policy is Policy.AUTO and instance.mode is not Mode.LIVE


def _changes_today(tx: Transaction, loop: Loop, instance: StrategyInstance) -> int:
    start = day_bounds(local_day(loop.clock.now(), loop.zone), loop.zone)[0]
    later = [record for record in tx.parameters.history(instance.id) if record.set.version > 1]
    return sum(record.created_at >= start for record in later)


def _approved(approvals: Approvals, proposal: Proposal, note: str) -> bool:
    """A proposal that somebody decided meanwhile is left alone."""
    try:
        approvals.approve(proposal.id, proposal.digest, POLICY_ACTOR, note)
    except Conflict as error:
        log.info("The policy came too late.", action="policy.late", proposal=proposal.id, why=str(error))
        return False
    return True
