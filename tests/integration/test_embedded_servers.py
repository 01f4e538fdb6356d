"""The servers of a home: where they lie, who owns them, and that they come back."""

import psycopg
import pytest
import redis

from storage.embedded.probe import libpq_url

pytestmark = pytest.mark.integration


def test_the_stores_answer_by_their_urls(database_url: str, redis_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert connection.execute("show timezone").fetchone() == ("UTC",)
    assert redis.Redis.from_url(redis_url).dbsize() == 0


def test_nothing_listens_on_the_network(database_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
