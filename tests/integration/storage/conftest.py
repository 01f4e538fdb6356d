"""Stores on an empty, migrated database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage.schema import metadata
from storage.stores import Stores
from tests.support.rows import NOON, VALUES, instance


@pytest.fixture
def db(database_url: str, redis_url: str) -> Iterator[Stores]:
    """The stores of an empty home."""
    opened = Stores(database_url, redis_url)
    with opened.begin(durable=False) as tx:
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        tx.connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    yield opened
    opened.close()


@pytest.fixture
def seeded(db: Stores) -> Stores:
    """The stores of a home with one instance."""
    with db.begin() as tx:
        tx.instances.seed(instance(), VALUES, NOON)
    return db
