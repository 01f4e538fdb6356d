"""What listeners are told of when it changes: small documents that are read every second."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from storage.queries.api_pages import Row

MOST = 50

_POSITIONS = text("""
SELECT i.id AS instance_id, i.running, i.current_version, s.version AS running_version,
    s.summary ->> 'quantity' AS quantity, s.summary ->> 'equity' AS equity
FROM strategy_instances i LEFT JOIN runner_states s ON s.instance_id = i.id ORDER BY i.id
""")
_PROPOSALS = text(f"""
SELECT id, instance_id, status, updated_at FROM proposals ORDER BY updated_at DESC, id LIMIT {MOST}
""")
_WARNINGS = text(f"""
SELECT id, incident, severity, instance_id, text, started_at FROM safety_events WHERE ended_at IS NULL
ORDER BY id DESC LIMIT {MOST}
""")


def positions(connection: Connection) -> Sequence[Row]:
    """Every instance with what it holds and is worth, as its runner last said (numbers as text)."""
    return [dict(row) for row in connection.execute(_POSITIONS).mappings()]


def proposals(connection: Connection) -> Sequence[Row]:
    """The proposals that moved last, with where they stand."""
    return [dict(row) for row in connection.execute(_PROPOSALS).mappings()]


def warnings(connection: Connection) -> Sequence[Row]:
    """Incidents that last."""
    return [dict(row) for row in connection.execute(_WARNINGS).mappings()]
