"""One cheap look at whether the insights can have changed: the newest mark of every table that they are made of."""

from typing import Any

from sqlalchemy import Connection, text

from core.learning import ProposalStatus

_MARKS = text("""
SELECT (SELECT max(id) FROM reviews WHERE kind = 'daily'), (SELECT max(id) FROM verdicts),
    (SELECT max(id) FROM patterns), p.waiting, p.moved, s.lasting, s.latest
FROM (SELECT count(*) AS waiting, max(updated_at) AS moved FROM proposals WHERE status = ANY(:open)) p,
    (SELECT count(*) AS lasting, max(id) AS latest FROM safety_events WHERE ended_at IS NULL) s
""")


def insight_marks(connection: Connection) -> tuple[Any, ...]:
    """Equal marks mean equal insights (feedback.insights.current) in one language."""
    still_open = [ProposalStatus.AWAITING_REVIEW, ProposalStatus.UNDECIDED]
    return tuple(connection.execute(_MARKS, {"open": still_open}).one())
