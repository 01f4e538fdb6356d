"""Proposals: read the diff, approve or decline exactly that diff."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.answers import answer, resource
from api.auth.principal import principal
from api.context import here
from api.models.proposals import (
    ApprovalOut,
    DecisionBody,
    ProposalDetail,
    ProposalOut,
    ProposalPage,
    ProposalPath,
    ProposalQuery,
)
from api.paging import decode, page_out
from storage.queries import api_loop

api = resource("proposals", "Diffs of parameters with their evidence and the gate's verdict.")


@api.get("/api/proposals", responses={200: ProposalPage})
def list_proposals(query: ProposalQuery) -> Response:
    """Proposals, newest first."""
    after = decode(query.cursor, api_loop.PROPOSAL_KEY)
    equal = {"status": query.status, "instance_id": query.instance_id}
    with here().stores.begin() as tx:
        page = api_loop.proposals_page(tx.connection, equal, after, query.limit)
    items = [ProposalOut.model_validate(shown(row)) for row in page.rows]
    return answer(ProposalPage.model_validate(page_out(page, items)))


@api.get("/api/proposals/<proposal_id>", responses={200: ProposalDetail})
def one_proposal(path: ProposalPath) -> Response:
    """One proposal with its checks and what people decided."""
    return answer(_detail(path.proposal_id))


@api.post("/api/proposals/<proposal_id>/approve", responses={200: ProposalDetail})
def approve(path: ProposalPath, body: DecisionBody) -> Response:
    """Apply exactly the diff with this digest; 409 when the digest or the base version moved on."""
    here().approvals.approve(path.proposal_id, body.digest, principal().actor, body.note)
    return answer(_detail(path.proposal_id))


@api.post("/api/proposals/<proposal_id>/override", responses={200: ProposalDetail})
def override(path: ProposalPath, body: DecisionBody) -> Response:
    """Apply what the gate refused, for a reason that `note` gives in at least 10 characters."""
    here().approvals.override(path.proposal_id, body.digest, principal().actor, body.note)
    return answer(_detail(path.proposal_id))


@api.post("/api/proposals/<proposal_id>/decline", responses={200: ProposalDetail})
def decline(path: ProposalPath, body: DecisionBody) -> Response:
    """Close the proposal; it stays in the records and its shadow may still be followed."""
    here().approvals.decline(path.proposal_id, body.digest, principal().actor, body.note)
    return answer(_detail(path.proposal_id))


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored row in the shape of ProposalOut."""
    changes = [{**change, "before": change["from"], "after": change["to"]} for change in row["changes"]]
    return {**row, "changes": changes, "seen": {"start": row["seen_start"], "end": row["seen_end"]}}


def _detail(proposal_id: str) -> ProposalDetail:
    with here().stores.begin() as tx:
        row = api_loop.proposal(tx.connection, proposal_id)
        approvals = [ApprovalOut.model_validate(approval) for approval in tx.proposals.approvals(proposal_id)]
    return ProposalDetail.model_validate({**shown(row), "approvals": approvals})
