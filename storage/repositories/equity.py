"""Equity: the result of each local day per instance, as journaled and as its twins would have had it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from storage.repositories.base import Repository, built
from storage.schema import equity as table

JOURNAL = "journal"


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
