"""The journal: decisions, orders, fills, trades, and the state that belongs to the last of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.errors import NotFound
from core.trading import Decision, Fill, Order, Trade
from storage.bulk import insert_new
from storage.documents import dumps
from storage.journal_batch import JournalBatch, RunnerState
from storage.repositories.base import Repository, built
from storage.schema import decisions, fills, orders, runner_states, strategy_instances, trades

_MARKET = ("strategy", "venue", "symbol")


@dataclass(frozen=True, slots=True)
class LastSeqs:
    """The highest stored sequence numbers of an instance; 0 where there is no row."""

    decisions: int
    orders: int
    fills: int
    trades: int


class Journal(Repository):
    """What instances did. Writing a row again changes nothing."""

    def write(self, batch: JournalBatch) -> None:
        """Store all of `batch`; raises NotFound for a trade of an unknown instance, BadData for a NaN in a context."""
        self._insert(decisions, Decision, batch.decisions)
        self._insert(orders, Order, batch.orders)
        self._insert(fills, Fill, batch.fills)
        self._insert_trades(batch.trades)
        for state in batch.states:
            self._keep(state)

    def state(self, instance_id: str) -> RunnerState | None:
        """Where an instance stands; None before its first bar."""
        columns = [runner_states.c[f.name] for f in fields(RunnerState)]
        row = self._first(select(*columns).where(runner_states.c.instance_id == instance_id))
        return built(RunnerState, row) if row else None

    def last_seqs(self, instance_id: str) -> LastSeqs:
        """The numbers from which an instance goes on counting."""
        highest = [
            select(func.coalesce(func.max(t.c.seq), 0))
            .where(t.c.instance_id == instance_id)
            .scalar_subquery()
            .label(t.name)
            for t in (decisions, orders, fills, trades)
        ]
        row = self._all(select(*highest))[0]
        return built(LastSeqs, row)

    def _insert(self, table: Table, kind: type, rows: Sequence[Any]) -> None:
        names = [f.name for f in fields(kind)]
        insert_new(self._connection, table, names, _plain(table, names, rows))

    def _insert_trades(self, rows: Sequence[Trade]) -> None:
        if not rows:
            return
        markets = self._markets({row.instance_id for row in rows})
        names = [f.name for f in fields(Trade)]
        values = _plain(trades, names, rows)
        for row, trade in zip(values, rows, strict=True):
            row.extend(markets[trade.instance_id])
        insert_new(self._connection, trades, [*names, *_MARKET], values)

    def _markets(self, instance_ids: set[str]) -> Mapping[str, tuple[str, str, str]]:
        """Strategy, venue and symbol of each instance."""
        columns = [strategy_instances.c[name] for name in ("id", *_MARKET)]
        rows = self._all(select(*columns).where(strategy_instances.c.id.in_(instance_ids)))
        unknown = instance_ids - {row.id for row in rows}
        if unknown:
            raise NotFound(f"There is no strategy instance {min(unknown)!r}.", field="instance_id")
        return {row.id: (row.strategy, row.venue, row.symbol) for row in rows}

    def _keep(self, state: RunnerState) -> None:
        values = {f.name: getattr(state, f.name) for f in fields(RunnerState)}
        statement = insert(runner_states).values(**values, updated_at=func.now())
        news = {
            **{name: statement.excluded[name] for name in values if name != "instance_id"},
            "updated_at": func.now(),
        }
        self._connection.execute(statement.on_conflict_do_update(index_elements=["instance_id"], set_=news))


def _plain(table: Table, names: Sequence[str], rows: Sequence[Any]) -> list[list[Any]]:
    """The named values of each row as psycopg writes them: documents as JSON text."""
    read = attrgetter(*names)
    documents = [position for position, name in enumerate(names) if isinstance(table.c[name].type, JSONB)]
    plain = [list(read(row)) for row in rows]
    for values in plain:
        for position in documents:
            values[position] = dumps(values[position])
    return plain
