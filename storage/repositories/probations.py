"""Probations: changes whose effect is being measured, from the proof that they run to their outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from storage.repositories.base import Repository
from storage.schema import probations as table


@dataclass(frozen=True, slots=True)
class Probation:
    """One change under measurement. `outcome` None: nothing has been decided.

    `prior` is what the gate expected: {"mean", "sd", "sigma"}, fractions of capital per day; None until it is known.
    `days` are {"day", "new": [...], "old": [...]}: fractions of capital per symbol, oldest first.
    """

    proposal_id: str
    instance_id: str
    old_version: int
    new_version: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    prob_worse: float | None = None
    prior: Mapping[str, float] | None = None
    days: Sequence[Mapping[str, Any]] = ()


_COLUMNS = [table.c[f.name] for f in fields(Probation)]


class Probations(Repository):
    """What is on probation."""

    def open(self, probation: Probation) -> bool:
        """Begin it; False if it has begun already."""
        row = {f.name: getattr(probation, f.name) for f in fields(Probation)} | {"days": list(probation.days)}
        return self._changes(insert(table).values(row).on_conflict_do_nothing())

    def running(self) -> list[Probation]:
        """Those without an outcome, oldest first."""
        statement = select(*_COLUMNS).where(table.c.ended_at.is_(None)).order_by(table.c.started_at)
        return [_probation(row) for row in self._all(statement)]

    def get(self, proposal_id: str) -> Probation | None:
        """The probation of a proposal, held until the transaction ends."""
        row = self._first(select(*_COLUMNS).where(table.c.proposal_id == proposal_id).with_for_update())
        return _probation(row) if row else None

    def add_day(self, proposal_id: str, day: date, new: Sequence[float], old: Sequence[float]) -> None:
        """Keep what both sides earned on a day, one value per symbol; a day that is kept is replaced."""
        found = self.get(proposal_id)
        if found is None:
            return
        others = [kept for kept in found.days if kept["day"] != day.isoformat()]
        added = {"day": day.isoformat(), "new": list(new), "old": list(old)}
        self._set(proposal_id, days=sorted([*others, added], key=lambda kept: str(kept["day"])))

    def note(self, proposal_id: str, prior: Mapping[str, float] | None, prob_worse: float) -> None:
        """Keep what is believed today."""
        self._set(proposal_id, prior=dict(prior) if prior else None, prob_worse=prob_worse)

    def close(self, proposal_id: str, outcome: str, at: datetime) -> bool:
        """Note how it ended; False if it had ended or never begun."""
        ending = table.update().where(table.c.proposal_id == proposal_id, table.c.ended_at.is_(None))
        return self._changes(ending.values(outcome=outcome, ended_at=at))

    def _set(self, proposal_id: str, **values: Any) -> None:
        self._connection.execute(table.update().where(table.c.proposal_id == proposal_id).values(values))


def _probation(row: Row[Any]) -> Probation:
    return Probation(**row._mapping)
