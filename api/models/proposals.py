"""Proposals: diffs with their evidence, the gate's verdict and what people decided."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.models.base import Body, Digest, Moment, Name, Note, Out, PageQuery, Path
from core.learning import ProposalStatus


class ProposalPath(Path):
    proposal_id: Name


class ProposalQuery(PageQuery):
    status: ProposalStatus | None = None
    instance_id: Name | None = None


class DecisionBody(Body):
    """An approval is bound to the exact diff that was shown: `digest` is the proposal's."""

    digest: Digest
    note: Note = ""


class ChangeOut(Out):
    parameter: str
    before: float = Field(serialization_alias="from")
    after: float = Field(serialization_alias="to")
    reason: str = ""


class SeenOut(Out):
    """Half-open UTC span that the author had looked at; the gate does not judge on it."""

    start: Moment
    end: Moment


class ProposalOut(Out):
    id: str
    instance_id: str
    base_version: int
    changes: list[ChangeOut]
    digest: str
    author: Literal["llm", "miner", "person"]
    reason: str
    seen: SeenOut
    n_trials: int
    confidence: float | None
    evidence: dict[str, Any]
    status: ProposalStatus
    note: str
    applied_version: int | None = None
    created_at: Moment
    expires_at: Moment
    verdict: Annotated[dict[str, Any] | None, Field(description="What the gate found; null while not judged")] = None


class ProposalPage(Out):
    items: list[ProposalOut]
    next: str | None


class ApprovalOut(Out):
    action: str
    actor: str
    note: str
    at: Moment


class ProposalDetail(ProposalOut):
    approvals: list[ApprovalOut]
