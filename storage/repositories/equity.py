"""Equity: the result of each local day per instance, as journaled and as its twins would have had it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from storage.repositories.base import Repository, built
from storage.schema import equity as table

JOURNAL = "journal"
#: Permanent twins: the values in force, replayed; those of the first version; and nothing at all.
REPLAY, BASELINE, FLAT = "replay", "baseline", "flat"


def proposal_twin(proposal_id: str) -> str:
    """The twin that trades with what a proposal makes of its base."""
    return f"proposal:{proposal_id}"


def before_twin(version: int) -> str:
    """The twin that trades with a parameter version."""
    return f"version:{version}"


@dataclass(frozen=True, slots=True)
class EquityDay:
    """One local day. Money in quote currency; `max_drawdown` is a fraction; `twin` names whose replay it is."""

    instance_id: str
    day: date
    net_pnl: Decimal
    fees: Decimal
    funding: Decimal
    trades: int
    closing_equity: Decimal
    max_drawdown: float | None
    twin: str = JOURNAL


_NAMES = [f.name for f in fields(EquityDay)]
_KEY = ["instance_id", "twin", "day"]


class Equity(Repository):
    """Results per day."""

    def upsert(self, days: Sequence[EquityDay]) -> None:
        """Store days; a day that is stored is replaced."""
        if not days:
            return
        statement = insert(table)
        news = {name: statement.excluded[name] for name in _NAMES if name not in _KEY}
        rows = [{name: getattr(day, name) for name in _NAMES} for day in days]
        self._connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=news), rows)

    def between(self, instance_id: str, start: date, end: date, twin: str = JOURNAL) -> Sequence[EquityDay]:
        """The days of [start, end), oldest first."""
        columns = [table.c[name] for name in _NAMES]
        of_twin = (table.c.instance_id == instance_id, table.c.twin == twin)
        statement = select(*columns).where(*of_twin, table.c.day >= start, table.c.day < end)
        return [built(EquityDay, row) for row in self._all(statement.order_by(table.c.day))]

    def closings(self, instance_id: str, before: date) -> Mapping[str, Decimal]:
        """The last closing equity of each twin earlier than `before`."""
        statement = select(table.c.twin, table.c.closing_equity).ext(distinct_on(table.c.twin))
        earlier = statement.where(table.c.instance_id == instance_id, table.c.day < before)
        return {row.twin: row.closing_equity for row in self._all(earlier.order_by(table.c.twin, table.c.day.desc()))}

    def last_day(self, twin: str) -> date | None:
        """The newest day that any instance has of a twin."""
        row = self._first(select(func.max(table.c.day).label("day")).where(table.c.twin == twin))
        return row.day if row else None
