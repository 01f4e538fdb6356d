"""What trades of a span add up to, in SQL: totals, groups, extremes and the curve of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from core.clock import aware
from core.facts import TradeLine
from core.trading import ExitReason

#: How many trade ids a group carries as evidence, those that moved the most money first.
EVIDENCE = 50


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for: trades closed in [start, end) UTC, without those of the `excluded` instances."""

    start: datetime
    end: datetime
    excluded: Sequence[str] = ()

    @property
    def bound(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "excluded": list(self.excluded)}


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """One group's sums; money in quote currency after fees where it says net. `drawdown` is the deepest fall of the
    running net P&L below its peak (or below zero), taken at the end of each minute."""

    dimension: str
    name: str
    trades: int
    wins: int
    losses: int
    gross: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    won: Decimal
    lost: Decimal
    drawdown: Decimal
    instances: Sequence[str]
    trade_ids: Sequence[str]


_GROUPS = text(f"""
WITH closed AS (
    SELECT * FROM trades WHERE closed_at >= :start AND closed_at < :end AND instance_id <> ALL(:excluded)
), named AS (
    SELECT g.dimension, g.name, c.* FROM closed c CROSS JOIN LATERAL (VALUES
        ('total', 'all'),
        ('strategy', c.strategy),
        ('instance', c.instance_id),
        ('hour', to_char(c.closed_at AT TIME ZONE :zone, 'HH24')),
        ('regime', c.regime),
        ('exit_reason', c.exit_reason::text),
        ('version', c.instance_id || '@' || c.entry_version)
    ) AS g(dimension, name)
), running AS (
    SELECT *, sum(pnl) OVER (PARTITION BY dimension, name ORDER BY closed_at) AS sum_so_far FROM named
), falling AS (
    SELECT *, greatest(max(sum_so_far) OVER (PARTITION BY dimension, name ORDER BY closed_at), 0) - sum_so_far AS fall
    FROM running
)
SELECT dimension, name,
    count(*) AS trades,
    count(*) FILTER (WHERE pnl > 0) AS wins,
    count(*) FILTER (WHERE pnl < 0) AS losses,
    sum(gross_pnl) AS gross, sum(fees) AS fees, sum(funding) AS funding, sum(pnl) AS net,
    coalesce(sum(pnl) FILTER (WHERE pnl > 0), 0) AS won,
    coalesce(-sum(pnl) FILTER (WHERE pnl < 0), 0) AS lost,
    max(fall) AS drawdown,
    array_agg(DISTINCT instance_id) AS instances,
    (array_agg(instance_id || '#' || seq ORDER BY abs(pnl) DESC, instance_id, seq))[1:{EVIDENCE}] AS trade_ids
FROM falling GROUP BY dimension, name ORDER BY dimension, name
""")

_LINES = """
SELECT instance_id, seq, symbol, side, opened_at, closed_at, entry_price, exit_price, pnl, fees, exit_reason, regime,
       entry_version
FROM trades WHERE closed_at >= :start AND closed_at < :end AND instance_id <> ALL(:excluded)
ORDER BY pnl {direction}, instance_id, seq LIMIT :limit
"""
_BEST, _WORST = (text(_LINES.format(direction=direction)) for direction in ("DESC", "ASC"))

_CURVE = text("""
SELECT at, sum(step) OVER (ORDER BY at) AS level FROM (
    SELECT date_bin(:width, closed_at, :start) + :width AS at, sum(pnl) AS step
    FROM trades WHERE closed_at >= :start AND closed_at < :end AND instance_id <> ALL(:excluded) GROUP BY 1
) AS steps ORDER BY at
""")


def groups(connection: Connection, span: Span, zone: str) -> list[GroupTotals]:
    """The sums of every group of every dimension, `total` among them; hours are those of the IANA zone `zone`."""
    rows = connection.execute(_GROUPS, {**span.bound, "zone": zone}).mappings()
    return [GroupTotals(**{**row, "name": _readable(row["dimension"], row["name"])}) for row in rows]


def best(connection: Connection, span: Span, limit: int = 5) -> list[TradeLine]:
    """The trades that earned the most after fees."""
    return _lines(connection, _BEST, span, limit)


def worst(connection: Connection, span: Span, limit: int = 5) -> list[TradeLine]:
    """The trades that lost the most after fees."""
    return _lines(connection, _WORST, span, limit)


def curve(connection: Connection, span: Span) -> list[tuple[datetime, float]]:
    """The running net P&L at the end of every stretch of the span (1/288 of it: 5 minutes of a day) with a trade."""
    rows = connection.execute(_CURVE, {**span.bound, "width": (span.end - span.start) / 288})
    return [(aware(at, "at"), float(level)) for at, level in rows]


def _lines(connection: Connection, query: Any, span: Span, limit: int) -> list[TradeLine]:
    return [trade_line(row) for row in connection.execute(query, {**span.bound, "limit": limit}).mappings()]


def trade_line(row: Mapping[Any, Any]) -> TradeLine:
    """A row of trades as a line of a list."""
    return TradeLine(
        id=f"{row['instance_id']}#{row['seq']}",
        instance_id=row["instance_id"],
        symbol=row["symbol"],
        side="long" if row["side"] > 0 else "short",
        opened_at=aware(row["opened_at"], "opened_at"),
        closed_at=aware(row["closed_at"], "closed_at"),
        entry_price=float(row["entry_price"]),
        exit_price=float(row["exit_price"]),
        pnl=float(row["pnl"]),
        fees=float(row["fees"]),
        exit_reason=_exit_name(row["exit_reason"]),
        regime=row["regime"],
        version=row["entry_version"],
    )


def _readable(dimension: str, name: str) -> str:
    return _exit_name(int(name)) if dimension == "exit_reason" else name


def _exit_name(number: int) -> str:
    return ExitReason(number).name.lower()
