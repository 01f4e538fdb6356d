"""Commands: what people ask of the trader, taken exactly once and answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from core.errors import Conflict, NotFound
from storage.repositories.base import Repository, built
from storage.schema import commands as table

Answered = Literal["done", "failed"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command and what became of it: `status` is waiting, taken, done or failed."""

    id: int
    kind: str
    instance_id: str | None
    payload: Mapping[str, Any]
    actor: str
    status: str
    result: Mapping[str, Any] | None
    at: datetime
    taken_at: datetime | None
    done_at: datetime | None


_COLUMNS = [table.c[f.name] for f in fields(Command)]


class Commands(Repository):
    """The queue between people and the trader."""

    def add(
        self,
        kind: str,
        instance_id: str | None,
        payload: Mapping[str, Any],
        actor: str,
        idempotency_key: str | None,
        at: datetime,
    ) -> int:
        """Queue a command and return its id. The same key again returns the first id; raises Conflict when the key
        was used for another command."""
        statement = insert(table).values(
            kind=kind,
            instance_id=instance_id,
            payload=dict(payload),
            actor=actor,
            idempotency_key=idempotency_key,
            status="waiting",
            at=at,
        )
        once = statement.on_conflict_do_nothing(index_elements=["idempotency_key"])
        added = self._first(once.returning(table.c.id))
        if added is not None:
            return int(added.id)
        first = self._all(select(*_COLUMNS).where(table.c.idempotency_key == idempotency_key))[0]
        if (first.kind, first.instance_id, first.payload) != (kind, instance_id, dict(payload)):
            raise Conflict("That idempotency key belongs to another command.", field="idempotency_key")
        return int(first.id)

    def take(self, now: datetime) -> Command | None:
        """The oldest waiting command, now this caller's alone; None when nothing waits."""
        oldest = select(table.c.id).where(table.c.status == "waiting").order_by(table.c.id).limit(1)
        taken = update(table).where(table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        row = self._first(taken.values(status="taken", taken_at=now).returning(*_COLUMNS))
        return built(Command, row) if row else None

    def finish(self, command_id: int, status: Answered, result: Mapping[str, Any], at: datetime) -> None:
        """Answer a command; raises Conflict unless it was taken and not answered."""
        open_one = update(table).where(table.c.id == command_id, table.c.status == "taken")
        if not self._changes(open_one.values(status=status, result=dict(result), done_at=at)):
            raise Conflict(f"Command {command_id} is not being worked on.", field="id")

    def get(self, command_id: int) -> Command:
        """The command; raises NotFound."""
        found = self._read(select(*_COLUMNS).where(table.c.id == command_id))
        if not found:
            raise NotFound(f"There is no command {command_id}.", field="id")
        return found[0]

    def unanswered(self) -> Sequence[Command]:
        """Commands that were taken and never answered: the trader died in between. Oldest first."""
        return self._read(select(*_COLUMNS).where(table.c.status == "taken").order_by(table.c.id))

    def _read(self, statement: Select[Any]) -> Sequence[Command]:
        return [built(Command, row) for row in self._all(statement)]
