"""People's sessions: only a hash of what the cookie holds is kept, and ending one ends it everywhere."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, insert, select

from storage.repositories.base import Repository
from storage.schema import sessions as table


class Sessions(Repository):
    """Who is logged in."""

    def start(self, at: datetime, ends_at: datetime) -> str:
        """Begin a session and return its secret name; sessions that are over are forgotten."""
        self._connection.execute(delete(table).where(table.c.ends_at <= at))
        name = secrets.token_urlsafe(32)
        self._connection.execute(insert(table).values(digest=_digest(name), started_at=at, ends_at=ends_at))
        return name

    def lasts(self, name: str, at: datetime) -> bool:
        """Whether the session was begun here and has not ended."""
        lasting = select(table.c.digest).where(table.c.digest == _digest(name), table.c.ends_at > at)
        return self._first(lasting) is not None

    def end(self, name: str) -> None:
        self._connection.execute(delete(table).where(table.c.digest == _digest(name)))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
