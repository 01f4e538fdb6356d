"""Stores on an empty, migrated database."""

from collections.abc import Iterator

import pytest

from storage.stores import Stores
from storage.wipe import wipe


@pytest.fixture
def db(database_url: str, redis_url: str) -> Iterator[Stores]:
    """The stores of an empty home."""
    opened = Stores(database_url, redis_url)
    with opened.begin(durable=False) as tx:
        wipe(tx.connection)
    yield opened
    opened.close()
