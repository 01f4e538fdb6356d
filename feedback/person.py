"""A person's own change from the command line: entered like any other proposal, and judged at once."""

from collections.abc import Mapping

from core.learning import Proposal
from feedback import own_change
from feedback.judging import judge_drafts
from feedback.loop import Loop


def propose(loop: Loop, instance_id: str, values: Mapping[str, float], *, reason: str, actor: str) -> Proposal:
    """Enter the change, let the gate judge it, and return it with its status; errors as of own_change.enter."""
    entered = own_change.enter(loop.approvals, instance_id, values, actor, reason)
    judge_drafts(loop)
    with loop.stores.begin() as tx:
        return tx.proposals.get(entered.id)
