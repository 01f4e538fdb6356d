"""What else a day's review asks: signals that came to nothing, the quality of the bars, whether the books add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from core.clock import MINUTE_MS, aware, to_ms
from core.market import DataQuality
from core.trading import DecisionKind, Fate, RefusalReason
from storage.queries.facts import Span


@dataclass(frozen=True, slots=True)
class IdleSignal:
    """An entry signal that was refused or only near its threshold, with the prices it would have used.

    `at` is the close of its bar; `stop` and `target` are absolute prices, None where the strategy gave none.
    """

    instance_id: str
    seq: int
    at: datetime
    side: int
    strength: float
    reason: str
    stop: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class Books:
    """One instance's day as its fills and its trades tell it; quantities in base units, fees in quote currency.

    `filled` adds up all fills, `moved` adds them up with their signs (the change of the position). `closed` is the
    quantity of the trades closed, `carried_signed` the signed part of it that had been opened before the day,
    `inside` and `inside_fees` those opened and closed within it. `wrong_sums` counts trades whose P&L is not
    gross - fees + funding.
    """

    instance_id: str
    filled: Decimal
    moved: Decimal
    fill_fees: Decimal
    closed: Decimal
    carried_signed: Decimal
    inside: Decimal
    inside_fees: Decimal
    wrong_sums: int


@dataclass(frozen=True, slots=True)
class SeriesQuality:
    """What one series of bars has and lacks; `simulated` when any of its bars came from the simulated feed."""

    counts: DataQuality
    simulated: bool


_IDLE = text("""
SELECT instance_id, seq, at, side, strength, fate, reason,
       (context #>> '{wanted,stop}')::float8 AS stop, (context #>> '{wanted,target}')::float8 AS target
FROM decisions
WHERE at >= :start AND at < :end AND instance_id <> ALL(:excluded) AND kind = :entry AND fate = ANY(:idle)
ORDER BY at, instance_id, seq
""")

_QUALITY = text("""
SELECT count(*) AS bars,
    coalesce(bool_or(simulated), false) AS simulated,
    count(*) FILTER (WHERE volume = 0) AS still,
    count(*) FILTER (WHERE high < greatest(open, close, low) OR low > least(open, close)) AS bad
FROM bars
WHERE venue = :venue AND symbol = :symbol AND bar_ms = :bar_ms AND opened_at >= :start AND opened_at < :end
""")

_FIRST_BAR = text("""
SELECT opened_at FROM bars WHERE venue = :venue AND symbol = :symbol AND bar_ms = :bar_ms
ORDER BY opened_at LIMIT 1
""")

_BOOKS = text("""
WITH own AS (
    SELECT instance_id, sum(quantity) AS filled, sum(side * quantity) AS moved, sum(fee) AS fill_fees
    FROM fills WHERE at >= :start AND at < :end AND instance_id <> ALL(:excluded) GROUP BY instance_id
), done AS (
    SELECT instance_id,
        sum(quantity) AS closed,
        sum(side * quantity) FILTER (WHERE opened_at < :start) AS carried_signed,
        sum(quantity) FILTER (WHERE opened_at >= :start) AS inside,
        sum(fees) FILTER (WHERE opened_at >= :start) AS inside_fees,
        count(*) FILTER (WHERE abs(pnl - (gross_pnl - fees + funding)) > 0.000001 * (1 + abs(gross_pnl))) AS wrong_sums
    FROM trades
    WHERE closed_at >= :start AND closed_at < :end AND instance_id <> ALL(:excluded) AND client_trade_id IS NULL
    GROUP BY instance_id
)
SELECT instance_id,
    coalesce(filled, 0) AS filled, coalesce(moved, 0) AS moved, coalesce(fill_fees, 0) AS fill_fees,
    coalesce(closed, 0) AS closed, coalesce(carried_signed, 0) AS carried_signed,
    coalesce(inside, 0) AS inside, coalesce(inside_fees, 0) AS inside_fees, coalesce(wrong_sums, 0) AS wrong_sums
FROM own FULL JOIN done USING (instance_id) ORDER BY instance_id
""")


def idle_signals(connection: Connection, span: Span) -> list[IdleSignal]:
    """Every refused or near-threshold entry of the span, oldest first."""
    bound = {**span.bound, "entry": int(DecisionKind.ENTRY), "idle": [int(Fate.REFUSED), int(Fate.NEAR)]}
    return [
        IdleSignal(
            instance_id=row.instance_id,
            seq=row.seq,
            at=aware(row.at, "at"),
            side=row.side,
            strength=row.strength,
            reason="near" if row.fate == Fate.NEAR else RefusalReason(row.reason).name.lower(),
            stop=row.stop,
            target=row.target,
        )
        for row in connection.execute(_IDLE, bound)
    ]


def quality(connection: Connection, series: tuple[str, str], start: datetime, end: datetime) -> SeriesQuality:
    """What one series (venue, symbol) of 1-minute bars has and lacks in [start, end), counted from its first bar ever.

    A series without any bar lacks every minute.
    """
    bound = {"venue": series[0], "symbol": series[1], "bar_ms": MINUTE_MS, "end": end}
    first = connection.execute(_FIRST_BAR, bound).scalar()
    since = max(start, aware(first, "opened_at")) if first and first < end else start
    row = connection.execute(_QUALITY, {**bound, "start": since}).one()
    minutes = max(0, (to_ms(end) - to_ms(since)) // MINUTE_MS)
    counts = DataQuality(
        bars=row.bars,
        missing_minutes=minutes - row.bars,
        zero_volume_minutes=row.still,
        bad_ohlc=row.bad,
    )
    return SeriesQuality(counts, row.simulated)


def books(connection: Connection, span: Span) -> Sequence[Books]:
    """Fills and trades of the span side by side, per instance that had any (trades of bots elsewhere have no fills)."""
    return [Books(**row) for row in connection.execute(_BOOKS, span.bound).mappings()]
