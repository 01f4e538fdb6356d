"""Writing many rows: past the query builder, straight to psycopg. Rows that are stored already stay as they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table

from core.errors import Unavailable
from storage.database import in_our_words

#: From this many rows on, COPY into a temporary table and one INSERT … SELECT beat single inserts.
COPY_FROM = 500


def insert_new(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows` (values in the order of `columns`; JSON as text); those whose key is stored are left out."""
    if not rows:
        return
    with driver(connection) as raw:
        if len(rows) < COPY_FROM:
            _insert(raw, table.name, columns, rows)
        else:
            _copy(raw, table.name, columns, rows)


@contextmanager
def driver(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The psycopg connection inside; its errors are raised in our words."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise Unavailable("The connection to Postgres is closed.")
    try:
        yield raw
    except (psycopg.Error, UnicodeEncodeError) as error:
        ours = in_our_words(error)
        if ours is None:
            raise
        raise ours from error


def stage(raw: psycopg.Connection[Any], table: str) -> sql.Identifier:
    """An empty temporary copy of `table` without constraints, emptied when the transaction ends."""
    name = sql.Identifier(f"staged_{table}")
    create = "CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT * FROM {} WITH NO DATA"
    raw.execute(sql.SQL(create).format(name, sql.Identifier(table)))
    raw.execute(sql.SQL("TRUNCATE {}").format(name))
    return name


def _insert(raw: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
        sql.Identifier(table), _list(columns), sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    )
    with raw.cursor() as cursor:
        cursor.executemany(statement, rows)


def _copy(raw: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    staged, names = stage(raw, table), _list(columns)
    with raw.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(staged, names)) as copy:
            for row in rows:
                copy.write_row(row)
        unstage = "INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING"
        cursor.execute(sql.SQL(unstage).format(sql.Identifier(table), names, names, staged))


def _list(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
