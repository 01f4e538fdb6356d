"""The writer beside the trading loop: in order, whole, and patient while Postgres is away."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from core.errors import BadData, InvalidInput, Unavailable
from storage.journal_batch import JournalBatch
from storage.journal_writer import JournalWriter
from storage.schema import decisions
from storage.stores import Stores
from tests.support.rows import batch, decision, instance, order, state

pytestmark = pytest.mark.integration
ID = instance().id


@pytest.fixture
def writer(seeded: Stores) -> Iterator[JournalWriter]:
    made = JournalWriter(seeded)
    yield made
    made.close()


def seqs(stores: Stores) -> list[int]:
    with stores.begin() as tx:
        return list(tx.connection.scalars(select(decisions.c.seq).order_by(decisions.c.seq)))


def test_a_single_batch_is_stored_within_moments(seeded: Stores, writer: JournalWriter) -> None:
    writer.submit(batch(1))
    deadline = time.monotonic() + 5
    while writer.backlog and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (seqs(seeded), writer.backlog) == ([1], 0)


def test_flush_stores_everything_that_was_submitted(seeded: Stores, writer: JournalWriter) -> None:
    for number in range(1, 301):
        writer.submit(batch(number))
    assert writer.flush(30)
    assert seqs(seeded) == list(range(1, 301))
    with seeded.begin() as tx:
        assert tx.journal.state(ID) == state(300)
    assert writer.flush(0)


def test_threads_may_submit_at_once(seeded: Stores, writer: JournalWriter) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: writer.submit(batch(n)), range(1, 201)))
    assert writer.flush(30)
    assert seqs(seeded) == list(range(1, 201))


def test_closing_stores_what_waits(seeded: Stores) -> None:
    writer = JournalWriter(seeded, durable=False)
    writer.submit(batch(1, 2))
    assert writer.close()
    assert seqs(seeded) == [1, 2]


def test_a_limit_makes_the_loop_wait_instead_of_filling_memory(seeded: Stores) -> None:
    writer = JournalWriter(seeded, durable=False, limit=50)
    most = 0
    for number in range(1, 101):
        writer.submit(batch(number))
        most = max(most, writer.backlog)
    assert writer.close()
    assert most <= 50 + len(batch(1))
    assert seqs(seeded) == list(range(1, 101))


def cut_connections(stores: Stores) -> None:
    here = "datname = current_database() AND pid <> pg_backend_pid()"
    with stores.begin() as tx:
        tx.connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {here}"))


def test_lost_connections_cost_time_but_no_row_and_no_order(seeded: Stores, writer: JournalWriter) -> None:
    for number in range(1, 201):
        writer.submit(batch(number))
        if number % 50 == 0:
            cut_connections(seeded)
        time.sleep(0.002)
    assert writer.flush(30)
    assert seqs(seeded) == list(range(1, 201))
    assert not writer.away


def test_closing_waits_for_a_connection_too(seeded: Stores, writer: JournalWriter) -> None:
    for number in range(1, 301):
        writer.submit(batch(number))
    cut_connections(seeded)
    assert writer.close()
    assert seqs(seeded) == list(range(1, 301))


def test_what_can_never_be_stored_ends_the_writer_loudly(seeded: Stores, writer: JournalWriter) -> None:
    writer.submit(batch(1))
    assert writer.flush(10)
    writer.submit(JournalBatch(decisions=[replace(decision(2), context={"rsi": math.nan})], states=[state(2)]))
    with pytest.raises(BadData):
        writer.flush(10)
    with pytest.raises(BadData):
        writer.submit(batch(3))
    assert not writer.close()
    assert seqs(seeded) == [1]
    with seeded.begin() as tx:
        assert tx.journal.state(ID) == state(1)


def test_a_text_that_postgres_cannot_hold_ends_the_writer_too(writer: JournalWriter) -> None:
    writer.submit(JournalBatch(orders=[replace(order(1), status="NUL \x00")]))
    with pytest.raises(InvalidInput):
        writer.flush(10)


def test_nothing_is_taken_after_closing(writer: JournalWriter) -> None:
    assert writer.close()
    with pytest.raises(Unavailable, match="has ended"):
        writer.submit(batch(1))


def test_closing_gives_up_when_postgres_stays_away() -> None:
    nowhere = Stores("postgresql://nobody@/none?host=/nowhere", "unix:///nowhere/redis.sock")
    writer = JournalWriter(nowhere)
    writer.submit(batch(1))
    assert not writer.flush(0.3)
    assert writer.away
    assert writer.backlog == len(batch(1))
    assert not writer.close(timeout=0.5)
    with pytest.raises(Unavailable):
        writer.submit(batch(2))
    nowhere.close()
