"""What the gate must know of an instance's past before it looks at a proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from core.learning import ProposalStatus

#: How far back verdicts are looked at.
MEMORY = timedelta(days=120)
POLICY_ACTOR = "policy"


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A verdict on an earlier proposal of the instance, with the values that were proposed."""

    at: datetime
    decision: str
    after: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Past:
    """The instance's past. `ledger_trials` is what the ledger holds for this proposal; `human_values` the version that
    a person last made or approved (the seed is one)."""

    current_version: int
    in_flight: Sequence[str]
    last_applied_at: datetime | None
    same_day: int
    ledger_trials: int
    human_values: Mapping[str, float]
    verdicts: Sequence[GivenVerdict]


_PAST = text("""
SELECT i.current_version,
    ARRAY(SELECT f.id FROM proposals f WHERE f.instance_id = i.id AND f.status = ANY(:moving)) AS in_flight,
    (SELECT s.created_at FROM parameter_sets s
     WHERE s.instance_id = i.id AND s.version = i.current_version AND s.version > 1) AS last_applied_at,
    (SELECT count(*) FROM proposals d WHERE d.instance_id = i.id AND d.author = p.author
     AND d.created_at >= :day AND d.created_at < p.created_at AND d.id <> p.id) AS same_day,
    (SELECT count(*) FROM trials t WHERE t.instance_id = i.id AND t.run = p.id AND t.at >= :since) AS ledger_trials,
    (SELECT s.values FROM parameter_sets s WHERE s.instance_id = i.id AND (
         s.proposal_id IS NULL
         OR EXISTS (SELECT 1 FROM approvals a WHERE a.proposal_id = s.proposal_id AND a.actor <> :policy))
     ORDER BY s.version DESC LIMIT 1) AS human_values
FROM proposals p JOIN strategy_instances i ON i.id = p.instance_id WHERE p.id = :proposal
""")

_VERDICTS = text("""
SELECT v.at, v.decision, q.changes FROM verdicts v JOIN proposals q ON q.id = v.proposal_id
WHERE q.instance_id = :instance AND q.id <> :proposal AND v.at >= :since ORDER BY v.at, v.id
""")


def past_of(connection: Connection, proposal_id: str, instance_id: str, day_start: datetime, now: datetime) -> Past:
    """The past of the proposal's instance; `day_start` begins the local day that quotas are counted by."""
    moving = (ProposalStatus.APPROVED, ProposalStatus.APPLIED, ProposalStatus.PROBATION, ProposalStatus.CANARY)
    bound = {
        "proposal": proposal_id,
        "moving": list(moving),
        "day": day_start,
        "since": now - MEMORY,
        "policy": POLICY_ACTOR,
    }
    row = connection.execute(_PAST, bound).mappings().one()
    return Past(**row, verdicts=given_verdicts(connection, instance_id, now, besides=proposal_id))


def given_verdicts(
    connection: Connection, instance_id: str, now: datetime, besides: str = ""
) -> Sequence[GivenVerdict]:
    """The verdicts on an instance's proposals within MEMORY, oldest first."""
    rows = connection.execute(_VERDICTS, {"instance": instance_id, "proposal": besides, "since": now - MEMORY})
    return [GivenVerdict(row.at, row.decision, _after(row.changes)) for row in rows]


def _after(changes: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {change["parameter"]: float(change["to"]) for change in changes}
