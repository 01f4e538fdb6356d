"""The audit log: every act of control, each row bound to the one before by its hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text

from core.parameters import digest_of
from storage.documents import dumps, loads
from storage.locks import AdvisoryLock
from storage.repositories.base import Repository, built
from storage.schema import audit_log as table

_BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act. `hash` is the sha256 over all other fields as canonical JSON, `previous_hash` among them."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous_hash: str
    hash: str

    def computed_hash(self) -> str:
        """What `hash` is unless the row was changed."""
        document = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "hash"}
        return digest_of(document | {"at": self.at.astimezone(UTC).isoformat()})


_COLUMNS = [table.c[f.name] for f in fields(AuditRow)]


class Audit(Repository):
    """Who did what. Rows are only ever added."""

    def append(self, actor: str, action: str, subject: str, detail: Mapping[str, Any], at: datetime) -> None:
        """Add an act. Others who append wait until this transaction ends, so do it last in a transaction."""
        self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": AdvisoryLock.AUDIT_CHAIN})
        last = self._first(select(table.c.id, table.c.hash).order_by(table.c.id.desc()).limit(1))
        plain = loads(dumps(detail))
        previous = last.hash if last else _BEGINNING
        row = AuditRow(last.id + 1 if last else 1, at, actor, action, subject, plain, previous, hash="")
        values = {f.name: getattr(row, f.name) for f in fields(row)}
        self._connection.execute(insert(table).values(values | {"hash": row.computed_hash()}))

    def verify(self) -> tuple[bool, int | None]:
        """Whether the chain is whole, and if not the first id that is missing, changed or out of place.

        Rows cut off at the end cannot be noticed from inside: compare the last hash with one noted elsewhere.
        """
        previous, expected = _BEGINNING, 1
        chain = select(*_COLUMNS).order_by(table.c.id).execution_options(yield_per=1000)
        with self._connection.execute(chain) as found:
            for row in (built(AuditRow, each) for each in found):
                if (row.id, row.previous_hash, row.hash) != (expected, previous, row.computed_hash()):
                    return False, expected
                previous, expected = row.hash, expected + 1
        return True, None

    def list(self, limit: int = 100) -> Sequence[AuditRow]:
        """Acts, newest first."""
        rows = self._all(select(*_COLUMNS).order_by(table.c.id.desc()).limit(limit))
        return [built(AuditRow, row) for row in rows]
