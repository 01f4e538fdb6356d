"""Running jobs exactly once: each scheduled time is claimed in job_runs, run, and closed with what it did."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from core.errors import TradeloopError
from feedback.loop import Loop
from service.jobs import JOBS, Job, due_times

log = structlog.get_logger()
LEASE = timedelta(minutes=30)


def run_once(loop: Loop, job: Job, scheduled_at: datetime) -> str | None:
    """Claim and run one scheduled time; returns its status, or None when another process has it already."""
    if job.only_when is not None and not job.only_when(loop):
        return None
    with loop.stores.begin() as tx:
        if not tx.jobs.claim(job.id, scheduled_at, loop.clock.now(), LEASE):
            return None
    status, detail = attempt(loop, job, scheduled_at)
    with loop.stores.begin() as tx:
        tx.jobs.finish(job.id, scheduled_at, status, detail, loop.clock.now())
    return status


def attempt(loop: Loop, job: Job, scheduled_at: datetime) -> tuple[str, str]:
    try:
        return "done", job.run(loop, scheduled_at)
    except TradeloopError as error:
        log.warning(str(error), action="job.failed", job=job.id, scheduled_at=scheduled_at.isoformat())
        return "failed", str(error)
    except Exception as error:  # a job that breaks is recorded as failed and never ends the worker
        log.exception("A job broke.", action="job.broke", job=job.id, scheduled_at=scheduled_at.isoformat())
        return "failed", f"{type(error).__name__}: {error}"


def catch_up(loop: Loop, since: datetime, now: datetime, jobs: Iterable[Job] = JOBS) -> None:
    """After downtime: run the latest missed time of each job if it is not too late; record the others as missed."""
    for job in jobs:
        times = list(due_times(job, max(since, now - timedelta(days=7)), now, loop.zone))
        for moment in times:
            if moment is times[-1] and now - moment <= job.lateness:
                run_once(loop, job, moment)
            elif job.only_when is None:
                _record_missed(loop, job, moment)


def _record_missed(loop: Loop, job: Job, scheduled_at: datetime) -> None:
    with loop.stores.begin() as tx:
        if tx.jobs.claim(job.id, scheduled_at, loop.clock.now(), LEASE):
            tx.jobs.finish(job.id, scheduled_at, "missed", "not running at that time", loop.clock.now())
