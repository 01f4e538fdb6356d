"""What keeps the loop honest while it runs: jobs, commands, keys, deliveries, incidents and the audit chain."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from storage.schema.base import document, exact_document, metadata, moment

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", Text, primary_key=True),
    moment("scheduled_at", primary_key=True),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="1"),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
    Column("detail", Text, nullable=False, server_default=""),
    Index(None, "status"),
)

commands = Table(
    "commands",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("instance_id", Text),
    document("payload"),
    Column("actor", Text, nullable=False),
    Column("idempotency_key", Text, unique=True),
    Column("status", Text, nullable=False),
    document("result", nullable=True),
    moment("at"),
    moment("taken_at", nullable=True),
    moment("done_at", nullable=True),
    Index(None, "status"),
)

safety_events = Table(
    "safety_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("incident", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("instance_id", Text),
    Column("text", Text, nullable=False),
    document("detail"),
    moment("started_at"),
    moment("ended_at", nullable=True),
    Index("uq_safety_events_open_incident", "incident", unique=True, postgresql_where=text("ended_at IS NULL")),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("day", Date),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("detail", Text, nullable=False, server_default=""),
    document("payload"),
    moment("at"),
    moment("delivered_at", nullable=True),
    UniqueConstraint("channel", "key"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    exact_document("detail"),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
    moment("last_used_at", nullable=True),
)
