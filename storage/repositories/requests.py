"""Requests with an idempotency key: carried out once, answered alike however often they are sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from core.errors import Conflict
from storage.repositories.base import Repository
from storage.schema import repeatable_requests as table

#: How long an answer is kept, and after how long a request whose process died may be tried again.
KEPT = timedelta(days=1)
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: str


class Requests(Repository):
    """Keys of one actor never meet those of another."""

    def claim(self, actor: str, key: str, request: str, at: datetime) -> StoredAnswer | None:
        """None: carry it out now. Raises Conflict when the key names another request, or one that is being done."""
        self._connection.execute(delete(table).where(table.c.at <= at - KEPT))
        row = {"actor": actor, "key": key, "request": request, "at": at}
        statement = insert(table).values(row)
        abandoned = table.c.status.is_(None) & (table.c.request == request) & (table.c.at <= at - LEASE)
        if self._changes(
            statement.on_conflict_do_update(index_elements=["actor", "key"], set_={"at": at}, where=abandoned)
        ):
            return None
        return self._answered(actor, key, request)

    def finish(self, actor: str, key: str, answer: StoredAnswer) -> None:
        """Keep the answer."""
        self._connection.execute(update(table).where(_named(actor, key)).values(status=answer.status, body=answer.body))

    def release(self, actor: str, key: str) -> None:
        """Forget a request that could not be carried out, so that it can be tried again."""
        self._connection.execute(delete(table).where(_named(actor, key)))

    def _answered(self, actor: str, key: str, request: str) -> StoredAnswer:
        found = self._first(select(table).where(_named(actor, key)))
        if found is not None and found.request != request:
            raise Conflict("That idempotency key belongs to another request.", field="Idempotency-Key")
        if found is None or found.status is None:
            raise Conflict("That request is being carried out.", field="Idempotency-Key", remedy="Try again shortly.")
        return StoredAnswer(found.status, found.body)


def _named(actor: str, key: str) -> ColumnElement[bool]:
    return and_(table.c.actor == actor, table.c.key == key)
