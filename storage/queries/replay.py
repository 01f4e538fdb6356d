"""What a finished replay is summed up by, and the digest that two equal replays share."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from core.trading import Fate

_COUNTS = text("""
SELECT (SELECT count(*) FROM strategy_instances) AS instances,
    (SELECT count(*) FROM decisions WHERE fate <> :near) AS decisions,
    (SELECT count(*) FROM orders) AS orders,
    (SELECT count(*) FROM fills) AS fills,
    (SELECT count(*) FROM trades) AS trades,
    (SELECT count(*) FROM reviews) AS reviews,
    (SELECT count(*) FROM parameter_applications
     WHERE version > 1 AND acknowledged_at IS NOT NULL) AS applied,
    (SELECT coalesce(sum(pnl), 0) FROM trades) AS net_pnl,
    (SELECT coalesce(sum(fees), 0) FROM trades) AS fees,
    (SELECT coalesce(sum(funding), 0) FROM trades) AS funding,
    (SELECT count(*) FROM llm_calls WHERE status <> 'reserved') AS calls,
    (SELECT coalesce(sum(cost_usd), 0) FROM llm_calls) AS cost_usd
""")

_PROPOSALS = text("SELECT status, count(*) AS n FROM proposals GROUP BY status ORDER BY status")

_CANONICAL = (
    """
    SELECT concat_ws('|', 'fill', instance_id, seq, extract(epoch FROM at), side, trim_scale(quantity),
        trim_scale(price), trim_scale(fee), trim_scale(slippage), maker, version) AS line
    FROM fills ORDER BY instance_id, seq
    """,
    """
    SELECT concat_ws('|', 'trade', instance_id, seq, extract(epoch FROM opened_at), extract(epoch FROM closed_at), side,
        trim_scale(quantity), trim_scale(entry_price), trim_scale(exit_price), trim_scale(pnl), trim_scale(fees),
        trim_scale(funding), mae, mfe, exit_reason, entry_version, exit_version) AS line
    FROM trades ORDER BY instance_id, seq
    """,
    """
    SELECT concat_ws('|', 'version', instance_id, version, parent, digest, author) AS line
    FROM parameter_sets ORDER BY instance_id, version
    """,
)


def counts(connection: Connection) -> Mapping[str, Any]:
    """Totals of the journal; money as floats in quote currency, cost in USD."""
    row = connection.execute(_COUNTS, {"near": int(Fate.NEAR)}).mappings().one()
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def proposals_by_status(connection: Connection) -> Mapping[str, int]:
    return {row.status: row.n for row in connection.execute(_PROPOSALS)}


def journal_digest(connection: Connection) -> str:
    """sha256 over canonical fills, trades and versions: no ids made at random, no latencies, no wall times."""
    digest = hashlib.sha256()
    for statement in _CANONICAL:
        streamed = connection.execution_options(yield_per=5000).execute(text(statement))
        for row in streamed:
            digest.update(row.line.encode() + b"\n")
    return digest.hexdigest()
