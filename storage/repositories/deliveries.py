"""Deliveries: what was sent to whom. One key is sent once per channel; what failed may be tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.errors import NotFound
from storage.repositories.base import Repository, built
from storage.schema import deliveries as table

Sent = Literal["delivered", "failed", "refused"]
#: A sender that has not reported back after this long has died.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on one channel. `at` is its last attempt; from the second attempt on it may have arrived before.

    `status` is sending, delivered, failed (may be tried again) or refused (may not).
    """

    channel: str
    key: str
    day: date | None
    status: str
    attempts: int
    detail: str
    payload: Mapping[str, Any]
    at: datetime
    delivered_at: datetime | None


_COLUMNS = [table.c[f.name] for f in fields(Delivery)]


class Deliveries(Repository):
    """Who sends what, and whether it arrived."""

    def claim(self, channel: str, key: str, day: date | None, payload: Mapping[str, Any], at: datetime) -> bool:
        """Take a message for sending; exactly one caller gets True.

        What failed, or whose sender died (LEASE), may be claimed again; its payload stays the first one.
        """
        row = {"channel": channel, "key": key, "day": day, "payload": dict(payload), "at": at}
        statement = insert(table).values(row | {"status": "sending", "attempts": 1})
        again = {"status": "sending", "attempts": table.c.attempts + 1, "at": at}
        free = or_(table.c.status == "failed", and_(table.c.status == "sending", table.c.at <= at - LEASE))
        return self._changes(statement.on_conflict_do_update(index_elements=["channel", "key"], set_=again, where=free))

    def finish(self, channel: str, key: str, status: Sent, detail: str, at: datetime) -> None:
        """Note how an attempt ended; raises NotFound for a message that nobody claimed."""
        end = {"status": status, "detail": detail, "delivered_at": at if status == "delivered" else None}
        if not self._changes(update(table).where(table.c.channel == channel, table.c.key == key).values(end)):
            raise NotFound(f"Nothing with the key {key!r} was sent by {channel}.", field="key")

    def get(self, channel: str, key: str) -> Delivery | None:
        """One message on one channel."""
        found = self._read(select(*_COLUMNS).where(table.c.channel == channel, table.c.key == key))
        return found[0] if found else None

    def pending(self) -> Sequence[Delivery]:
        """What is being sent or has failed, oldest first."""
        return self._read(select(*_COLUMNS).where(table.c.status.in_(("sending", "failed"))).order_by(table.c.id))

    def list(self, limit: int = 100) -> Sequence[Delivery]:
        """Messages, newest first."""
        return self._read(select(*_COLUMNS).order_by(table.c.id.desc()).limit(limit))

    def _read(self, statement: Select[Any]) -> Sequence[Delivery]:
        return [built(Delivery, row) for row in self._all(statement)]
