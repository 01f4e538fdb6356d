"""Everything that the monitor looks at, in one statement: it runs every five minutes, in replays thousands of times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from core.clock import MINUTE_MS


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One running instance: `day_pnl` since UTC midnight, `pnl_peak` and `pnl_level` of all its days (quote currency).

    `bar_at` is the close of the last bar it has read, `feed_at` the open of the last bar stored for its symbol within
    the look-back; None: there is none.
    """

    id: str
    series: str
    day_pnl: float
    pnl_level: float
    pnl_peak: float
    bar_at: datetime | None
    feed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnprovenVersion:
    """A version in force, published but not read back."""

    instance_id: str
    version: int
    sent_at: datetime
    changed: Sequence[str]


@dataclass(frozen=True, slots=True)
class JobTrouble:
    """A run that failed or was missed, and no later run of the job was done."""

    job: str
    scheduled_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    incident: str
    text: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Watched:
    """The state of the house at one moment. `undelivered` counts messages that have not arrived yet."""

    instances: Sequence[InstanceView]
    unproven: Sequence[UnprovenVersion]
    jobs: Sequence[JobTrouble]
    incidents: Sequence[OpenIncident]
    undelivered: int


_WATCHED = text("""
WITH running AS (
    SELECT i.id, i.venue, i.symbol, i.current_version FROM strategy_instances i WHERE i.running AND i.mode <> 'shadow'
), today AS (
    SELECT instance_id, sum(pnl)::float8 AS pnl FROM trades
    WHERE closed_at >= :midnight AND closed_at < :now GROUP BY instance_id
), past AS (
    SELECT instance_id, sum(net_pnl)::float8 AS level, max(run)::float8 AS peak FROM (
        SELECT instance_id, net_pnl, sum(net_pnl) OVER (PARTITION BY instance_id ORDER BY day) AS run
        FROM equity WHERE twin = 'journal' AND day < :today
    ) AS days GROUP BY instance_id
), views AS (
    SELECT r.id, r.venue || '/' || r.symbol AS series, coalesce(t.pnl, 0) AS day_pnl,
        coalesce(p.level, 0) + coalesce(t.pnl, 0) AS pnl_level, greatest(coalesce(p.peak, 0), 0) AS pnl_peak,
        extract(epoch FROM s.bar_at) AS bar_at, extract(epoch FROM f.opened_at) AS feed_at
    FROM running r
    LEFT JOIN today t ON t.instance_id = r.id
    LEFT JOIN past p ON p.instance_id = r.id
    LEFT JOIN runner_states s ON s.instance_id = r.id
    LEFT JOIN LATERAL (
        SELECT b.opened_at FROM bars b
        WHERE b.venue = r.venue AND b.symbol = r.symbol AND b.bar_ms = :bar_ms
          AND b.opened_at >= :since AND b.opened_at < :now
        ORDER BY b.opened_at DESC LIMIT 1
    ) f ON true
), unproven AS (
    SELECT a.instance_id, a.version, extract(epoch FROM a.sent_at) AS sent_at,
        coalesce((SELECT json_agg(c ->> 'parameter') FROM parameter_sets v JOIN proposals q ON q.id = v.proposal_id,
                  json_array_elements(q.changes) AS c
                  WHERE v.instance_id = a.instance_id AND v.version = a.version), '[]') AS changed
    FROM parameter_applications a JOIN running r ON r.id = a.instance_id AND r.current_version = a.version
    WHERE a.acknowledged_at IS NULL AND a.sent_at < :overdue
), troubled AS (
    SELECT j.job, extract(epoch FROM j.scheduled_at) AS scheduled_at, j.status FROM job_runs j
    WHERE j.status IN ('failed', 'missed') AND j.scheduled_at >= :yesterday
      AND NOT EXISTS (SELECT 1 FROM job_runs k
                      WHERE k.job = j.job AND k.status = 'done' AND k.scheduled_at > j.scheduled_at)
), incidents AS (
    SELECT incident, text, extract(epoch FROM started_at) AS started_at FROM safety_events WHERE ended_at IS NULL
)
SELECT (SELECT json_agg(v ORDER BY v.id) FROM views v),
       (SELECT json_agg(u ORDER BY u.instance_id) FROM unproven u),
       (SELECT json_agg(t ORDER BY t.job, t.scheduled_at) FROM troubled t),
       (SELECT json_agg(i ORDER BY i.incident) FROM incidents i),
       (SELECT count(*) FROM deliveries WHERE status IN ('sending', 'failed'))
""")


#: Planning this statement over all partitions takes longer than running it: the plan is made once per connection.
_PLAN_ONCE = text("SET LOCAL plan_cache_mode TO force_generic_plan")


def watched(connection: Connection, now: datetime, look_back: timedelta, overdue: timedelta) -> Watched:
    """Look at everything that runs. Feeds are looked for in `look_back`; read-backs may take `overdue`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    bound = {
        "now": now,
        "midnight": midnight,
        "today": midnight.date(),
        "since": now - look_back,
        "overdue": now - overdue,
        "yesterday": now - timedelta(days=1),
        "bar_ms": MINUTE_MS,
    }
    connection.execute(_PLAN_ONCE)
    views, unproven, jobs, incidents, undelivered = connection.execute(_WATCHED, bound).one()
    return Watched(
        [InstanceView(**_timed(row, "bar_at", "feed_at")) for row in views or ()],
        [UnprovenVersion(**_timed(row, "sent_at")) for row in unproven or ()],
        [JobTrouble(**_timed(row, "scheduled_at")) for row in jobs or ()],
        [OpenIncident(**_timed(row, "started_at")) for row in incidents or ()],
        undelivered,
    )


def _timed(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """`row` with epoch seconds as aware datetimes."""
    return row | {name: None if row[name] is None else datetime.fromtimestamp(row[name], UTC) for name in names}
