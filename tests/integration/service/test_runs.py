"""Each scheduled time runs once, whoever is awake; what was slept through is caught up once or recorded as missed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import SimulatedClock
from core.errors import Conflict, Unavailable
from feedback.loop import Loop
from service.jobs import JOBS, Job, find
from service.run_ledger import RunLedger
from service.runs import LEASE, MOST_ATTEMPTS, NO_LEASE, catch_up, run_latest, run_once
from storage.repositories.jobs import JobRun
from storage.stores import Stores
from storage.wipe import wipe
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

#: Five minutes after midnight in Seoul, when the daily review is due.
DUE = datetime(2026, 11, 3, 15, 5, tzinfo=UTC)
NOW = DUE + timedelta(minutes=2)
DAY = timedelta(days=1)


@pytest.fixture
def loop(database_url: str, redis_url: str) -> Iterator[Loop]:
    stores = Stores(database_url, redis_url)
    with stores.begin(durable=False) as tx:
        wipe(tx.connection)
    yield made_loop(stores, NOW)
    stores.close()


def at(loop: Loop, moment: datetime) -> Loop:
    return replace(loop, clock=SimulatedClock(moment))


class Worked:
    """A job function that remembers when it was called."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times: list[datetime] = []
        self._error = error

    def __call__(self, loop: Loop, scheduled_at: datetime) -> str:
        self.times.append(scheduled_at)
        if self._error:
            raise self._error
        return "worked"


def job_with(run: Callable[[Loop, datetime], str], job_id: str = "daily_review", **changes: object) -> Job:
    return replace(find(job_id), run=run, **changes)


def stored(loop: Loop, job_id: str = "daily_review") -> JobRun:
    with loop.stores.begin() as tx:
        run = tx.jobs.last(job_id)
    assert run is not None
    return run


def counts(loop: Loop) -> dict[str, dict[str, int]]:
    with loop.stores.begin() as tx:
        return {job: dict(numbers) for job, numbers in tx.jobs.counts().items()}


def test_of_many_workers_that_wake_at_once_one_runs_the_job(loop: Loop) -> None:
    work = Worked()
    with ThreadPoolExecutor(8) as workers:
        ran = list(workers.map(lambda _: run_once(loop, job_with(work), DUE), range(8)))
    assert sorted(ran) == [False] * 7 + [True]
    assert work.times == [DUE]
    assert (stored(loop).status, stored(loop).detail, stored(loop).attempt) == ("done", "worked", 1)


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (Conflict("Another day has this name."), "Another day has this name."),
        (ZeroDivisionError("no"), "Zero"),
    ],
)
def test_a_job_that_fails_is_recorded_with_its_reason_and_not_repeated(
    loop: Loop, error: Exception, detail: str
) -> None:
    work = Worked(error)
    assert run_once(loop, job_with(work), DUE)
    assert not run_once(loop, job_with(work), DUE)
    assert stored(loop).status == "failed"
    assert stored(loop).detail.startswith(detail)


def test_a_job_that_is_not_due_leaves_no_trace(loop: Loop) -> None:
    work = Worked()
    assert not run_once(loop, job_with(work, only_when=lambda _: False), DUE)
    assert work.times == []
    assert counts(loop) == {}


def test_the_scheduler_runs_the_latest_time_only_and_never_one_that_is_too_late(loop: Loop) -> None:
    work = Worked()
    assert run_latest(loop, job_with(work))
    assert not run_latest(loop, job_with(work))
    late = at(loop, DUE + find("daily_review").lateness + timedelta(minutes=1))
    assert not run_latest(late, job_with(Worked()))
    assert work.times == [DUE]


def test_after_three_days_of_sleep_the_last_review_is_caught_up_and_the_others_are_missed(loop: Loop) -> None:
    work = Worked()
    run_once(loop, job_with(work), DUE)
    later = at(loop, DUE + 3 * DAY + timedelta(hours=2))
    catch_up(later, [job_with(work)])
    assert work.times == [DUE, DUE + 3 * DAY]
    assert counts(later)["daily_review"] == {"due": 4, "done": 2, "missed": 2, "failed": 0}
    catch_up(later, [job_with(work)])
    assert len(work.times) == 2


def test_what_is_too_late_for_its_job_is_missed_and_not_run(loop: Loop) -> None:
    work = Worked()
    run_once(loop, job_with(work, "monitor"), DUE)
    catch_up(at(loop, DUE + timedelta(minutes=29, seconds=30)), [job_with(work, "monitor")])
    assert counts(loop)["monitor"] == {"due": 6, "done": 1, "missed": 5, "failed": 0}
    assert work.times == [DUE]


def test_a_run_whose_worker_died_is_finished_by_the_next_one(loop: Loop) -> None:
    """Without waiting for the lease: only one worker leads."""
    scheduled = datetime(2026, 11, 2, 18, 40, tzinfo=UTC)
    died = scheduled + timedelta(seconds=5)
    with loop.stores.begin() as tx:
        assert tx.jobs.claim("housekeeping", scheduled, died, LEASE)
    next_worker = at(loop, died + timedelta(seconds=10))
    catch_up(next_worker, [find("housekeeping")])
    run = stored(loop, "housekeeping")
    assert (run.status, run.attempt, run.scheduled_at) == ("done", 2, scheduled)


def test_a_run_that_a_store_interrupts_is_taken_up_again_but_not_for_ever(loop: Loop) -> None:
    away, job = Worked(Unavailable("Postgres is away.")), "housekeeping"
    with pytest.raises(Unavailable):
        run_once(loop, job_with(away, job), NOW)
    assert stored(loop, job).status == "running"
    catch_up(loop, [])
    assert (stored(loop, job).status, stored(loop, job).attempt) == ("done", 2)

    with loop.stores.begin() as tx:
        for _ in range(MOST_ATTEMPTS):
            assert tx.jobs.claim("monitor", DUE, NOW, NO_LEASE)
    catch_up(loop, [])
    assert stored(loop, "monitor").status == "failed"


def test_a_run_that_nobody_can_finish_in_time_is_missed(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        tx.jobs.claim("monitor", DUE, DUE, LEASE)
        tx.jobs.claim("job_of_an_older_version", DUE, DUE, LEASE)
    catch_up(at(loop, DUE + timedelta(hours=1)), [])
    assert stored(loop, "monitor").status == stored(loop, "job_of_an_older_version").status == "missed"


def test_a_new_home_has_nothing_to_catch_up(loop: Loop) -> None:
    catch_up(loop, JOBS)
    assert counts(loop) == {}


def test_a_replay_writes_its_runs_together_and_counts_failures(loop: Loop) -> None:
    ledger, broken = RunLedger(loop), job_with(Worked(ZeroDivisionError("no")), "monitor")
    ledger.run(job_with(Worked()), DUE)
    ledger.run(broken, DUE)
    assert counts(loop) == {}
    ledger.flush()
    ledger.flush()
    assert counts(loop) == {
        "daily_review": {"due": 1, "done": 1, "missed": 0, "failed": 0},
        "monitor": {"due": 1, "done": 0, "missed": 0, "failed": 1},
    }
    assert stored(loop, "monitor").finished_at == DUE
