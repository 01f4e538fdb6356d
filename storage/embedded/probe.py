"""Questions to a running server: does it answer, and which version is it."""

from datetime import datetime

import psycopg
import redis

from core.errors import Unavailable

CONNECT_SECONDS = 2


def libpq_url(database_url: str) -> str:
    """The URL as libpq and its programs read it: without SQLAlchemy's driver name."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def postgres_answers(database_url: str) -> bool:
    """Whether Postgres accepts connections to this database now."""
    try:
        psycopg.connect(libpq_url(database_url), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def postgres_facts(database_url: str) -> tuple[str, datetime]:
    """Version and clock of Postgres; raises Unavailable if it does not answer."""
    try:
        with psycopg.connect(libpq_url(database_url), connect_timeout=CONNECT_SECONDS) as connection:
            row = connection.execute("select current_setting('server_version'), clock_timestamp()").fetchone()
    except psycopg.OperationalError as error:
        raise Unavailable(f"Postgres does not answer: {error}") from error
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row[0], row[1]


def redis_answers(redis_url: str) -> bool:
    """Whether Redis answers now; no while it still loads its data."""
    try:
        with _client(redis_url) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
        return False


def redis_version(redis_url: str) -> str:
    """The version of Redis or Valkey; raises Unavailable if it does not answer."""
    try:
        with _client(redis_url) as client:
            facts = client.info("server")
    except redis.RedisError as error:
        raise Unavailable(f"Redis does not answer: {error}") from error
    return str(facts.get("valkey_version") or facts["redis_version"])


def _client(redis_url: str) -> redis.Redis:
    return redis.Redis.from_url(redis_url, socket_timeout=CONNECT_SECONDS, socket_connect_timeout=CONNECT_SECONDS)
