"""Pages of rows by keyset: a page begins where the one before ended, however long the table is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, tuple_

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the key of the last one if more may follow."""

    rows: Sequence[Row]
    next: Key | None


def read_page(
    connection: Connection, query: Select[Any], order: Sequence[ColumnElement[Any]], after: Key | None, limit: int
) -> Page:
    """The `limit` rows of `query` that follow the key `after`, in descending `order` (a unique key of the rows)."""
    if after is not None:
        query = query.where(tuple_(*order) < tuple_(*after))
    found = connection.execute(query.order_by(*(column.desc() for column in order)).limit(limit + 1))
    rows = [dict(row) for row in found.mappings()]
    if len(rows) <= limit:
        return Page(rows, None)
    shown = rows[:limit]
    return Page(shown, tuple(shown[-1][column.key] for column in order))
