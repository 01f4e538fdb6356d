"""Proposals whose values are replayed beside what really ran, whatever became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from core.learning import ProposalStatus
from storage.repositories.equity import before_twin, proposal_twin

_S = ProposalStatus
APPLIED = (_S.PROBATION, _S.KEPT, _S.ROLLED_BACK, _S.INCONCLUSIVE, _S.SUPERSEDED)
NEVER_APPLIED = (_S.DECLINED, _S.REFUSED, _S.EXPIRED)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A proposal and the moment from which its values can be compared with those of its base: when it came into force,
    else when it was closed. `was_applied` is whether a strategy ever traded with it."""

    proposal_id: str
    instance_id: str
    author: str
    status: ProposalStatus
    confidence: float | None
    base_version: int
    changes: Mapping[str, float]
    was_applied: bool
    since: datetime

    @property
    def twin(self) -> str:
        """Whose equity has its values."""
        return proposal_twin(self.proposal_id)

    @property
    def before(self) -> str:
        """Whose equity has the values that it was to replace."""
        return before_twin(self.base_version)


_TRACKED = text("""
SELECT p.id AS proposal_id, p.instance_id, p.author, p.status, p.confidence, p.base_version, p.changes,
    b.proposal_id IS NOT NULL AS was_applied, coalesce(b.started_at, p.updated_at) AS since
FROM proposals p LEFT JOIN probations b ON b.proposal_id = p.id
WHERE p.status = ANY(:statuses) AND (b.proposal_id IS NOT NULL OR p.status = ANY(:never))
    AND coalesce(b.started_at, p.updated_at) >= :since AND coalesce(b.started_at, p.updated_at) <= :until
ORDER BY p.created_at, p.id
""")

_PAIRED = text("""
SELECT w.place, array_agg(new.net_pnl - old.net_pnl ORDER BY new.day) AS differences
FROM unnest(CAST(:instances AS text[]), CAST(:after AS text[]), CAST(:before AS text[]))
    WITH ORDINALITY AS w(instance_id, after, before, place)
JOIN equity new ON new.instance_id = w.instance_id AND new.twin = w.after
JOIN equity old ON old.instance_id = w.instance_id AND old.twin = w.before AND old.day = new.day
GROUP BY w.place
""")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two twins of an instance."""

    instance_id: str
    after: str
    before: str


def tracked(connection: Connection, since: datetime, until: datetime) -> Sequence[Tracked]:
    """Every proposal that came into force, or was closed without that, in [since, until]; oldest first."""
    bound = {"statuses": [*APPLIED, *NEVER_APPLIED], "never": list(NEVER_APPLIED), "since": since, "until": until}
    rows = connection.execute(_TRACKED, bound).mappings()
    return [Tracked(**{**row, "status": _S(row["status"]), "changes": _values(row["changes"])}) for row in rows]


def paired_differences(connection: Connection, pairs: Sequence[Pair]) -> list[list[float]]:
    """Of each pair: after minus before on each day that both have, oldest first, in quote currency."""
    bound = {
        "instances": [pair.instance_id for pair in pairs],
        "after": [pair.after for pair in pairs],
        "before": [pair.before for pair in pairs],
    }
    found = {row.place: row.differences for row in connection.execute(_PAIRED, bound)}
    return [[float(value) for value in found.get(place, ())] for place in range(1, len(pairs) + 1)]


def _values(changes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {str(change["parameter"]): float(change["to"]) for change in changes}
