"""What a market did while a position was held, from the stored 1-minute bars."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from core.clock import MINUTE_MS

_HELD = text("""
SELECT count(*) FILTER (WHERE opened_at < :closed) AS bars,
    min(low) FILTER (WHERE opened_at < :closed AND volume > 0) AS low,
    max(high) FILTER (WHERE opened_at < :closed AND volume > 0) AS high,
    coalesce(sum(open * funding_rate) FILTER (WHERE opened_at > :opened), 0) AS settled
FROM bars
WHERE venue = :venue AND symbol = :symbol AND bar_ms = :bar_ms AND opened_at >= :opened AND opened_at <= :closed
""")


@dataclass(frozen=True, slots=True)
class Held:
    """`low` and `high` of the bars before the exit (None without any); `settled` is the sum of price x funding rate
    over the settlements after the entry and up to the exit: what one base unit held long has paid (quote)."""

    bars: int
    low: float | None
    high: float | None
    settled: float


def while_held(connection: Connection, venue: str, symbol: str, opened: datetime, closed: datetime) -> Held:
    """The bars that open in [opened, closed)."""
    bound = {"venue": venue, "symbol": symbol, "bar_ms": MINUTE_MS, "opened": opened, "closed": closed}
    row = connection.execute(_HELD, bound).one()
    return Held(row.bars, row.low, row.high, row.settled)
