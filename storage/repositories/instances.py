"""Strategy instances: seeded once from the settings; afterwards what is stored wins."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from core.errors import NotFound
from core.parameters import ParameterSet
from core.trading import Mode, Policy, StrategyInstance
from storage.repositories.base import Repository
from storage.repositories.parameters import Parameters, exact
from storage.schema import strategy_instances as table

SEEDED_BY = "seed"
_LIVES_IN_STORE = ("id", "running")


class Instances(Repository):
    """Strategies on one symbol and venue."""

    def seed(self, instance: StrategyInstance, values: Mapping[str, float], at: datetime) -> Sequence[str]:
        """Store `instance` with parameter version 1 unless it is stored; then return how the settings differ.

        Values are compared with version 1, since later versions are meant to differ. Whether it runs is not compared.
        """
        row = {f.name: getattr(instance, f.name) for f in fields(instance)}
        row |= {"settings": dict(instance.settings), "current_version": 1, "created_at": at}
        if not self._changes(insert(table).values(row).on_conflict_do_nothing()):
            return self._differences(instance, values)
        parameters = Parameters(self._connection)
        first = ParameterSet(instance.id, 1, exact(values), SEEDED_BY)
        parameters.store(first, "Seeded from the settings.", at)
        parameters.record_sent(first, at)
        return []

    def get(self, instance_id: str) -> StrategyInstance:
        """The instance; raises NotFound."""
        row = self._first(select(table).where(table.c.id == instance_id))
        if row is None:
            raise _missing(instance_id)
        return _instance(row)

    def list(self) -> Sequence[StrategyInstance]:
        """All instances in the order of their ids."""
        return [_instance(row) for row in self._all(select(table).order_by(table.c.id))]

    def set_running(self, instance_id: str, running: bool) -> None:
        """Start or stop it; raises NotFound."""
        self._set(instance_id, running=running)

    def set_policy(self, instance_id: str, policy: Policy) -> None:
        """Say who applies what the gate passed; raises NotFound."""
        self._set(instance_id, policy=policy)

    def _set(self, instance_id: str, **values: Any) -> None:
        if not self._changes(update(table).where(table.c.id == instance_id).values(values)):
            raise _missing(instance_id)

    def _differences(self, wanted: StrategyInstance, values: Mapping[str, float]) -> Sequence[str]:
        stored = self.get(wanted.id)
        names = [f.name for f in fields(wanted) if f.name not in _LIVES_IN_STORE]
        pairs = [(name, getattr(wanted, name), getattr(stored, name)) for name in names]
        first = Parameters(self._connection).at(wanted.id, 1).values
        pairs += [(name, value, first.get(name)) for name, value in values.items()]
        return [
            f"{wanted.id}: the settings say {name} = {ours}, but {theirs} is stored and stays."
            for name, ours, theirs in pairs
            if ours != theirs
        ]


def _missing(instance_id: str) -> NotFound:
    return NotFound(f"There is no strategy instance {instance_id!r}.", field="instance_id")


def _instance(row: Row[Any]) -> StrategyInstance:
    values = {f.name: getattr(row, f.name) for f in fields(StrategyInstance)}
    return StrategyInstance(**{**values, "mode": Mode(row.mode), "policy": Policy(row.policy)})
