"""The nightly tidying: partitions for the months ahead, proposals that nobody decided, keys of the past."""

from datetime import datetime, timedelta

from feedback.loop import Loop
from storage import partitions

MONTHS_AHEAD = timedelta(days=70)


def run(loop: Loop, scheduled_at: datetime) -> str:
    """Make room for the coming months and expire what is past its date."""
    with loop.stores.begin() as tx:
        partitions.ensure_all(tx.connection, scheduled_at, scheduled_at + MONTHS_AHEAD)
        expired = tx.proposals.expire_due(scheduled_at)
    return f"{len(expired)} proposals expired"
