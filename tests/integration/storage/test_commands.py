"""Commands: queued once, taken once, answered once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.errors import Conflict, NotFound
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON

pytestmark = pytest.mark.integration


def add(stores: Stores, kind: str = "stop", key: str | None = None) -> int:
    with stores.begin() as tx:
        return tx.commands.add(kind, "a", {"why": "test"}, "anna", key, NOON)


def test_every_command_is_taken_by_exactly_one_of_four_threads(db: Stores) -> None:
    added = [add(db) for _ in range(40)]
    together = Barrier(4)

    def work(_: int) -> list[int]:
        together.wait()
        taken = []
        while True:
            with db.begin() as tx:
                command = tx.commands.take(NOON)
            if command is None:
                return taken
            taken.append(command.id)

    with ThreadPoolExecutor(4) as pool:
        taken = [command_id for ids in pool.map(work, range(4)) for command_id in ids]
    assert sorted(taken) == added


def test_commands_are_taken_in_order_and_answered_once(db: Stores) -> None:
    first, second = add(db), add(db, "start")
    with db.begin() as tx:
        command = tx.commands.take(NOON + MINUTE)
        assert command is not None
        assert (command.id, command.kind, command.payload, command.status) == (first, "stop", {"why": "test"}, "taken")
        assert [c.id for c in tx.commands.unanswered()] == [first]
        tx.commands.finish(first, "done", {"stopped": True}, NOON + MINUTE)
        answered = tx.commands.get(first)
        assert (answered.status, answered.result, answered.done_at) == ("done", {"stopped": True}, NOON + MINUTE)
        assert tx.commands.unanswered() == []
        for wrong in (first, second, 99):
            with pytest.raises(Conflict):
                tx.commands.finish(wrong, "done", {}, NOON)
        with pytest.raises(NotFound):
            tx.commands.get(99)


def test_a_transaction_that_fails_gives_its_command_back(db: Stores) -> None:
    only = add(db)
    with pytest.raises(NotFound), db.begin() as tx:
        _ = tx.commands.take(NOON), tx.commands.get(99)
    with db.begin() as tx:
        assert getattr(tx.commands.take(NOON), "id", None) == only


def test_the_same_idempotency_key_queues_once(db: Stores) -> None:
    together = Barrier(4)

    def work(_: int) -> int:
        together.wait()
        return add(db, key="k1")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(4)))) == 1
    with pytest.raises(Conflict, match="idempotency"):
        add(db, "start", key="k1")
    assert add(db, key="k2") != add(db, key=None)
