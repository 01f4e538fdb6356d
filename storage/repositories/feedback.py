"""People's notes to the loop, and the reviews that used them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.errors import NotFound
from core.learning import Feedback
from storage.repositories.base import Repository, built
from storage.schema import feedback as table

_COLUMNS = [table.c[f.name] for f in fields(Feedback)]


class FeedbackNotes(Repository):
    """What people told the loop."""

    def add(self, note: Feedback) -> None:
        """Store a note."""
        values = {f.name: getattr(note, f.name) for f in fields(note)}
        self._connection.execute(insert(table).values(values | {"used_in": []}))

    def active(self, at: datetime) -> Sequence[Feedback]:
        """Notes that are neither withdrawn nor expired, oldest first."""
        lasting = or_(table.c.expires_at.is_(None), table.c.expires_at > at)
        in_force = (table.c.at <= at, lasting, or_(table.c.withdrawn_at.is_(None), table.c.withdrawn_at > at))
        return self._read(select(*_COLUMNS).where(*in_force).order_by(table.c.at, table.c.id))

    def list(self, limit: int = 100) -> Sequence[Feedback]:
        """Notes, newest first."""
        return self._read(select(*_COLUMNS).order_by(table.c.at.desc(), table.c.id).limit(limit))

    def withdraw(self, note_id: str, at: datetime) -> None:
        """Take a note back; raises NotFound unless it was in force."""
        standing = update(table).where(table.c.id == note_id, table.c.withdrawn_at.is_(None))
        if not self._changes(standing.values(withdrawn_at=at)):
            raise NotFound(f"There is no feedback {note_id!r} to take back.", field="id")

    def mark_used(self, note_ids: Collection[str], review_id: int) -> None:
        """Note that a review used these notes."""
        used = table.c.used_in.concat(func.jsonb_build_array(review_id, type_=JSONB))
        fresh = ~table.c.used_in.contains([review_id])
        self._connection.execute(update(table).where(table.c.id.in_(note_ids), fresh).values(used_in=used))

    def used_in(self, note_ids: Collection[str]) -> Mapping[str, Sequence[int]]:
        """The ids of the reviews that used each note."""
        return {
            row.id: row.used_in
            for row in self._all(select(table.c.id, table.c.used_in).where(table.c.id.in_(note_ids)))
        }

    def _read(self, statement: Select[Any]) -> Sequence[Feedback]:
        return [built(Feedback, row) for row in self._all(statement)]
