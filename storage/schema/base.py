"""The metadata that all tables share, and the column types that they use everywhere."""

from sqlalchemy import Column, DateTime, MetaData, Numeric
from sqlalchemy.dialects.postgresql import JSON, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def moment(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    """A `timestamptz` column."""
    return Column(name, DateTime(timezone=True), primary_key=primary_key, nullable=nullable)


def money(name: str, *, nullable: bool = False) -> Column[object]:
    """An exact `numeric` column in quote currency, price or base units."""
    return Column(name, Numeric, nullable=nullable)


def document(name: str, *, nullable: bool = False) -> Column[object]:
    """A `jsonb` column."""
    return Column(name, JSONB, nullable=nullable)


def exact_document(name: str) -> Column[object]:
    """A `json` column: kept letter by letter, for what a digest is computed from (`jsonb` writes 1e22 differently)."""
    return Column(name, JSON, nullable=False)
