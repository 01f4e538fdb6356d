"""Job runs of a replay: one process, one clock, so that runs are written in bulk instead of claimed one by one."""

from datetime import datetime

from feedback.loop import Loop
from service.jobs import Job
from service.runs import attempt
from storage.repositories.jobs import JobRun


class RunLedger:
    """Runs jobs at simulated times and keeps what became of them until `flush`."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._ended: list[JobRun] = []

    def run(self, job: Job, scheduled_at: datetime) -> None:
        """Raises Unavailable where a store went away: the replay ends there."""
        status, detail = attempt(self._loop, job, scheduled_at)
        self._ended.append(JobRun(job.id, scheduled_at, status, 1, scheduled_at, scheduled_at, detail))

    def flush(self) -> None:
        """Write the runs kept so far."""
        if self._ended:
            with self._loop.stores.begin(durable=False) as tx:
                tx.jobs.record(self._ended)
            self._ended = []
