"""What the cycle asks about its own earlier runs, so that running again repeats nothing."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, text

from core.learning import ProposalStatus


def lock_day(connection: Connection, kind: str, day: date) -> None:
    """Hold the day of one kind of review until the transaction ends: of two processes the second waits."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"{kind} {day}"})


def run_was_tried(connection: Connection, run: str, since: datetime) -> bool:
    """Whether trials of this run are in the ledger (looked for from `since` on)."""
    found = text("SELECT EXISTS (SELECT 1 FROM trials WHERE at >= :since AND run = :run)")
    return bool(connection.scalar(found, {"since": since, "run": run}))


def drafts(connection: Connection) -> Sequence[str]:
    """The ids of proposals that no gate has judged, oldest first."""
    found = text("SELECT id FROM proposals WHERE status = :draft ORDER BY created_at, id")
    return [row.id for row in connection.execute(found, {"draft": ProposalStatus.DRAFT})]


def proposals_named(connection: Connection, prefix: str) -> list[str]:
    """The ids of proposals that begin with `prefix`, in their order."""
    found = text("SELECT id FROM proposals WHERE starts_with(id, :prefix) ORDER BY id")
    return [row.id for row in connection.execute(found, {"prefix": prefix})]
