"""Parameter sets: versions per instance, and the proof that a running strategy reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.errors import BaseMoved, NotFound
from core.parameters import ParameterSet
from storage.repositories.base import Repository, built
from storage.schema import parameter_applications as sent
from storage.schema import parameter_sets as sets
from storage.schema import strategy_instances as instances


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """A version with its life: stored, sent to Redis, read back by the strategy, first traded with (UTC)."""

    set: ParameterSet
    created_at: datetime
    note: str
    sent_at: datetime | None
    acknowledged_at: datetime | None
    first_trade_at: datetime | None


@dataclass(frozen=True, slots=True)
class Application:
    """A version on its way to the running strategy."""

    instance_id: str
    version: int
    digest: str
    sent_at: datetime


class Parameters(Repository):
    """Immutable, versioned values of every instance."""

    def current(self, instance_id: str) -> ParameterSet:
        """The version in force; raises NotFound."""
        current = and_(sets.c.instance_id == instances.c.id, sets.c.version == instances.c.current_version)
        row = self._first(select(sets).join(instances, current).where(instances.c.id == instance_id))
        if row is None:
            raise NotFound(f"There is no strategy instance {instance_id!r}.", field="instance_id")
        return _set(row)

    def all_current(self) -> list[ParameterSet]:
        """The versions in force of all instances."""
        current = and_(sets.c.instance_id == instances.c.id, sets.c.version == instances.c.current_version)
        return [_set(row) for row in self._all(select(sets).join(instances, current).order_by(instances.c.id))]

    def at(self, instance_id: str, version: int) -> ParameterSet:
        """One version; raises NotFound."""
        row = self._first(select(sets).where(sets.c.instance_id == instance_id, sets.c.version == version))
        if row is None:
            raise NotFound(f"{instance_id!r} has no parameter version {version}.", field="version")
        return _set(row)

    def history(self, instance_id: str) -> list[ParameterRecord]:
        """All versions of an instance, newest first."""
        joined = and_(sent.c.instance_id == sets.c.instance_id, sent.c.version == sets.c.version)
        life = (sent.c.sent_at, sent.c.acknowledged_at, sent.c.first_trade_at)
        statement = select(sets, *life).outerjoin(sent, joined).where(sets.c.instance_id == instance_id)
        return [_record(row) for row in self._all(statement.order_by(sets.c.version.desc()))]

    def commit(
        self,
        instance_id: str,
        base_version: int,
        values: Mapping[str, float],
        author: str,
        proposal_id: str | None,
        note: str,
        at: datetime,
    ) -> ParameterSet:
        """Make `values` the next version. Raises NotFound, or BaseMoved when the version in force is not the base."""
        locked = select(instances.c.current_version).where(instances.c.id == instance_id).with_for_update()
        row = self._first(locked)
        if row is None:
            raise NotFound(f"There is no strategy instance {instance_id!r}.", field="instance_id")
        if row.current_version != base_version:
            raise BaseMoved(
                f"{instance_id} has parameter version {row.current_version}, the change was made for {base_version}.",
                field="base_version",
                remedy="Make the change again on the version in force.",
            )
        following = ParameterSet(instance_id, base_version + 1, exact(values), author, base_version, proposal_id)
        self.store(following, note, at)
        moved = update(instances).where(instances.c.id == instance_id).values(current_version=following.version)
        self._connection.execute(moved)
        return following

    def store(self, parameters: ParameterSet, note: str, at: datetime) -> None:
        """Keep one version."""
        row = {
            "instance_id": parameters.instance_id,
            "version": parameters.version,
            "parent": parameters.parent,
            "values": dict(parameters.values),
            "digest": parameters.digest,
            "author": parameters.author,
            "proposal_id": parameters.proposal_id,
            "note": note,
            "created_at": at,
        }
        self._connection.execute(insert(sets).values(row))

    def record_sent(self, parameters: ParameterSet, at: datetime) -> None:
        """Note that a version goes out to its strategy. Sending it again keeps the first time."""
        row = {
            "instance_id": parameters.instance_id,
            "version": parameters.version,
            "digest": parameters.digest,
            "sent_at": at,
        }
        self._connection.execute(upsert(sent).values(row).on_conflict_do_nothing())

    def acknowledge(self, instance_id: str, version: int, digest: str, at: datetime) -> bool:
        """Note the digest of the values that the strategy's step reads; True if it proves that version."""
        proven = sent.c.digest == digest
        statement = (
            update(sent)
            .where(sent.c.instance_id == instance_id, sent.c.version == version)
            .values(
                acknowledged_digest=digest,
                acknowledged_at=case((proven, func.coalesce(sent.c.acknowledged_at, at)), else_=None),
            )
            .returning(sent.c.acknowledged_at)
        )
        row = self._first(statement)
        return row is not None and row.acknowledged_at is not None

    def first_trade(self, instance_id: str, version: int, at: datetime, seq: int) -> None:
        """Note the first trade that was entered with a version; later trades change nothing."""
        first = and_(sent.c.instance_id == instance_id, sent.c.version == version, sent.c.first_trade_at.is_(None))
        self._connection.execute(update(sent).where(first).values(first_trade_at=at, first_trade_seq=seq))

    def waiting(self, older_than: datetime) -> list[Application]:
        """Versions in force of running instances, sent before `older_than`, that nobody has read back."""
        in_force = and_(sent.c.instance_id == instances.c.id, sent.c.version == instances.c.current_version)
        silent = and_(sent.c.acknowledged_at.is_(None), sent.c.sent_at < older_than, instances.c.running)
        columns = (sent.c.instance_id, sent.c.version, sent.c.digest, sent.c.sent_at)
        rows = self._all(select(*columns).join(instances, in_force).where(silent).order_by(sent.c.sent_at))
        return [built(Application, row) for row in rows]


def exact(values: Mapping[str, float]) -> dict[str, float]:
    """Floats that come back from jsonb as they went in: it knows no minus zero."""
    return {name: float(value) + 0.0 for name, value in values.items()}


def _set(row: Row[Any]) -> ParameterSet:
    values = {name: float(value) for name, value in row.values.items()}
    return ParameterSet(row.instance_id, row.version, values, row.author, row.parent, row.proposal_id)


def _record(row: Row[Any]) -> ParameterRecord:
    return ParameterRecord(_set(row), row.created_at, row.note, row.sent_at, row.acknowledged_at, row.first_trade_at)
