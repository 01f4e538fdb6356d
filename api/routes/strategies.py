"""Strategy instances: what they are, what they run with, and how a person changes it."""

from dataclasses import asdict

from flask import Response

from api import commanding
from api.answers import answer, resource
from api.auth.principal import principal
from api.context import here
from api.models.control import CommandAccepted, KeyHeader
from api.models.proposals import ProposalOut
from api.models.strategies import (
    InstanceList,
    InstanceOut,
    InstancePath,
    ParameterHistory,
    ParameterOut,
    ParametersBody,
    ParametersOut,
    ParameterVersionOut,
    PolicyBody,
    RollbackBody,
)
from api.routes.proposals import shown as proposal_shown
from core.errors import Forbidden, NotFound
from core.trading import Mode, Policy
from feedback import own_change
from storage.queries import api_loop, api_state
from storage.queries.api_pages import Row
from storage.repositories.parameters import ParameterRecord

api = resource("strategies", "Instances, their parameters and versions.")


@api.get("/api/strategies", responses={200: InstanceList})
def list_strategies() -> Response:
    """All instances with the version they were given and the version they say they run."""
    with here().stores.begin() as tx:
        rows = api_state.instances(tx.connection)
    return answer(InstanceList(items=[InstanceOut.model_validate(row) for row in rows]))


@api.get("/api/strategies/<instance_id>", responses={200: InstanceOut})
def one_strategy(path: InstancePath) -> Response:
    """One instance."""
    return answer(InstanceOut.model_validate(_instance(path.instance_id)))


@api.get("/api/strategies/<instance_id>/parameters", responses={200: ParametersOut})
def parameters(path: InstancePath) -> Response:
    """Current values with the declaration they obey."""
    row = _instance(path.instance_id)
    with here().stores.begin() as tx:
        declaration = here().approvals.declaration_of(tx.instances.get(path.instance_id))
    declared = [
        ParameterOut(value=row["values"].get(one.name, one.default), **asdict(one)) for one in declaration.parameters
    ]
    return answer(
        ParametersOut(
            instance_id=row["id"],
            version=row["current_version"],
            digest=row["digest"],
            values=row["values"],
            parameters=declared,
            json_schema=declaration.json_schema(),
        )
    )


@api.get("/api/strategies/<instance_id>/parameters/history", responses={200: ParameterHistory})
def history(path: InstancePath) -> Response:
    """Every version: who made it, why, when it was sent, acknowledged and first traded with."""
    _instance(path.instance_id)
    with here().stores.begin() as tx:
        records = tx.parameters.history(path.instance_id)
    return answer(ParameterHistory(items=[_version(record) for record in records]))


@api.post("/api/strategies/<instance_id>/parameters", responses={202: ProposalOut})
def change(path: InstancePath, body: ParametersBody) -> Response:
    """Enter a person's own change: it becomes a proposal that the same gate judges."""
    proposal = own_change.enter(here().approvals, path.instance_id, body.values, principal().actor, body.reason)
    with here().stores.begin() as tx:
        row = api_loop.proposal(tx.connection, proposal.id)
    return answer(ProposalOut.model_validate(proposal_shown(row)), 202)


@api.post("/api/strategies/<instance_id>/rollback", responses={200: ParameterVersionOut})
def rollback(path: InstancePath, body: RollbackBody) -> Response:
    """Return to the values of an earlier version, as a new version; the running strategy acknowledges it."""
    context = here()
    made = context.approvals.rollback(path.instance_id, body.to_version, principal().actor, body.note)
    with context.stores.begin() as tx:
        records = tx.parameters.history(path.instance_id)
    return answer(_version(next(record for record in records if record.set.version == made.version)))


@api.post("/api/strategies/<instance_id>/policy", responses={202: CommandAccepted})
def policy(path: InstancePath, body: PolicyBody, header: KeyHeader) -> Response:
    """Say who applies what the gate passed: nobody, a person, or the loop."""
    row = _instance(path.instance_id)
    if row["mode"] == Mode.LIVE and body.policy is Policy.AUTO:
        raise Forbidden("A live instance cannot be automatic.", field="policy")
    return commanding.accept("policy", path.instance_id, {"policy": body.policy}, header.idempotency_key)


def _version(record: ParameterRecord) -> ParameterVersionOut:
    known = {"digest": record.set.digest, **asdict(record.set), **asdict(record)}
    return ParameterVersionOut.model_validate(known)


def _instance(instance_id: str) -> Row:
    with here().stores.begin() as tx:
        rows = api_state.instances(tx.connection, instance_id)
    if not rows:
        raise NotFound(f"There is no instance {instance_id}.", field="instance_id", remedy="See /api/strategies.")
    return rows[0]
