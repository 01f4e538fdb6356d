"""A person's own change: it becomes a proposal like any other, so that the same gate and journal see it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from core.errors import InvalidInput
from core.learning import Change, Proposal, SeenWindow
from core.parameters import Declaration
from feedback.approval import Approvals
from storage.stores import Transaction

#: What a person is taken to have looked at, and for how long the change may wait for a decision.
SEEN = timedelta(days=30)
LIFETIME = timedelta(days=7)


def enter(approvals: Approvals, instance_id: str, values: Mapping[str, float], actor: str, reason: str) -> Proposal:
    """Store a draft that differs from the version in force by `values`; the worker judges it.

    Raises NotFound, UnknownName, OutOfBounds, or InvalidInput when nothing differs.
    """
    at = approvals.clock.now()
    with approvals.stores.begin() as tx:
        declaration = approvals.declaration_of(tx.instances.get(instance_id))
        proposal = _draft(tx, instance_id, _checked(declaration, values), actor, reason, at)
        tx.proposals.add(proposal)
        tx.audit.append(actor, "proposal.enter", proposal.id, {"instance": instance_id, "digest": proposal.digest}, at)
    return proposal


def _checked(declaration: Declaration, values: Mapping[str, float]) -> Mapping[str, float]:
    return {name: declaration[name].check(value) for name, value in values.items()}


def _draft(
    tx: Transaction, instance_id: str, values: Mapping[str, float], actor: str, reason: str, at: datetime
) -> Proposal:
    base = tx.parameters.current(instance_id)
    changes = tuple(
        Change(name, base.values[name], value, reason) for name, value in values.items() if value != base.values[name]
    )
    if not changes:
        raise InvalidInput(
            f"{instance_id} has these values already.", field="values", remedy="Send what should differ."
        )
    return Proposal(
        id=f"p-{uuid4().hex[:12]}",
        instance_id=instance_id,
        base_version=base.version,
        changes=changes,
        author="person",
        reason=reason or actor,
        seen=SeenWindow(at - SEEN, at),
        created_at=at,
        expires_at=at + LIFETIME,
        evidence={"by": actor},
    )
