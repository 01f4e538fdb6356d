"""The nightly job: first the twins live through the day, then every probation is looked at."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from core.clock import local_day
from feedback.loop import Loop
from feedback.probation.settle import settle_probations
from feedback.probation.twins import live_through
from storage.repositories.equity import REPLAY

#: How many missed nights are made up for.
LONGEST_GAP = timedelta(days=14)


def run(loop: Loop, scheduled_at: datetime) -> str:
    """Live through the days up to yesterday that no night has had, then settle; returns one line for the job table."""
    yesterday = local_day(scheduled_at, loop.zone) - timedelta(days=1)
    with loop.stores.begin() as tx:
        last = tx.equity.last_day(REPLAY)
    days = list(_days(last, yesterday))
    lived = sum(live_through(loop, day) for day in days)
    told = settle_probations(loop)
    return "; ".join([f"{lived} twins over {len(days)} days", *told])


def _days(last: date | None, yesterday: date) -> Iterator[date]:
    """From the day after the last one, but always yesterday: a night that died on the way is lived again."""
    first = yesterday if last is None else min(last + timedelta(days=1), yesterday)
    day = max(first, yesterday - LONGEST_GAP)
    while day <= yesterday:
        yield day
        day += timedelta(days=1)
