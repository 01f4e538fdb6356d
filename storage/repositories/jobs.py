"""Job runs: one row per job and scheduled time, so that every run happens exactly once across processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from storage.bulk import insert_new
from storage.repositories.base import Repository, built
from storage.schema import job_runs as table

Ended = Literal["done", "failed", "missed"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job: `scheduled_at` names it; `attempt` counts the processes that took it (UTC)."""

    job: str
    scheduled_at: datetime
    status: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    detail: str = ""


_KEY = ["job", "scheduled_at"]
_COLUMNS = [table.c[f.name] for f in fields(JobRun)]


class Jobs(Repository):
    """Who runs which job, and how it ended."""

    def claim(self, job: str, scheduled_at: datetime, now: datetime, lease: timedelta) -> bool:
        """Take a run; exactly one caller gets True. A run whose process died is free again after `lease`."""
        row = {"job": job, "scheduled_at": scheduled_at, "status": "running", "started_at": now}
        statement = insert(table).values(row)
        abandoned = and_(table.c.status == "running", table.c.started_at <= now - lease)
        taken_over = {"attempt": table.c.attempt + 1, "started_at": now}
        return self._changes(statement.on_conflict_do_update(index_elements=_KEY, set_=taken_over, where=abandoned))

    def finish(self, job: str, scheduled_at: datetime, status: Ended, detail: str, now: datetime) -> bool:
        """Note how a run ended (a run that nobody took may be missed); False if it had ended already."""
        row = {"job": job, "scheduled_at": scheduled_at}
        end = {"status": status, "detail": detail, "finished_at": now}
        statement = insert(table).values({**row, **end})
        running = table.c.status == "running"
        return self._changes(statement.on_conflict_do_update(index_elements=_KEY, set_=end, where=running))

    def record(self, runs: Sequence[JobRun]) -> None:
        """Store runs that have ended, many at once; a run that is stored stays as it is."""
        names = [f.name for f in fields(JobRun)]
        insert_new(self._connection, table, names, [tuple(getattr(run, name) for name in names) for run in runs])

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Per job: runs that were due, done, missed and failed."""
        ended = [func.count().filter(table.c.status == status).label(status) for status in ("done", "missed", "failed")]
        rows = self._all(select(table.c.job, func.count().label("due"), *ended).group_by(table.c.job))
        return {row.job: {name: getattr(row, name) for name in ("due", "done", "missed", "failed")} for row in rows}

    def last(self, job: str) -> JobRun | None:
        """The run with the latest scheduled time."""
        row = self._first(select(*_COLUMNS).where(table.c.job == job).order_by(table.c.scheduled_at.desc()).limit(1))
        return built(JobRun, row) if row else None

    def unfinished(self) -> Sequence[JobRun]:
        """Runs that were taken and have not ended, oldest first."""
        rows = self._all(select(*_COLUMNS).where(table.c.status == "running").order_by(table.c.scheduled_at))
        return [built(JobRun, row) for row in rows]
