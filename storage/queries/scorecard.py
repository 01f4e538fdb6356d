"""Sums that only the scorecard asks for."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

_COST = text("""
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, sum(coalesce(cost_usd, reserved_usd)) AS cost
FROM llm_calls WHERE at >= :since GROUP BY 1 ORDER BY 1
""")


def model_cost_by_month(connection: Connection, since: datetime) -> Mapping[str, float]:
    """What language models cost in each month (UTC, YYYY-MM), in US dollars; open calls count with their reserve."""
    return {row.month: float(row.cost) for row in connection.execute(_COST, {"since": since})}
