"""Who came in and what they asked for: people's sessions, and the answers to requests that may be sent again."""

from sqlalchemy import Column, Index, Integer, Table, Text

from storage.schema.base import metadata, moment

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    moment("started_at"),
    moment("ends_at"),
    Index(None, "ends_at"),
)

repeatable_requests = Table(
    "repeatable_requests",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    moment("at"),
    Index(None, "at"),
)
