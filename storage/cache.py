"""The connection to Redis: short time limits, one retry, and errors in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.errors import InvalidInput, Unavailable

SECONDS = 2.0


def connect(redis_url: str) -> redis.Redis:
    """A client; it connects when it is first used. Raises InvalidInput for a URL that is not one of Redis."""
    try:
        return redis.Redis.from_url(
            redis_url,
            decode_responses=True,
            socket_timeout=SECONDS,
            socket_connect_timeout=SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
    except ValueError as error:
        raise InvalidInput(
            f"The Redis URL cannot be read: {error}.",
            field="redis_url",
            remedy="Write redis://HOST:PORT or unix://PATH.",
        ) from error


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever Redis raises becomes Unavailable."""
    try:
        yield
    except redis.RedisError as error:
        raise Unavailable(f"Redis did not answer: {error}", remedy="Try again.") from error
