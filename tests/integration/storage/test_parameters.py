"""Instances and their parameter versions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from core.errors import BaseMoved, NotFound
from core.parameters import ParameterSet
from core.trading import Policy
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON, VALUES, instance

pytestmark = pytest.mark.integration
ID = instance().id


def commit(stores: Stores, base: int, values: dict[str, float]) -> ParameterSet:
    with stores.begin() as tx:
        return tx.parameters.commit(ID, base, values, "person", "p1", "tighter", NOON)


def test_an_instance_is_seeded_once_and_differences_are_said(db: Stores) -> None:
    with db.begin() as tx:
        assert tx.instances.seed(instance(), VALUES, NOON) == []
        assert tx.instances.seed(instance(), VALUES, NOON) == []
        other = replace(instance(), policy=Policy.AUTO, running=False)
        warnings = tx.instances.seed(other, {**VALUES, "stop_loss": 0.02}, NOON)
        stored = tx.instances.get(ID)
    assert [("policy" in w, "stop_loss = 0.02" in w) for w in warnings] == [(True, False), (False, True)]
    assert stored == instance()


def test_running_and_policy_are_changed_by_commands_only(seeded: Stores) -> None:
    with seeded.begin() as tx:
        tx.instances.set_running(ID, False)
        tx.instances.set_policy(ID, Policy.OBSERVE)
        assert tx.instances.list() == [replace(instance(), running=False, policy=Policy.OBSERVE)]
        with pytest.raises(NotFound):
            tx.instances.set_running("nobody", True)


def test_a_seed_has_the_digest_of_what_is_stored(db: Stores) -> None:
    with db.begin() as tx:
        tx.instances.seed(instance(), {"stop_loss": -0.0, "size": 3}, NOON)
        assert tx.parameters.history(ID)[0].set.digest == tx.parameters.current(ID).digest
        assert tx.parameters.acknowledge(ID, 1, tx.parameters.current(ID).digest, NOON)


def test_a_commit_makes_the_next_version(seeded: Stores) -> None:
    made = commit(seeded, 1, {**VALUES, "stop_loss": -0.0})
    with seeded.begin() as tx:
        assert tx.parameters.current(ID) == made
        assert tx.parameters.current(ID).digest == made.digest
        assert tx.parameters.all_current() == [made]
        assert tx.parameters.at(ID, 1).values == VALUES
        versions = [record.set.version for record in tx.parameters.history(ID)]
    assert (made.version, made.parent, versions) == (2, 1, [2, 1])


def test_of_two_racing_commits_one_wins_and_the_other_hears_that_the_base_moved(seeded: Stores) -> None:
    together = Barrier(2)

    def race(stop: float) -> ParameterSet | BaseMoved:
        together.wait()
        try:
            return commit(seeded, 1, {**VALUES, "stop_loss": stop})
        except BaseMoved as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(race, [0.02, 0.03]))
    winners = [result for result in results if isinstance(result, ParameterSet)]
    assert [winner.version for winner in winners] == [2]
    with seeded.begin() as tx:
        assert tx.parameters.current(ID) == winners[0]
        assert len(tx.parameters.history(ID)) == 2


def test_only_the_digest_of_the_version_proves_it(seeded: Stores) -> None:
    made = commit(seeded, 1, {**VALUES, "stop_loss": 0.02})
    later = NOON + MINUTE
    with seeded.begin() as tx:
        tx.parameters.record_sent(made, NOON)
        assert [w.version for w in tx.parameters.waiting(later)] == [2]
        assert not tx.parameters.acknowledge(ID, 2, "other", later)
        assert [w.version for w in tx.parameters.waiting(later)] == [2]
        assert tx.parameters.acknowledge(ID, 2, made.digest, later)
        assert tx.parameters.waiting(later + timedelta(days=1)) == []
        assert not tx.parameters.acknowledge(ID, 9, made.digest, later)


def test_the_first_acknowledgement_and_the_first_trade_keep_their_times(seeded: Stores) -> None:
    with seeded.begin() as tx:
        digest = tx.parameters.current(ID).digest
        for minute in (1, 2):
            tx.parameters.acknowledge(ID, 1, digest, NOON + minute * MINUTE)
            tx.parameters.first_trade(ID, 1, NOON + minute * MINUTE, seq=minute)
        record = tx.parameters.history(ID)[0]
    assert (record.sent_at, record.acknowledged_at, record.first_trade_at) == (NOON, NOON + MINUTE, NOON + MINUTE)


def test_a_stopped_instance_does_not_wait_for_an_acknowledgement(seeded: Stores) -> None:
    with seeded.begin() as tx:
        assert len(tx.parameters.waiting(NOON + MINUTE)) == 1
        tx.instances.set_running(ID, False)
        assert tx.parameters.waiting(NOON + MINUTE) == []
