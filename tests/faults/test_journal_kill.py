"""kill -9 of a process that journals: rows and state are of one moment, and the next process goes on from there."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from storage.journal_batch import RunnerState
from storage.schema import decisions, fills, orders, trades
from storage.stores import Stores
from tests.support.rows import NOON, VALUES, batch, instance

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]


@pytest.fixture
def db(database_url: str, redis_url: str) -> Iterator[Stores]:
    opened = Stores(database_url, redis_url)
    with opened.begin() as tx:
        tx.instances.seed(instance(), VALUES, NOON)
    yield opened
    opened.close()


def journal_until_killed(database_url: str, seconds: float) -> None:
    command = [sys.executable, "-m", "tests.support.endless_journal", database_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        time.sleep(seconds)
        process.kill()


def stored(db: Stores) -> tuple[RunnerState | None, set[tuple[int, int, int]]]:
    """The state, and per table how many rows there are from which number to which, all of one moment."""
    with db.begin() as tx:
        tx.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        state = tx.journal.state(instance().id)
        ranges = [
            select(func.count(), func.min(t.c.seq), func.max(t.c.seq)) for t in (decisions, orders, fills, trades)
        ]
        return state, {tuple(tx.connection.execute(each).one()) for each in ranges}


def test_a_killed_writer_leaves_whole_batches_with_their_state(db: Stores, database_url: str) -> None:
    chance = random.Random(3)
    reached = [0]
    for _ in range(4):
        journal_until_killed(database_url, chance.uniform(0.3, 0.8))
        state, ranges = stored(db)
        assert state is not None
        last = state.summary["position"]
        assert state == batch(last).states[0]
        assert ranges == {(last, 1, last)}
        reached.append(last)
    assert reached == sorted(set(reached))
