"""Safety events: one open row per incident, closed when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.ports import Severity
from storage.repositories.base import Repository, built
from storage.schema import safety_events as table


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """An incident from its first sign to its end (UTC); `ended_at` None while it lasts."""

    id: int
    incident: str
    severity: str
    instance_id: str | None
    text: str
    detail: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None


_COLUMNS = [table.c[f.name] for f in fields(SafetyEvent)]


class Safety(Repository):
    """What went wrong, once per incident."""

    def open(
        self,
        incident: str,
        severity: Severity,
        text_: str,
        detail: Mapping[str, Any],
        instance_id: str | None,
        at: datetime,
    ) -> bool:
        """Begin an incident; True only for the first caller while it is open."""
        statement = insert(table).values(
            incident=incident,
            severity=severity,
            instance_id=instance_id,
            text=text_,
            detail=dict(detail),
            started_at=at,
        )
        still_open = text("ended_at IS NULL")
        return self._changes(statement.on_conflict_do_nothing(index_elements=["incident"], index_where=still_open))

    def close(self, incident: str, at: datetime) -> bool:
        """End an incident; False when it was not open."""
        still_open = update(table).where(table.c.incident == incident, table.c.ended_at.is_(None))
        return self._changes(still_open.values(ended_at=at))

    def active(self) -> Sequence[SafetyEvent]:
        """Incidents that have not ended, oldest first."""
        return self._read(select(*_COLUMNS).where(table.c.ended_at.is_(None)).order_by(table.c.id))

    def list(self, limit: int = 100) -> Sequence[SafetyEvent]:
        """Incidents, newest first."""
        return self._read(select(*_COLUMNS).order_by(table.c.id.desc()).limit(limit))

    def _read(self, statement: Select[Any]) -> Sequence[SafetyEvent]:
        return [built(SafetyEvent, row) for row in self._all(statement)]
