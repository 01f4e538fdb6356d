"""The worker process: APScheduler fires the job table; one leader per database runs it."""

import signal
import threading
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from core.errors import Unavailable
from feedback.loop import Loop
from service.feed_state import has_lived
from service.jobs import JOBS, Job
from service.runs import catch_up, run_latest
from service.session import Session
from service.wiring import build_loop
from storage.leader import Leadership

log = structlog.get_logger()
WAIT_SECONDS = 1.0


class Worker:
    """Runs jobs while it leads; another worker waits and takes over."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._leadership = Leadership(session.urls.database_url)
        self._stop = threading.Event()
        self._leads = False
        self._loop: Loop | None = None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1},
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self._wait_for_a_market()
        for job in JOBS:
            self._scheduler.add_job(
                self._fire,
                job.trigger(self._session.settings.zone),
                args=[job],
                id=job.id,
                misfire_grace_time=int(job.lateness.total_seconds()),
            )
        self._scheduler.start()
        while not self._stop.wait(WAIT_SECONDS):
            self._look_to_the_lead()
        self._scheduler.shutdown(wait=True)
        self._leadership.close()

    def _wait_for_a_market(self) -> None:
        """Until the trader has lived through the past of one, the trader's process runs the jobs."""
        while not self._stop.is_set() and not has_lived(self._session.home):
            self._stop.wait(WAIT_SECONDS)

    def _look_to_the_lead(self) -> None:
        leads = self._leadership.held()
        if leads and not self._leads:
            leads = self._begin()
        self._leads = leads

    def _begin(self) -> bool:
        """Take up what was left; False where a store is away, so that it is tried again."""
        try:
            self._loop = build_loop(self._session)
            log.info("This worker leads.", action="worker.leads")
            catch_up(self._loop)
        except Unavailable as error:
            log.warning("A store is away; the jobs wait.", action="worker.waits", error=str(error))
            return False
        return True

    def _fire(self, job: Job) -> None:
        """Run a job that is due; one that a store interrupted is taken up again with the next look to the lead."""
        if not self._leads or self._loop is None:
            return
        try:
            run_latest(self._loop, job)
        except Unavailable as error:
            log.warning("A job was interrupted.", action="job.interrupted", job=job.id, error=str(error))
            self._leads = False
