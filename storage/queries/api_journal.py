"""What the API shows of the journal: trades, decisions and orders, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, Table, func, select
from sqlalchemy.dialects.postgresql import JSONB

from core.trading import MANUAL
from storage.queries.api_pages import Key, Page, Row, read_page
from storage.schema import decisions, orders, strategy_instances, trades

#: The types of a page's key, as read_page returns it.
TRADE_KEY: tuple[type, ...] = (datetime, str, int)
EVENT_KEY: tuple[type, ...] = (datetime, str, int)

_LISTED = [column for column in trades.c if not isinstance(column.type, JSONB)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows in [start, end) UTC whose columns equal `equal`; None stands for any."""

    start: datetime | None = None
    end: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)


def trades_page(connection: Connection, wanted: Filter, after: Key | None, limit: int) -> Page:
    """Closed trades without their contexts; `equal` may name any column of the table."""
    query = _filtered(select(*_LISTED), trades, trades.c.closed_at, wanted)
    return read_page(connection, query, (trades.c.closed_at, trades.c.instance_id, trades.c.seq), after, limit)


def trade(connection: Connection, instance_id: str, seq: int) -> Row | None:
    query = select(trades).where(trades.c.instance_id == instance_id, trades.c.seq == seq)
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def decisions_page(
    connection: Connection, wanted: Filter, after: Key | None, limit: int, symbol: str | None = None
) -> Page:
    """Signals with their fates; `symbol` keeps those of instances on that symbol."""
    query = _filtered(_with_symbol(decisions), decisions, decisions.c.at, wanted)
    if symbol is not None:
        query = query.where(_symbol_of(decisions) == symbol)
    return read_page(connection, query, (decisions.c.at, decisions.c.instance_id, decisions.c.seq), after, limit)


def orders_page(connection: Connection, wanted: Filter, after: Key | None, limit: int) -> Page:
    query = _filtered(_with_symbol(orders), orders, orders.c.at, wanted)
    return read_page(connection, query, (orders.c.at, orders.c.instance_id, orders.c.seq), after, limit)


def _with_symbol(table: Table) -> Select[Any]:
    """Rows with their instance's symbol; a manual row has that of its decision."""
    joined = table.outerjoin(strategy_instances, strategy_instances.c.id == table.c.instance_id)
    return select(table, _symbol_of(table).label("symbol")).select_from(joined)


def _symbol_of(table: Table) -> ColumnElement[Any]:
    return func.coalesce(strategy_instances.c.symbol, _manual_symbol(table))


def _manual_symbol(table: Table) -> ScalarSelect[Any] | ColumnElement[Any]:
    symbol: ColumnElement[Any] = decisions.c.context["symbol"].astext
    if table is decisions:
        return symbol
    own = (decisions.c.instance_id == MANUAL, decisions.c.seq == table.c.decision_seq, table.c.instance_id == MANUAL)
    return select(symbol).where(*own).correlate(table).scalar_subquery()


def _filtered(query: Select[Any], table: Table, time: ColumnElement[Any], wanted: Filter) -> Select[Any]:
    if wanted.start is not None:
        query = query.where(time >= wanted.start)
    if wanted.end is not None:
        query = query.where(time < wanted.end)
    return query.where(*(table.c[name] == value for name, value in wanted.equal.items() if value is not None))
