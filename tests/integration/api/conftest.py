"""The API over an empty, migrated database with one instance, and callers with keys of every scope."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from core.clock import SimulatedClock
from storage.schema import metadata
from storage.stores import Stores
from strategies import registry
from tests.support.api import Caller, application
from tests.support.rows import NOON, instance

VALUES = registry.get("momentum_scalping").declaration.defaults()


@pytest.fixture
def db(database_url: str, redis_url: str) -> Iterator[Stores]:
    """The stores of a home with one instance."""
    opened = Stores(database_url, redis_url)
    with opened.begin(durable=False) as tx:
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        tx.connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        tx.instances.seed(instance(), VALUES, NOON)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON + timedelta(hours=1))


@pytest.fixture
def app(db: Stores, clock: SimulatedClock, tmp_path: Path) -> Flask:
    return application(db, clock, tmp_path)


def key_of(db: Stores, scope: str) -> str:
    with db.begin() as tx:
        return tx.keys.create(scope, {scope}, NOON)[1]


@pytest.fixture
def nobody(app: Flask) -> Caller:
    return Caller(app.test_client())


@pytest.fixture
def reader(app: Flask, db: Stores) -> Caller:
    return Caller(app.test_client(), key_of(db, "read"))


@pytest.fixture
def approver(app: Flask, db: Stores) -> Caller:
    return Caller(app.test_client(), key_of(db, "approve"))


@pytest.fixture
def controller(app: Flask, db: Stores) -> Caller:
    return Caller(app.test_client(), key_of(db, "control"))
