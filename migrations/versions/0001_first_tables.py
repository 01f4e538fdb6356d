"""The journal, the learning loop and the operations, as 0001_first_tables.sql lays them out."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; the partitioned ones with the partition that catches what has no month yet."""
    op.execute(Path(__file__).with_suffix(".sql").read_text())
