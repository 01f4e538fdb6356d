"""Probations: changes whose effect is being measured, from the proof that they run to their outcome."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from storage.repositories.base import Repository
from storage.schema import probations as table


@dataclass(frozen=True, slots=True)
class Probation:
    """One change under measurement. `outcome` None: nothing has been decided."""

    proposal_id: str
    instance_id: str
    old_version: int
    new_version: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    prob_worse: float | None = None


_COLUMNS = [table.c[f.name] for f in fields(Probation)]


class Probations(Repository):
    """What is on probation."""

    def open(self, probation: Probation) -> bool:
        """Begin it; False if it has begun already."""
        row = {f.name: getattr(probation, f.name) for f in fields(Probation)} | {"days": []}
        return self._changes(insert(table).values(row).on_conflict_do_nothing())

    def running(self) -> list[Probation]:
        """Those without an outcome, oldest first."""
        statement = select(*_COLUMNS).where(table.c.ended_at.is_(None)).order_by(table.c.started_at)
        return [_probation(row) for row in self._all(statement)]

    def close(self, proposal_id: str, outcome: str, at: datetime) -> bool:
        """Note how it ended; False if it had ended or never begun."""
        ending = table.update().where(table.c.proposal_id == proposal_id, table.c.ended_at.is_(None))
        return self._changes(ending.values(outcome=outcome, ended_at=at))


def _probation(row: Row[Any]) -> Probation:
    return Probation(**row._mapping)
