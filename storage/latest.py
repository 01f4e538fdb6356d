"""The latest values that readers want at once: `market:*`, `macro:*`, `news:*`, `events:*`, `ai:*`.

They are copies. A Redis that is away is noted once and never holds anybody up: writing answers False, reading None.
"""

from datetime import timedelta
from typing import Any

import redis
import structlog

from core.errors import BadData
from storage.documents import dumps, loads

log = structlog.get_logger()


class Latest:
    """JSON documents under plain keys."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._away = False

    def put(self, key: str, document: Any, ttl: timedelta | None = None) -> bool:
        """Keep `document`, for `ttl` or until it is replaced; False when Redis is away. Raises BadData for a NaN."""
        text = dumps(document)
        try:
            self._client.set(key, text, px=ttl)
        except redis.RedisError as error:
            self._note_away(error)
            return False
        self._note_back()
        return True

    def get(self, key: str) -> Any:
        """The document under `key`; None when there is none, it cannot be read, or Redis is away."""
        try:
            text = self._client.get(key)
        except redis.RedisError as error:
            self._note_away(error)
            return None
        self._note_back()
        try:
            return loads(text) if text is not None else None
        except BadData:
            return None

    def _note_away(self, error: redis.RedisError) -> None:
        if not self._away:
            log.warning("Redis is away: the latest values stand still.", action="redis.away", error=str(error))
        self._away = True

    def _note_back(self) -> None:
        if self._away:
            log.info("Redis is back.", action="redis.back")
        self._away = False
