"""Monthly partitions of the journal: created ahead of the data; the DEFAULT partition catches what has none."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, text

from core.clock import aware
from storage.locks import AdvisoryLock
from storage.schema import metadata


def partitioned_tables() -> list[Table]:
    """The tables that are partitioned by month."""
    return [t for t in metadata.sorted_tables if t.dialect_options["postgresql"]["partition_by"]]


def ensure_all(connection: Connection, start: datetime, end: datetime) -> None:
    """Give every partitioned table its months of the span [start, end)."""
    for table in partitioned_tables():
        ensure(connection, table.name, start, end)


def ensure(connection: Connection, table: str, start: datetime, end: datetime) -> list[str]:
    """Create the missing monthly partitions of `table` for [start, end) and return their names.

    Rows that waited in the DEFAULT partition move into the new one. Processes that do this at once take turns.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": AdvisoryLock.PARTITIONS})
    stored = set(
        connection.scalars(text("SELECT relname FROM pg_class WHERE relname LIKE :like"), {"like": f"{table}_%"})
    )
    created = []
    for first, following in _months(start, end):
        name = f"{table}_{first:%Y_%m}"
        if name not in stored:
            _create(connection, table, name, first, following)
            created.append(name)
    return created


def _create(connection: Connection, table: str, name: str, first: datetime, following: datetime) -> None:
    """Attaching, unlike CREATE … PARTITION OF, lets others write to the table meanwhile."""
    column = metadata.tables[table].dialect_options["postgresql"]["partition_by"].removeprefix("RANGE (").rstrip(")")
    month = f"{column} >= '{first.isoformat()}' AND {column} < '{following.isoformat()}'"
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"))
    waited = f"DELETE FROM {table}_default WHERE {month} RETURNING *"
    connection.execute(text(f"WITH moved AS ({waited}) INSERT INTO {name} SELECT * FROM moved"))
    bounds = f"FROM ('{first.isoformat()}') TO ('{following.isoformat()}')"
    connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}"))


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """First day of each UTC month that touches [start, end), with the first day of the month after it."""
    last = aware(end, "end")
    first = aware(start, "start").replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while first < last:
        years, month = divmod(first.month, 12)
        following = datetime(first.year + years, month + 1, 1, tzinfo=UTC)
        yield first, following
        first = following
