"""What the API shows of the present: instances with their parameters, runner states, profit and loss."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, text

from core.trading import MANUAL
from storage.queries.api_pages import Row
from storage.schema import parameter_applications, parameter_sets, runner_states, strategy_instances

_PNL = text("""
SELECT to_char(closed_at AT TIME ZONE :zone, 'YYYY-MM-DD') AS day, instance_id, count(*) AS trades,
    count(*) FILTER (WHERE pnl > 0) AS wins, sum(gross_pnl) AS gross_pnl, sum(fees) AS fees, sum(funding) AS funding,
    sum(pnl) AS net_pnl
FROM trades
WHERE closed_at >= :start AND closed_at < :end AND (CAST(:instance AS text) IS NULL OR instance_id = :instance)
GROUP BY 1, 2 ORDER BY 1, 2
""")


def instances(connection: Connection, instance_id: str | None = None) -> Sequence[Row]:
    """Instances with their current values, what the runner last said, and its last acknowledgement."""
    known = strategy_instances
    acknowledged = (
        select(
            parameter_applications.c.instance_id,
            func.max(parameter_applications.c.version).label("acknowledged_version"),
        )
        .where(parameter_applications.c.acknowledged_at.is_not(None))
        .group_by(parameter_applications.c.instance_id)
        .subquery()
    )
    query = (
        select(
            known,
            parameter_sets.c["values"],
            parameter_sets.c.digest,
            acknowledged.c.acknowledged_version,
            runner_states.c.summary,
            runner_states.c.version.label("running_version"),
            runner_states.c.bar_at,
            runner_states.c.updated_at,
        )
        .join(
            parameter_sets,
            and_(
                parameter_sets.c.instance_id == known.c.id,
                parameter_sets.c.version == known.c.current_version,
            ),
        )
        .outerjoin(acknowledged, acknowledged.c.instance_id == known.c.id)
        .outerjoin(runner_states, runner_states.c.instance_id == known.c.id)
        .order_by(known.c.id)
    )
    if instance_id is not None:
        query = query.where(known.c.id == instance_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def manual_positions(connection: Connection) -> tuple[datetime | None, Sequence[Row]]:
    """What people hold by their own orders, and the last time that changed."""
    query = select(runner_states.c.summary, runner_states.c.bar_at).where(runner_states.c.instance_id == MANUAL)
    row = connection.execute(query).first()
    return (row.bar_at, row.summary["positions"]) if row else (None, ())


def pnl_by_day(
    connection: Connection, start: datetime, end: datetime, zone: str, instance: str | None
) -> Sequence[Row]:
    """Sums of the trades closed in [start, end), per local day of `zone` and instance."""
    bound = {"start": start, "end": end, "zone": zone, "instance": instance}
    return [dict(row) for row in connection.execute(_PNL, bound).mappings()]
