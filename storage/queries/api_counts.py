"""Counts for /metrics and the scorecard: small aggregates that stay fast however long the history is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from core.learning import ProposalStatus
from core.trading import MANUAL, Fate

_PROPOSALS = text("SELECT status, count(*) AS n FROM proposals GROUP BY status")
_COMMANDS = text("SELECT status, count(*) AS n FROM commands GROUP BY status")
_LLM = text("""
SELECT count(*) AS calls, coalesce(sum(coalesce(cost_usd, reserved_usd)), 0) AS cost,
    count(*) FILTER (WHERE status IN ('failed', 'rejected')) AS failed
FROM llm_calls WHERE at >= :start AND at < :end
""")
_TRADES = text("""
SELECT count(*) AS trades, coalesce(sum(pnl), 0) AS pnl FROM trades
WHERE closed_at >= :start AND closed_at < :end AND instance_id <> :manual
""")
_UNACKNOWLEDGED = text("""
SELECT count(*) FROM parameter_applications a JOIN strategy_instances i
ON i.id = a.instance_id AND i.current_version = a.version WHERE a.acknowledged_at IS NULL
""")
_PATTERNS = text("SELECT count(*) AS found, count(*) FILTER (WHERE holds) AS held FROM patterns WHERE at >= :start")
_QUEUES = text("""
SELECT (SELECT count(*) FROM commands WHERE status IN ('waiting', 'taken')) AS commands,
    (SELECT count(*) FROM proposals WHERE status = 'draft') AS drafts,
    (SELECT count(*) FROM proposals WHERE status = ANY(:decisions)) AS decisions,
    (SELECT count(*) FROM deliveries WHERE status IN ('sending', 'failed')) AS messages
""")
_REVIEWED = text("SELECT max(at) FROM reviews WHERE kind = 'daily'")
_FATES = text("""
SELECT fate, count(*) AS n FROM decisions WHERE at >= :start AND at < :end AND instance_id <> :manual GROUP BY fate
""")


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Calls of language models in a span, with their cost in US dollars."""

    calls: int
    failed: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class TradeSum:
    """Trades closed in a span and their P&L after fees in quote currency."""

    trades: int
    pnl: Decimal


def ping(connection: Connection) -> None:
    """Ask Postgres for a sign of life."""
    connection.execute(text("SELECT 1"))


def proposals_by_status(connection: Connection) -> Mapping[str, int]:
    return {row.status: row.n for row in connection.execute(_PROPOSALS)}


def commands_by_status(connection: Connection) -> Mapping[str, int]:
    return {row.status: row.n for row in connection.execute(_COMMANDS)}


def model_use(connection: Connection, start: datetime, end: datetime) -> ModelUse:
    row = connection.execute(_LLM, {"start": start, "end": end}).one()
    return ModelUse(row.calls, row.failed, row.cost)


def trade_sum(connection: Connection, start: datetime, end: datetime) -> TradeSum:
    """What strategies and foreign bots closed in [start, end); people's own orders are not counted."""
    row = connection.execute(_TRADES, {"start": start, "end": end, "manual": MANUAL}).one()
    return TradeSum(row.trades, row.pnl)


def unacknowledged(connection: Connection) -> int:
    """Current versions that were sent and that no runner has acknowledged yet."""
    return int(connection.execute(_UNACKNOWLEDGED).scalar_one())


def patterns_found(connection: Connection, start: datetime) -> tuple[int, int]:
    """How many patterns were found since `start`, and how many of them held."""
    row = connection.execute(_PATTERNS, {"start": start}).one()
    return row.found, row.held


def queues(connection: Connection) -> Mapping[str, int]:
    """What waits: commands for the trader, drafts for the gate, decisions for a person, messages for their channel."""
    waiting = [ProposalStatus.AWAITING_REVIEW, ProposalStatus.UNDECIDED]
    return dict(connection.execute(_QUEUES, {"decisions": waiting}).mappings().one())


def last_review(connection: Connection) -> datetime | None:
    """When the last daily review was written."""
    found: datetime | None = connection.execute(_REVIEWED).scalar_one()
    return found


def decisions_by_fate(connection: Connection, start: datetime, end: datetime) -> Mapping[str, int]:
    """Signals of strategies in [start, end) by what became of them."""
    rows = connection.execute(_FATES, {"start": start, "end": end, "manual": MANUAL})
    return {Fate(row.fate).name.lower(): row.n for row in rows}
