"""Reviews: what the loop wrote about a day or week, with the facts it was written from."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, insert, select

from core.learning import Review
from storage.repositories.base import Repository
from storage.schema import reviews as table

_NAMES = [f.name for f in fields(Review)]


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review and the number it is stored under."""

    id: int
    review: Review


class Reviews(Repository):
    """Daily, weekly and loss reviews."""

    def add(self, review: Review) -> int:
        """Store a review and return its number."""
        values: dict[str, Any] = {name: getattr(review, name) for name in _NAMES}
        row = self._all(insert(table).values(values).returning(table.c.id))[0]
        return int(row.id)

    def latest(self, kind: str) -> Review | None:
        """The newest review of a kind."""
        found = self.list(kind, limit=1)
        return found[0].review if found else None

    def on(self, kind: str, day: date) -> Sequence[StoredReview]:
        """The reviews of a kind for a local day, newest first (loss reviews are many)."""
        return self._read(_newest().where(table.c.kind == kind, table.c.day == day))

    def list(self, kind: str | None = None, limit: int = 100) -> Sequence[StoredReview]:
        """Reviews, newest first."""
        statement = _newest().limit(limit)
        return self._read(statement.where(table.c.kind == kind) if kind else statement)

    def _read(self, statement: Select[Any]) -> Sequence[StoredReview]:
        return [_stored(row) for row in self._all(statement)]


def _newest() -> Select[Any]:
    return select(table).order_by(table.c.day.desc(), table.c.at.desc(), table.c.id.desc())


def _stored(row: Row[Any]) -> StoredReview:
    values = {name: getattr(row, name) for name in _NAMES}
    return StoredReview(row.id, Review(**values))
