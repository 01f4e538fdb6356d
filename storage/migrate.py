"""Brings a database to today's tables. Safe when several processes start at once: they take turns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations
from storage import database, partitions
from storage.locks import AdvisoryLock

_MONTHS_AHEAD = timedelta(days=62)


def upgrade(database_url: str) -> str:
    """Take every missing step in one transaction, make the coming months' partitions, and return the revision."""
    with _connected(database_url) as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": AdvisoryLock.MIGRATION})
        if _revision(connection) != head():
            command.upgrade(_config(connection), "head")
        now = datetime.now(UTC)
        partitions.ensure_all(connection, now, now + _MONTHS_AHEAD)
        return _revision(connection) or ""


def revision(database_url: str) -> str | None:
    """The revision of a database; None while it has no tables."""
    with _connected(database_url) as connection:
        return _revision(connection)


def head() -> str:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config(None)).get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether this code can take a database of that revision to its own."""
    steps = ScriptDirectory.from_config(_config(None)).walk_revisions()
    return revision in {step.revision for step in steps}


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    """One transaction on a connection of its own, without a time limit for statements."""
    engine = database.create(database_url, pool_size=1, statement_ms=0)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None) -> Config:
    config = Config()
    folder = str(Path(migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
