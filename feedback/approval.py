"""Decisions on proposals, each one transaction: check, commit the new version, journal; publishing comes after it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import Clock
from core.errors import BaseMoved, Conflict, DigestMoved, Forbidden, IllegalMove, InvalidInput
from core.learning import Proposal, ProposalStatus
from core.parameters import Declaration, ParameterSet
from core.trading import Policy, StrategyInstance
from feedback.rollout import publish
from feedback.texts import Language, Texts
from storage.queries.rollout import applied_after
from storage.stores import Stores, Transaction

log = structlog.get_logger(__name__)

#: An override has to say why in at least this many characters.
SHORTEST_REASON = 10
_REPLACED = (ProposalStatus.APPROVED, ProposalStatus.APPLIED, ProposalStatus.PROBATION)
_UNDONE = (*_REPLACED, ProposalStatus.KEPT, ProposalStatus.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Who may turn a proposal into the next parameter version, and back. Safe to call from any process at any time.

    `declaration_of` gives an instance's declared parameters: what is committed is checked against it once more.
    """

    stores: Stores
    clock: Clock
    declaration_of: Callable[[StrategyInstance], Declaration]
    language: Language = "en"

    def approve(self, proposal_id: str, digest: str, actor: str, note: str = "") -> Proposal:
        """Commit what the gate passed. Raises NotFound, DigestMoved, BaseMoved (the proposal expires), IllegalMove,
        or Forbidden for what the gate refused and for instances that are only observed."""
        return self._commit(proposal_id, digest, actor, note, "approve", {ProposalStatus.AWAITING_REVIEW})

    def override(self, proposal_id: str, digest: str, actor: str, reason: str) -> Proposal:
        """Commit what the gate refused, for a reason typed by a person."""
        if len(reason.strip()) < SHORTEST_REASON:
            raise InvalidInput(
                f"An override needs a reason of at least {SHORTEST_REASON} characters.",
                field="reason",
                remedy="Say why the gate is wrong here.",
            )
        return self._commit(proposal_id, digest, actor, reason, "override", {ProposalStatus.REFUSED})

    def decline(self, proposal_id: str, digest: str, actor: str, note: str = "") -> Proposal:
        """Close a proposal that waits. Raises NotFound, DigestMoved or IllegalMove."""
        at = self.clock.now()
        with self.stores.begin() as tx:
            proposal = tx.proposals.lock(proposal_id)
            _require_digest(proposal, digest)
            declined = tx.proposals.move(proposal_id, ProposalStatus.DECLINED, at, note)
            tx.proposals.add_approval(proposal_id, "decline", digest, actor, note, at)
            tx.audit.append(actor, "proposal.decline", proposal_id, {"digest": digest, "note": note}, at)
        return declined

    def rollback(self, instance_id: str, to_version: int, actor: str, note: str = "") -> ParameterSet:
        """Make the values of `to_version` the next version. Raises NotFound, or Conflict when they are in force."""
        at = self.clock.now()
        with self.stores.begin() as tx:
            target = tx.parameters.at(instance_id, to_version)
            current = tx.parameters.current(instance_id)
            if current.digest == target.digest:
                raise Conflict(f"{instance_id} already has the values of version {to_version}.", field="to_version")
            following = tx.parameters.commit(instance_id, current.version, target.values, actor, None, note, at)
            tx.parameters.record_sent(following, at)
            self._undo_later(tx, instance_id, to_version, actor, at)
            detail = {"from": current.version, "to": to_version, "becomes": following.version, "note": note}
            tx.audit.append(actor, "parameters.rollback", instance_id, detail, at)
        publish(self.stores, following)
        return following

    def _commit(
        self, proposal_id: str, digest: str, actor: str, note: str, action: str, legal: Collection[ProposalStatus]
    ) -> Proposal:
        at = self.clock.now()
        try:
            with self.stores.begin() as tx:
                proposal = tx.proposals.lock(proposal_id)
                _require_legal(proposal, legal, at)
                _require_digest(proposal, digest)
                following = self._next_version(tx, proposal, note, at)
                approved = tx.proposals.move(
                    proposal_id, ProposalStatus.APPROVED, at, note, applied_version=following.version
                )
                tx.proposals.add_approval(proposal_id, action, digest, actor, note, at)
                detail = {
                    "digest": digest,
                    "instance": proposal.instance_id,
                    "version": following.version,
                    "note": note,
                }
                tx.audit.append(actor, f"proposal.{action}", proposal_id, detail, at)
        except BaseMoved:
            self._expire(proposal_id, at)
            raise
        log.info("A proposal was approved.", action="proposal.approved", proposal=proposal_id, actor=actor)
        publish(self.stores, following)
        return approved

    def _next_version(self, tx: Transaction, proposal: Proposal, note: str, at: datetime) -> ParameterSet:
        instance = tx.instances.get(proposal.instance_id)
        if instance.policy is Policy.OBSERVE:
            raise Forbidden(f"{instance.id} is only observed.", field="policy", remedy="Set its policy to review.")
        base = tx.parameters.at(proposal.instance_id, proposal.base_version)
        values = self.declaration_of(instance).complete(proposal.values_on(base.values))
        following = tx.parameters.commit(instance.id, base.version, values, proposal.author, proposal.id, note, at)
        tx.parameters.record_sent(following, at)
        replaced = Texts(self.language).say("proposal.replaced", version=following.version)
        for older_id in applied_after(tx.connection, instance.id, 0, _REPLACED):
            _end(tx, older_id, ProposalStatus.SUPERSEDED, at, replaced)
        return following

    def _undo_later(self, tx: Transaction, instance_id: str, to_version: int, actor: str, at: datetime) -> None:
        """Every change that is in force and came after `to_version` is rolled back."""
        note = Texts(self.language).say("proposal.rolled_back", version=to_version, actor=actor)
        for proposal_id in applied_after(tx.connection, instance_id, to_version, _UNDONE):
            _end(tx, proposal_id, ProposalStatus.ROLLED_BACK, at, note)

    def _expire(self, proposal_id: str, at: datetime) -> None:
        with self.stores.begin() as tx:
            proposal = tx.proposals.lock(proposal_id)
            version = tx.parameters.current(proposal.instance_id).version
            if proposal.status in (ProposalStatus.AWAITING_REVIEW, ProposalStatus.REFUSED):
                note = Texts(self.language).say("proposal.base_moved", version=version)
                tx.proposals.move(proposal_id, ProposalStatus.EXPIRED, at, note)


def _end(tx: Transaction, proposal_id: str, status: ProposalStatus, at: datetime, note: str) -> None:
    tx.proposals.move(proposal_id, status, at, note)
    tx.probations.close(proposal_id, status, at)


def _require_legal(proposal: Proposal, legal: Collection[ProposalStatus], at: datetime) -> None:
    if proposal.status not in legal:
        if proposal.status is ProposalStatus.REFUSED:
            raise Forbidden("The gate refused this proposal.", field="status", remedy="Override it with a reason.")
        raise IllegalMove(
            f"A proposal that is {proposal.status} cannot be approved.", field="status", remedy="Reload the proposal."
        )
    if proposal.expires_at <= at:
        raise Conflict(f"This proposal expired at {proposal.expires_at:%Y-%m-%d %H:%M} UTC.", field="expires_at")


def _require_digest(proposal: Proposal, digest: str) -> None:
    if proposal.digest != digest:
        raise DigestMoved(field="digest", remedy="Reload the proposal and decide on what it says now.")
