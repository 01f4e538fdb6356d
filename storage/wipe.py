"""Emptying every table of a home that only ever held replays."""

from sqlalchemy import Connection, text

from storage.schema import metadata


def wipe(connection: Connection) -> None:
    """Remove every row; the tables stay."""
    names = ", ".join(table.name for table in metadata.sorted_tables)
    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
