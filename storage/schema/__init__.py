"""The tables of Tradeloop, in three rooms: the journal, the learning loop and the operations.

Times are `timestamptz`, booked money is `numeric`, context is `jsonb`; bars keep double precision so that what was
computed from them can be computed again bit for bit. The migrations create exactly these tables (a test compares).
"""

from storage.schema.access import repeatable_requests, sessions
from storage.schema.base import metadata
from storage.schema.journal import bars, decisions, equity, fills, market_context, orders, runner_states, trades
from storage.schema.learning import (
    approvals,
    feedback,
    llm_calls,
    parameter_applications,
    parameter_sets,
    patterns,
    probations,
    proposals,
    reviews,
    strategy_instances,
    trials,
    verdicts,
)
from storage.schema.operations import api_keys, audit_log, commands, deliveries, job_runs, safety_events

__all__ = [
    "api_keys",
    "approvals",
    "audit_log",
    "bars",
    "commands",
    "decisions",
    "deliveries",
    "equity",
    "feedback",
    "fills",
    "job_runs",
    "llm_calls",
    "market_context",
    "metadata",
    "orders",
    "parameter_applications",
    "parameter_sets",
    "patterns",
    "probations",
    "proposals",
    "repeatable_requests",
    "reviews",
    "runner_states",
    "safety_events",
    "sessions",
    "strategy_instances",
    "trades",
    "trials",
    "verdicts",
]
