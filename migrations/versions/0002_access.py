"""Sessions of people, and answers to requests that may be sent again."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE sessions (
        digest TEXT NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_sessions PRIMARY KEY (digest)
    );
    CREATE INDEX ix_sessions_ends_at ON sessions (ends_at);
    CREATE TABLE repeatable_requests (
        actor TEXT NOT NULL,
        key TEXT NOT NULL,
        request TEXT NOT NULL,
        status INTEGER,
        body TEXT,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_repeatable_requests PRIMARY KEY (actor, key)
    );
    CREATE INDEX ix_repeatable_requests_at ON repeatable_requests (at);
    """)
