"""Versions on their way into force, with the proposals that they came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from core.learning import ProposalStatus


@dataclass(frozen=True, slots=True)
class Transit:
    """An approved or applied proposal; `proven_at` is when the strategy proved to read exactly its values."""

    proposal_id: str
    instance_id: str
    status: ProposalStatus
    base_version: int
    version: int
    proven_at: datetime | None


_TRANSITS = text("""
SELECT p.id AS proposal_id, p.instance_id, p.status, p.base_version, p.applied_version AS version,
    (SELECT min(a.acknowledged_at) FROM parameter_applications a
     WHERE a.instance_id = p.instance_id AND a.version = p.applied_version AND a.acknowledged_digest = a.digest
    ) AS proven_at
FROM proposals p WHERE p.status = ANY(:moving) AND p.applied_version IS NOT NULL ORDER BY p.created_at, p.id
""")


def transits(connection: Connection) -> Sequence[Transit]:
    """Every proposal that is approved or applied and has not begun its probation."""
    moving = [ProposalStatus.APPROVED, ProposalStatus.APPLIED]
    rows = connection.execute(_TRANSITS, {"moving": moving}).mappings()
    return [Transit(**{**row, "status": ProposalStatus(row["status"])}) for row in rows]


_APPLIED_AFTER = text("""
SELECT id FROM proposals
WHERE instance_id = :instance AND applied_version > :version AND status = ANY(:statuses) ORDER BY applied_version
""")


def applied_after(
    connection: Connection, instance_id: str, version: int, statuses: Sequence[ProposalStatus]
) -> list[str]:
    """The proposals of an instance that became a version later than `version` and have one of `statuses`."""
    bound = {"instance": instance_id, "version": version, "statuses": list(statuses)}
    return [row.id for row in connection.execute(_APPLIED_AFTER, bound)]


_ANY_IN_TRANSIT = text("""
SELECT EXISTS (SELECT 1 FROM proposals WHERE status = ANY(:moving) AND applied_version IS NOT NULL)
    OR EXISTS (SELECT 1 FROM parameter_applications a JOIN strategy_instances i
        ON i.id = a.instance_id AND i.current_version = a.version WHERE a.acknowledged_at IS NULL)
""")


def is_any_in_transit(connection: Connection) -> bool:
    """Whether a version in force was not read back yet, or its proposal has not begun its probation."""
    moving = [ProposalStatus.APPROVED, ProposalStatus.APPLIED]
    return bool(connection.execute(_ANY_IN_TRANSIT, {"moving": moving}).scalar_one())
