"""Migrations: exactly today's tables, once, also when several processes start together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from core.errors import InvalidInput, Unavailable
from storage import database, migrate, partitions
from storage.embedded.probe import libpq_url
from storage.embedded.runtime import StoreUrls
from storage.schema import decisions, metadata
from storage.stores import Stores
from tests.support.rows import batch, decision

pytestmark = pytest.mark.integration


@pytest.fixture
def empty_url(stores: StoreUrls) -> Iterator[str]:
    """A database without tables."""
    with psycopg.connect(libpq_url(stores.database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE migrated_here"))
        yield make_url(stores.database_url).set(database="migrated_here").render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE migrated_here WITH (FORCE)"))


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    assert migrate.revision(empty_url) is None
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(migrate.upgrade, [empty_url] * 4)) == {migrate.head()}
    assert migrate.revision(empty_url) == migrate.head()


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Leaves out what is in the database on purpose and not in the metadata."""
    parents = tuple(f"{table.name}_" for table in partitions.partitioned_tables())
    return kind != "table" or name in metadata.tables or not (name or "").startswith(("alembic_version", *parents))


def test_the_migrated_catalogue_is_the_metadata(seeded: Stores) -> None:
    options = {"compare_type": True, "compare_server_default": True, "include_object": _ours}
    with seeded.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata) == []


def test_keys_indexes_and_partitions_are_those_of_the_metadata(seeded: Stores) -> None:
    """Alembic compares neither partial and covering indexes in full nor partitions."""
    with seeded.begin() as tx:
        indexes: dict[str, str] = dict(tx.connection.execute(text("SELECT indexname, indexdef FROM pg_indexes")).all())
        parents = set(tx.connection.scalars(text("SELECT relname FROM pg_class WHERE relkind = 'p'")))
        joined = "SELECT relname FROM pg_class c JOIN pg_partitioned_table p ON p.partdefid = c.oid"
        defaults = set(tx.connection.scalars(text(joined)))
    tables = metadata.tables.values()
    assert {index.name for table in tables for index in table.indexes} <= set(indexes)
    assert {table.primary_key.name for table in tables} <= set(indexes)
    assert "INCLUDE (strategy, instance_id, regime, pnl)" in indexes["ix_trades_closed_at_covering"]
    assert "WHERE (ended_at IS NULL)" in indexes["uq_safety_events_open_incident"]
    assert "WHERE (funding_rate IS NOT NULL)" in indexes["ix_bars_funding"]
    assert parents == {"bars", "decisions", "orders", "fills", "trades"}
    assert parents == {table.name for table in partitions.partitioned_tables()}
    assert defaults == {f"{parent}_default" for parent in parents}


def test_rows_without_a_month_move_into_it_when_it_is_made(seeded: Stores) -> None:
    start, end = datetime(2031, 12, 15, tzinfo=UTC), datetime(2032, 2, 1, tzinfo=UTC)
    with seeded.begin() as tx:
        tx.connection.execute(
            text("INSERT INTO decisions SELECT 'a', 1, '2032-01-31 23:59+0', 1, 1, 1, 1, 0, 1, 1, '{}'")
        )
        assert partitions.ensure(tx.connection, "decisions", start, end) == ["decisions_2031_12", "decisions_2032_01"]
        assert partitions.ensure(tx.connection, "decisions", start, end) == []
        assert tx.connection.scalar(text("SELECT count(*) FROM decisions_2032_01")) == 1
        assert tx.connection.scalar(text("SELECT count(*) FROM decisions_default")) == 0
        assert tx.connection.scalar(text("SELECT count(*) FROM decisions")) == 1


def test_a_write_lands_in_its_month_and_a_day_is_read_from_that_month_alone(seeded: Stores) -> None:
    day = decision(1).at
    with seeded.begin() as tx:
        partitions.ensure_all(tx.connection, day, day)
        tx.journal.write(batch(1, 2))
        asked = select(decisions).where(decisions.c.at >= day, decisions.c.at < datetime(2026, 11, 3, tzinfo=UTC))
        compiled = str(asked.compile(compile_kwargs={"literal_binds": True}, dialect=tx.connection.dialect))
        plan = "\n".join(tx.connection.scalars(text(f"EXPLAIN {compiled}")))
    assert "decisions_2026_11" in plan
    assert "decisions_default" not in plan


@pytest.mark.parametrize("url", ["", "mysql://x", "sqlite:///x", "nonsense", "redis://localhost"])
def test_a_url_that_is_not_one_of_postgres_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="Postgres"):
        database.create(url)


def test_a_database_that_does_not_answer_is_said() -> None:
    with pytest.raises(Unavailable):
        migrate.revision("postgresql://nobody@/none?host=/nowhere")
