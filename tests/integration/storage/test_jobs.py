"""Job runs: exactly once, also when a process dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from storage.repositories.jobs import JobRun
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON

pytestmark = pytest.mark.integration
LEASE = timedelta(minutes=5)


def claim(stores: Stores, minute: int, now: int) -> bool:
    with stores.begin() as tx:
        return tx.jobs.claim("monitor", NOON + minute * MINUTE, NOON + now * MINUTE, LEASE)


def test_of_many_workers_one_claims_a_run(db: Stores) -> None:
    together = Barrier(4)

    def work(_: int) -> int:
        together.wait()
        return sum(claim(db, minute, minute) for minute in range(25))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 25


def test_a_run_whose_worker_died_is_taken_over_after_its_lease(db: Stores) -> None:
    assert claim(db, 0, now=0)
    assert not claim(db, 0, now=4)
    assert claim(db, 0, now=5)
    assert not claim(db, 0, now=9)
    with db.begin() as tx:
        assert [(run.attempt, run.started_at) for run in tx.jobs.unfinished()] == [(2, NOON + 5 * MINUTE)]


def test_a_run_that_ended_is_never_claimed_or_ended_again(db: Stores) -> None:
    claim(db, 0, now=0)
    with db.begin() as tx:
        assert tx.jobs.finish("monitor", NOON, "done", "fine", NOON + MINUTE)
        assert not tx.jobs.finish("monitor", NOON, "failed", "", NOON + MINUTE)
        assert tx.jobs.unfinished() == []
        assert tx.jobs.last("monitor") == JobRun("monitor", NOON, "done", 1, NOON, NOON + MINUTE, "fine")
        assert tx.jobs.last("report") is None
    assert not claim(db, 0, now=60)


def test_counts_show_what_was_due_and_what_became_of_it(db: Stores) -> None:
    claim(db, 0, now=0)
    done = [JobRun("monitor", NOON + n * MINUTE, "done", 1, NOON, NOON) for n in range(1, 701)]
    with db.begin() as tx:
        tx.jobs.finish("report", NOON, "missed", "asleep", NOON)
        tx.jobs.record(done)
        tx.jobs.record(done[:3])
        counts = tx.jobs.counts()
    assert counts["monitor"] == {"due": 701, "done": 700, "missed": 0, "failed": 0}
    assert counts["report"] == {"due": 1, "done": 0, "missed": 1, "failed": 0}
