"""Hearing of new parameter versions: messages make it fast, comparing versions makes it certain."""

import time
from collections.abc import Callable, Sequence

import redis

from core.errors import Unavailable
from core.parameters import ParameterSet
from storage.cache import in_our_words

CHANNEL = "params"
#: Messages may be lost, so the stored versions are compared at least this often.
COMPARE_SECONDS = 1.0
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class HotSubscription:
    """Tells one thread of new versions of some instances.

    It subscribes first and compares versions then, after every message and every second: a message that is lost, a
    connection that is cut, a server that restarts or is wiped delay a version, they never hide one.
    """

    def __init__(self, client: redis.Redis, read: Callable[[], Sequence[ParameterSet | None]]) -> None:
        self._client = client
        self._read = read
        self._known: dict[str, ParameterSet] = {}
        self._channel: redis.client.PubSub | None = None
        self._compare_at = 0.0
        self._pause = _FIRST_PAUSE
        self._retry_at = 0.0

    def poll(self, timeout: float) -> list[ParameterSet]:
        """Sets that are newer than what this subscription told before, as soon as there is one, else [] at the end of
        `timeout` seconds. The first poll tells all sets. Redis being away is waited out."""
        deadline = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if now < self._retry_at:
                time.sleep(max(0.0, min(self._retry_at, deadline) - now))
            news = self._news_if_there(deadline) if time.monotonic() >= self._retry_at else []
            if news or time.monotonic() >= deadline:
                return news

    def close(self) -> None:
        """End the subscription."""
        self._drop()

    def _news_if_there(self, deadline: float) -> list[ParameterSet]:
        try:
            news = self._news(max(0.0, deadline - time.monotonic()))
        except Unavailable:
            self._drop()
            self._retry_at = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            return []
        self._pause = _FIRST_PAUSE
        return news

    def _news(self, timeout: float) -> list[ParameterSet]:
        channel = self._subscribed()
        until_compare = max(0.0, self._compare_at - time.monotonic())
        with in_our_words():
            message = channel.get_message(timeout=min(timeout, until_compare))
        if message is None and time.monotonic() < self._compare_at:
            return []
        self._compare_at = time.monotonic() + COMPARE_SECONDS
        return self._compared()

    def _compared(self) -> list[ParameterSet]:
        news = [parameters for parameters in self._read() if parameters and self._is_new(parameters)]
        self._known |= {parameters.instance_id: parameters for parameters in news}
        return news

    def _is_new(self, parameters: ParameterSet) -> bool:
        known = self._known.get(parameters.instance_id)
        if known is None or parameters.version > known.version:
            return True
        return parameters.version == known.version and parameters.digest != known.digest

    def _subscribed(self) -> redis.client.PubSub:
        if self._channel is None:
            channel = self._client.pubsub()  # type: ignore[no-untyped-call]  # redis-py forgot it
            with in_our_words():
                channel.subscribe(CHANNEL)
            self._channel = channel
            self._compare_at = 0.0
        return self._channel

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None
