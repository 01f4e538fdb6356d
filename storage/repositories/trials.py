"""Trials: every set of values that an author evaluated, with the data it saw. The gate counts them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from core.learning import Author, SeenWindow
from storage.bulk import insert_new
from storage.documents import dumps
from storage.repositories.base import Repository
from storage.schema import trials as table

_COLUMNS = ("instance_id", "author", "run", "values", "score", "seen_start", "seen_end", "at")


class Trials(Repository):
    """What was tried before something was proposed."""

    def add_many(
        self,
        instance_id: str,
        author: Author,
        run: str,
        scored: Iterable[tuple[Mapping[str, float], float | None]],
        seen: SeenWindow,
        at: datetime,
    ) -> None:
        """Store the trials of one run: (values, score) each; the score is None where none could be computed."""
        rows = [(instance_id, author, run, dumps(v), score, seen.start, seen.end, at) for v, score in scored]
        insert_new(self._connection, table, _COLUMNS, rows)

    def count(self, instance_id: str, since: datetime) -> int:
        """Trials on an instance since `since` (inclusive)."""
        counted = select(func.count()).where(table.c.instance_id == instance_id, table.c.at >= since)
        return self._connection.scalar(counted) or 0
