"""Running jobs exactly once: each scheduled time is claimed in job_runs, run, and closed with what it did."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from core.errors import TradeloopError, Unavailable
from feedback.loop import Loop
from service.jobs import JOBS, Job, by_id, due_times
from storage.repositories.jobs import Ended, JobRun

log = structlog.get_logger()
LEASE = timedelta(minutes=30)
NO_LEASE = timedelta(0)
MOST_ATTEMPTS = 5
#: How far back a catch-up looks; what is older was never going to be run.
MEMORY = timedelta(days=7)


def run_once(loop: Loop, job: Job, scheduled_at: datetime, lease: timedelta = LEASE) -> bool:
    """Claim and run one scheduled time; False when it is not due or another process has it.

    Raises Unavailable where a store went away; the claim stays open for `catch_up`.
    """
    if job.only_when is not None and not job.only_when(loop):
        return False
    with loop.stores.begin() as tx:
        if not tx.jobs.claim(job.id, scheduled_at, loop.clock.now(), lease):
            return False
    status, detail = attempt(loop, job, scheduled_at)
    with loop.stores.begin() as tx:
        tx.jobs.finish(job.id, scheduled_at, status, detail, loop.clock.now())
    return True


def run_latest(loop: Loop, job: Job) -> bool:
    """Run the latest scheduled time that is not too late; False when there is none or it was run."""
    now = loop.clock.now()
    times = list(due_times(job, now - job.lateness, now, loop.zone))
    return bool(times) and run_once(loop, job, times[-1])


def attempt(loop: Loop, job: Job, scheduled_at: datetime) -> tuple[Ended, str]:
    """Run the job's function; returns its status and one line of detail. Only Unavailable leaves it: try again."""
    try:
        return "done", job.run(loop, scheduled_at)
    except Unavailable:
        raise
    except TradeloopError as error:
        log.warning(str(error), action="job.failed", job=job.id, scheduled_at=scheduled_at.isoformat())
        return "failed", str(error)
    except Exception as error:  # a job that breaks is recorded as failed and never ends the worker
        log.exception("A job broke.", action="job.broke", job=job.id, scheduled_at=scheduled_at.isoformat())
        return "failed", f"{type(error).__name__}: {error}"


def catch_up(loop: Loop, jobs: Iterable[Job] = JOBS) -> None:
    """After downtime: finish what a dead worker left, run each job's latest missed time if it is not too late, and
    record the other missed times. Call it as the only worker."""
    now = loop.clock.now()
    with loop.stores.begin() as tx:
        abandoned = tx.jobs.unfinished()
        last = {job.id: tx.jobs.last(job.id) for job in jobs}
    for run in abandoned:
        _resume(loop, run, now)
    for job in jobs:
        before = last[job.id]
        if before is not None and job.only_when is None:
            _catch_up_one(loop, job, max(before.scheduled_at, now - MEMORY), now)


def _resume(loop: Loop, run: JobRun, now: datetime) -> None:
    job = by_id().get(run.job)
    if job is None or now - run.scheduled_at > job.lateness:
        _give_up(loop, run, "missed", "its worker died and it was too late to repeat")
    elif run.attempt >= MOST_ATTEMPTS:
        _give_up(loop, run, "failed", f"it was begun {run.attempt} times and never ended")
    else:
        run_once(loop, job, run.scheduled_at, NO_LEASE)


def _give_up(loop: Loop, run: JobRun, status: Ended, detail: str) -> None:
    with loop.stores.begin() as tx:
        tx.jobs.finish(run.job, run.scheduled_at, status, detail, loop.clock.now())


def _catch_up_one(loop: Loop, job: Job, since: datetime, now: datetime) -> None:
    times = list(due_times(job, since, now, loop.zone))
    late = [moment for moment in times if moment is not times[-1] or now - moment > job.lateness]
    with loop.stores.begin() as tx:
        tx.jobs.record([JobRun(job.id, moment, "missed", 0, None, now, "no worker at that time") for moment in late])
    if times and times[-1] not in late:
        run_once(loop, job, times[-1])
