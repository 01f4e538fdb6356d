"""kill -9 of Postgres and of Valkey under the journal and the hot parameters: nothing acknowledged is lost."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from core.errors import Unavailable
from core.parameters import ParameterSet
from storage import migrate
from storage.embedded.home import Home
from storage.embedded.servers import EmbeddedServers
from storage.hot import HotParameters
from storage.journal_writer import JournalWriter
from storage.schema import decisions
from storage.stores import Stores
from tests.support.rows import NOON, VALUES, batch, instance, state

pytestmark = pytest.mark.integration
ID = instance().id


@pytest.fixture
def servers(home: Home) -> Iterator[EmbeddedServers]:
    started = EmbeddedServers(home)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def db(servers: EmbeddedServers) -> Iterator[Stores]:
    migrate.upgrade(servers.stores.database_url)
    opened = Stores(servers.stores.database_url, servers.stores.redis_url)
    with opened.begin() as tx:
        tx.instances.seed(instance(), VALUES, NOON)
    yield opened
    opened.close()


def kill(servers: EmbeddedServers, role: str) -> None:
    os.kill(servers.process(role).pid or 0, signal.SIGKILL)
    while role not in servers.poll():
        time.sleep(0.01)


def test_the_journal_waits_for_a_killed_postgres_and_is_whole_afterwards(servers: EmbeddedServers, db: Stores) -> None:
    writer = JournalWriter(db)
    for seq in range(1, 101):
        writer.submit(batch(seq))
    assert writer.flush(30)
    kill(servers, "postgres")
    for seq in range(101, 201):
        writer.submit(batch(seq))
    assert not writer.flush(0.3)
    assert writer.away
    servers.restart("postgres")
    assert writer.flush(60)
    with db.begin() as tx:
        assert list(tx.connection.scalars(select(decisions.c.seq).order_by(decisions.c.seq))) == list(range(1, 201))
        assert tx.journal.state(ID) == state(200)
    assert writer.close()


def test_a_subscriber_hears_the_last_version_though_valkey_is_killed(servers: EmbeddedServers, db: Stores) -> None:
    subscription = db.hot.subscription([ID])
    db.hot.publish(version(1))
    assert subscription.poll(5) == [version(1)]
    for number in (2, 3, 4):
        kill(servers, "valkey")
        assert subscription.poll(0.2) == []
        servers.restart("valkey")
        publish_when_it_answers(db.hot, version(number))
        assert subscription.poll(10) == [version(number)]
    subscription.close()


def version(number: int) -> ParameterSet:
    return ParameterSet(ID, number, {"stop_loss": 0.01 * number}, "person")


def publish_when_it_answers(hot: HotParameters, parameters: ParameterSet) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            hot.publish(parameters)
        except Unavailable:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Valkey did not come back.")
