"""Losing trades that no loss review has looked at, with what was known when they were entered and left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.facts import TradeLine
from core.trading import MANUAL
from storage.queries.facts import trade_line


@dataclass(frozen=True, slots=True)
class LostTrade:
    """A losing trade with its venue, excursions (fractions of the entry price) and entry context."""

    line: TradeLine
    venue: str
    mae: float
    mfe: float
    bars_held: int
    strength: float
    entry_context: Mapping[str, Any]


_LOST = text("""
SELECT instance_id, seq, symbol, side, opened_at, closed_at, entry_price, exit_price, pnl, fees, exit_reason, regime,
       entry_version, venue, mae, mfe, bars_held, strength, entry_context
FROM trades
WHERE closed_at >= :start AND closed_at < :end AND pnl < 0 AND instance_id <> ALL(:excluded)
  AND instance_id || '#' || seq <> ALL(:reviewed)
ORDER BY pnl, instance_id, seq LIMIT :limit
""")

_REVIEWED = text("""
SELECT jsonb_array_elements_text(facts::jsonb -> 'trades') AS trade FROM reviews WHERE kind = 'loss' AND at >= :since
""")


def reviewed_losses(connection: Connection, since: datetime) -> Sequence[str]:
    """The ids of the trades that loss reviews since `since` have looked at."""
    return [row.trade for row in connection.execute(_REVIEWED, {"since": since})]


def worst_losses(
    connection: Connection, start: datetime, end: datetime, reviewed: Collection[str], limit: int
) -> Sequence[LostTrade]:
    """The worst losing trades closed in [start, end) that are not among `reviewed`, the largest loss first."""
    bound = {"start": start, "end": end, "reviewed": list(reviewed), "excluded": [MANUAL], "limit": limit}
    return [
        LostTrade(
            line=trade_line(row),
            venue=row["venue"],
            mae=row["mae"],
            mfe=row["mfe"],
            bars_held=row["bars_held"],
            strength=row["strength"],
            entry_context=row["entry_context"],
        )
        for row in connection.execute(_LOST, bound).mappings()
    ]
