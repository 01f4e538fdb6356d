"""Counting in windows: how often something happened in the current minute, shared by all processes."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import redis

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Count:
    """How often it happened in this window, this time included, and when the window ends."""

    hits: int
    ends_in: timedelta


class Limits:
    """Fixed windows that begin with their first hit. Without Redis nothing is counted and nobody is held up."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def hit(self, name: str, window: timedelta) -> Count:
        """Count once more."""
        key = f"limit:{name}"
        try:
            with self._client.pipeline(transaction=True) as pipeline:
                pipeline.incr(key)
                pipeline.pexpire(key, window, nx=True)
                pipeline.pttl(key)
                hits, _, milliseconds = cast(tuple[int, int, int], pipeline.execute())
        except redis.RedisError as error:
            log.warning("Requests are not counted: %s", error, extra={"action": "limits.away"})
            return Count(0, timedelta())
        return Count(hits, timedelta(milliseconds=max(0, milliseconds)))

    def seen(self, name: str) -> Count:
        """The present count, without counting."""
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                pipeline.get(f"limit:{name}")
                pipeline.pttl(f"limit:{name}")
                hits, milliseconds = cast(tuple[str | None, int], pipeline.execute())
        except redis.RedisError:
            return Count(0, timedelta())
        return Count(int(hits or 0), timedelta(milliseconds=max(0, milliseconds)))
