"""Fixtures that every kind of test may ask for; nothing starts before a test asks."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.embedded.home import Home
from storage.embedded.probe import libpq_url
from storage.embedded.runtime import StoreUrls
from storage.embedded.servers import EmbeddedServers
from storage.migrate import upgrade

TEMPLATE = "tradeloop_template"


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that does not exist yet, in a short path that root's servers can enter; removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="tradeloop-test-"))
    path.rmdir()
    made = Home(path)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def stores() -> Iterator[StoreUrls]:
    """Embedded servers, started once for the whole run."""
    path = Path(tempfile.mkdtemp(prefix="tradeloop-tests-"))
    path.rmdir()
    home = Home(path)
    servers = EmbeddedServers(home)
    yield servers.start()
    servers.stop()
    home.remove()


@pytest.fixture(scope="session")
def _migrated_template(stores: StoreUrls) -> str:
    """A database with the whole schema, which every module's database is a copy of."""
    upgrade(_create_database(stores.database_url, TEMPLATE, template="template1"))
    return TEMPLATE


@pytest.fixture(scope="module")
def database_url(stores: StoreUrls, _migrated_template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy URL of an empty, migrated database of this test module alone."""
    name = f"test_{request.module.__name__.replace('.', '_')}"[:60]
    yield _create_database(stores.database_url, name, template=_migrated_template)
    _run(stores.database_url, "drop database {} with (force)", name)


@pytest.fixture
def redis_url(stores: StoreUrls) -> str:
    """The URL of an empty Redis."""
    redis.Redis.from_url(stores.redis_url).flushall()
    return stores.redis_url


def _create_database(database_url: str, name: str, *, template: str) -> str:
    _run(database_url, "drop database if exists {} with (force)", name)
    _run(database_url, "create database {} template {}", name, template)
    _run(database_url, "alter database {} set synchronous_commit = off", name)
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


def _run(database_url: str, statement: str, *names: str) -> None:
    with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
