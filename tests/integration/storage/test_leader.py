"""One worker leads, another takes over when it dies, and nobody else waits for either."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage import migrate, partitions
from storage.leader import Leadership
from storage.stores import Stores

pytestmark = pytest.mark.integration


def test_one_of_two_leads_until_it_gives_up(database_url: str) -> None:
    first, second = Leadership(database_url), Leadership(database_url)
    assert [first.held(), second.held(), first.held()] == [True, False, True]
    first.close()
    assert second.held()
    second.close()


def test_migrations_and_partitions_do_not_wait_for_the_leader(db: Stores, database_url: str) -> None:
    leader = Leadership(database_url)
    assert leader.held()
    now = datetime(2031, 5, 1, tzinfo=UTC)
    with db.begin() as tx:
        tx.connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        partitions.ensure_all(tx.connection, now, now + timedelta(days=1))
        tx.audit.append("test", "test", "test", {}, now)
    assert migrate.upgrade(database_url) == migrate.head()
    leader.close()
