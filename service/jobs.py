"""The job table: id, trigger, function, lateness allowed. The scheduler and the replay's clock step the same triggers.

All schedules are computed and compared in UTC; daily and weekly ones are local times of the configured zone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from core.clock import SECOND, local_day
from core.errors import InvalidInput, UnknownName
from feedback import cycles, loss_review, monitor, rollout
from feedback.judging import judge_drafts
from feedback.loop import Loop
from feedback.probation import night
from service import housekeeping
from service.local_times import SUNDAY, LocalTime
from storage.queries.cycle import drafts
from storage.queries.rollout import is_any_in_transit

JobFunction = Callable[[Loop, datetime], str]
"""Called with the loop and the scheduled time; returns one line that says what it did."""


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled piece of work. `only_when` False means that the job is not due at that moment."""

    id: str
    trigger: Callable[[ZoneInfo], BaseTrigger]
    run: JobFunction
    lateness: timedelta
    only_when: Callable[[Loop], bool] | None = None


def _daily_review(loop: Loop, scheduled_at: datetime) -> str:
    yesterday = local_day(scheduled_at, loop.zone) - timedelta(days=1)
    return cycles.run_daily(loop, yesterday).line


def _weekly_analysis(loop: Loop, scheduled_at: datetime) -> str:
    yesterday = local_day(scheduled_at, loop.zone) - timedelta(days=1)
    return cycles.run_weekly(loop, yesterday).line


def _rollout_watch(loop: Loop, scheduled_at: datetime) -> str:
    moved = rollout.watch(loop.stores, scheduled_at)
    return f"{len(moved)} proposals on probation"


def _judge_drafts(loop: Loop, _scheduled_at: datetime) -> str:
    return f"{len(judge_drafts(loop))} drafts judged"


def is_any_draft(loop: Loop) -> bool:
    """Whether a draft waits for the gate: a person's own change, or one that a dead worker left."""
    with loop.stores.begin() as tx:
        return bool(drafts(tx.connection))


def is_change_in_flight(loop: Loop) -> bool:
    """Whether a committed version waits for its strategy to read it back."""
    with loop.stores.begin() as tx:
        return is_any_in_transit(tx.connection)


def _every_minutes(minutes: int) -> Callable[[ZoneInfo], BaseTrigger]:
    return lambda _zone: CronTrigger(minute=f"*/{minutes}", second=0, timezone=UTC)


JOBS: tuple[Job, ...] = (
    Job(
        "daily_review",
        lambda zone: LocalTime(time(0, 5), zone),
        _daily_review,
        lateness=timedelta(hours=20),
    ),
    Job(
        "weekly_analysis",
        lambda zone: LocalTime(time(0, 30), zone, SUNDAY),
        _weekly_analysis,
        lateness=timedelta(days=3),
    ),
    Job("monitor", _every_minutes(5), monitor.run, lateness=timedelta(minutes=4)),
    Job("loss_review", _every_minutes(5), loss_review.run, lateness=timedelta(minutes=4)),
    Job(
        "rollout_watch",
        _every_minutes(1),
        _rollout_watch,
        lateness=timedelta(seconds=50),
        only_when=is_change_in_flight,
    ),
    Job(
        "judge_drafts",
        _every_minutes(1),
        _judge_drafts,
        lateness=timedelta(seconds=50),
        only_when=is_any_draft,
    ),
    Job(
        "twins",
        lambda zone: LocalTime(time(2, 0), zone),
        night.run,
        lateness=timedelta(hours=20),
    ),
    Job(
        "housekeeping",
        lambda zone: LocalTime(time(3, 40), zone),
        housekeeping.run,
        lateness=timedelta(hours=20),
    ),
)


def by_id(jobs: tuple[Job, ...] = JOBS) -> dict[str, Job]:
    """Jobs by id; a duplicate id raises InvalidInput."""
    table: dict[str, Job] = {}
    for job in jobs:
        if job.id in table:
            raise InvalidInput(f"Two jobs are called {job.id!r}.", field="id")
        table[job.id] = job
    return table


def find(job_id: str) -> Job:
    table = by_id()
    if job_id not in table:
        raise UnknownName.among("job", job_id, table)
    return table[job_id]


@lru_cache(maxsize=64)
def _trigger(job_id: str, zone: ZoneInfo) -> BaseTrigger:
    return find(job_id).trigger(zone)


def due_times(job: Job, after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The scheduled UTC times of `job` in (after, until], oldest first."""
    trigger = _trigger(job.id, zone)
    moment = after.astimezone(UTC)
    while True:
        fire = trigger.get_next_fire_time(None, moment + SECOND)
        if fire is None or (fire_utc := fire.astimezone(UTC)) > until:
            return
        yield fire_utc
        moment = fire_utc
