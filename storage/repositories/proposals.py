"""Proposals: every move is one conditional update, so that of two racing moves exactly one happens."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSON

from core.errors import IllegalMove, NotFound
from core.learning import MOVES, Change, Proposal, ProposalStatus, SeenWindow, Verdict, require_move
from storage.repositories.base import Repository, built
from storage.schema import approvals, verdicts
from storage.schema import proposals as table

IN_FLIGHT = (ProposalStatus.APPROVED, ProposalStatus.APPLIED, ProposalStatus.PROBATION, ProposalStatus.CANARY)
_WAITS = (ProposalStatus.DRAFT, ProposalStatus.UNDECIDED, ProposalStatus.AWAITING_REVIEW)


@dataclass(frozen=True, slots=True)
class Approval:
    """An act of a person or policy on a proposal (approve, canary, decline, rollback), bound to its digest."""

    action: str
    digest: str
    actor: str
    note: str
    at: datetime


class Proposals(Repository):
    """Diffs of parameters, where they stand, and what the gate and people said of them."""

    def add(self, proposal: Proposal) -> None:
        """Store a new proposal."""
        self._connection.execute(insert(table).values(_values(proposal)))

    def get(self, proposal_id: str) -> Proposal:
        """The proposal; raises NotFound."""
        return self._one(proposal_id, lock=False)

    def lock(self, proposal_id: str) -> Proposal:
        """The proposal, held until the transaction ends; raises NotFound."""
        return self._one(proposal_id, lock=True)

    def list(
        self, status: ProposalStatus | None = None, instance_id: str | None = None, limit: int = 100
    ) -> Sequence[Proposal]:
        """Proposals, newest first."""
        statement = select(table)
        if status is not None:
            statement = statement.where(table.c.status == status)
        if instance_id is not None:
            statement = statement.where(table.c.instance_id == instance_id)
        statement = statement.order_by(table.c.created_at.desc(), table.c.id).limit(limit)
        return [_proposal(row) for row in self._all(statement)]

    def move(
        self,
        proposal_id: str,
        to: ProposalStatus,
        at: datetime,
        note: str = "",
        applied_version: int | None = None,
    ) -> Proposal:
        """Move it to `to` and return it. Raises NotFound, or IllegalMove when its status forbids it (a lost race too).

        An empty note and no version leave what is stored.
        """
        sources = [status for status, targets in MOVES.items() if to in targets]
        values = {"status": to, "updated_at": at}
        values |= {"note": note} if note else {}
        values |= {"applied_version": applied_version} if applied_version is not None else {}
        statement = update(table).where(table.c.id == proposal_id, table.c.status.in_(sources)).values(values)
        row = self._first(statement.returning(*table.c))
        if row is None:
            require_move(self.get(proposal_id).status, to)
            raise IllegalMove("The proposal moved at the same moment.", field="status", remedy="Reload the proposal.")
        return _proposal(row)

    def applied_version(self, proposal_id: str) -> int | None:
        """The parameter version that it became; None before it was committed."""
        found = self._first(select(table.c.applied_version).where(table.c.id == proposal_id))
        return found.applied_version if found else None

    def in_flight(self, instance_id: str) -> Sequence[Proposal]:
        """What has been approved and is not settled: approved, applied, on probation or running as a canary."""
        statement = select(table).where(table.c.instance_id == instance_id, table.c.status.in_(IN_FLIGHT))
        return [_proposal(row) for row in self._all(statement.order_by(table.c.created_at))]

    def last_on(
        self, instance_id: str, parameters: Collection[str], statuses: Collection[ProposalStatus] | None = None
    ) -> Proposal | None:
        """The newest proposal (drafts apart) that changes one of `parameters`; with `statuses`, of those only."""
        wanted = set(statuses or ProposalStatus) - {ProposalStatus.DRAFT}
        change = func.json_array_elements(table.c.changes).table_valued(column("value", JSON))
        touches = select(1).select_from(change).where(change.c.value["parameter"].astext.in_(parameters)).exists()
        statement = select(table).where(table.c.instance_id == instance_id, table.c.status.in_(wanted), touches)
        row = self._first(statement.order_by(table.c.created_at.desc(), table.c.id).limit(1))
        return _proposal(row) if row else None

    def expire_due(self, at: datetime) -> Sequence[str]:
        """Expire what nobody decided in time and return the ids. What was refused or approved keeps its status."""
        due = update(table).where(table.c.status.in_(_WAITS), table.c.expires_at <= at)
        rows = self._all(due.values(status=ProposalStatus.EXPIRED, updated_at=at).returning(table.c.id))
        return sorted(row.id for row in rows)

    def add_verdict(self, proposal_id: str, verdict: Verdict, at: datetime) -> None:
        """Keep what the gate found; the newest verdict counts."""
        row = {"proposal_id": proposal_id, "decision": verdict.decision, "at": at}
        row |= {"document": verdict.as_document(), "paired": verdict.paired}
        self._connection.execute(insert(verdicts).values(row))

    def verdict(self, proposal_id: str) -> Mapping[str, Any] | None:
        """The newest verdict as `Verdict.as_document` wrote it; None while it was not judged."""
        row = self._newest_verdict(proposal_id)
        return row.document if row else None

    def paired(self, proposal_id: str) -> Mapping[str, Any]:
        """The paired curves of the newest verdict; empty while it was not judged."""
        row = self._newest_verdict(proposal_id)
        return row.paired if row else {}

    def add_approval(self, proposal_id: str, action: str, digest: str, actor: str, note: str, at: datetime) -> None:
        """Keep what somebody decided."""
        row = {"proposal_id": proposal_id, "action": action, "digest": digest, "actor": actor, "note": note, "at": at}
        self._connection.execute(insert(approvals).values(row))

    def approvals(self, proposal_id: str) -> Sequence[Approval]:
        """Everything that was decided on it, oldest first."""
        statement = select(*(approvals.c[f.name] for f in fields(Approval)))
        rows = self._all(statement.where(approvals.c.proposal_id == proposal_id).order_by(approvals.c.id))
        return [built(Approval, row) for row in rows]

    def _newest_verdict(self, proposal_id: str) -> Row[Any] | None:
        statement = select(verdicts).where(verdicts.c.proposal_id == proposal_id)
        return self._first(statement.order_by(verdicts.c.id.desc()).limit(1))

    def _one(self, proposal_id: str, *, lock: bool) -> Proposal:
        statement = select(table).where(table.c.id == proposal_id)
        row = self._first(statement.with_for_update() if lock else statement)
        if row is None:
            raise NotFound(f"There is no proposal {proposal_id!r}.", field="id")
        return _proposal(row)


def _values(proposal: Proposal) -> dict[str, Any]:
    names = "id instance_id base_version author reason created_at expires_at n_trials confidence note digest status"
    return {name: getattr(proposal, name) for name in names.split()} | {
        "changes": [change.as_document() for change in proposal.changes],
        "evidence": proposal.evidence,
        "seen_start": proposal.seen.start,
        "seen_end": proposal.seen.end,
        "updated_at": proposal.created_at,
    }


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        instance_id=row.instance_id,
        base_version=row.base_version,
        changes=tuple(Change(c["parameter"], c["from"], c["to"], c["reason"]) for c in row.changes),
        author=row.author,
        reason=row.reason,
        seen=SeenWindow(row.seen_start, row.seen_end),
        created_at=row.created_at,
        expires_at=row.expires_at,
        n_trials=row.n_trials,
        confidence=row.confidence,
        evidence=row.evidence,
        status=ProposalStatus(row.status),
        note=row.note,
    )
