"""Fifty clients approve, decline, roll back and stop at once: every proposal ends in one state, and nothing in 5xx."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.serve import make_server
from core.clock import SystemClock
from core.learning import Change, Proposal, ProposalStatus
from execution.commands import take_commands
from execution.safety import KillSwitch
from execution.trader import Trader
from storage.schema import metadata
from storage.stores import Stores
from strategies import registry
from tests.support.api import application
from tests.support.rows import NOON, instance, proposal
from tests.support.trading import idle_trader

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CLIENTS, SECONDS, OPEN_AT_ONCE = 50, 30.0, 8
BTC = "momentum_scalping.BTCUSDT"


@dataclass
class Arena:
    """The server, what waits there, and what was answered: (act, proposal or None, status)."""

    stores: Stores
    base: str
    key: str
    home: Path
    digests: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str | None, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def arena(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Arena]:
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        tx.connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        tx.instances.seed(instance(), registry.get("momentum_scalping").declaration.defaults(), NOON)
        key = tx.keys.create("crowd", ["control"], NOON)[1]
    server = make_server(application(stores, SystemClock(), tmp_path), "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    yield Arena(stores, f"http://127.0.0.1:{server.effective_port}", key, tmp_path)
    server.close()
    stores.close()


def feed(arena: Arena) -> None:
    """Keep some proposals waiting, each on the version in force when it was made."""
    number = 0
    while not arena.over.is_set():
        with arena.stores.begin() as tx:
            current = tx.parameters.current(BTC)
            open_now = len(tx.proposals.list(status=ProposalStatus.AWAITING_REVIEW))
            for _ in range(OPEN_AT_ONCE - open_now):
                number += 1
                made = _proposal(number, current.version, current.values["entry_threshold"])
                tx.proposals.add(made)
                tx.proposals.move(made.id, ProposalStatus.AWAITING_REVIEW, made.created_at)
                arena.digests[made.id] = made.digest
        time.sleep(0.1)


def _proposal(number: int, base: int, before: float) -> Proposal:
    now = SystemClock().now()
    change = Change("entry_threshold", before, round(0.003 + number % 40 * 0.0005, 4), "Fewer false starts.")
    return replace(
        proposal(f"p-{number}", base=base), changes=(change,), created_at=now, expires_at=now + timedelta(days=1)
    )


def trade(arena: Arena, trader: Trader) -> None:
    """The trader's part: take commands as they come."""
    while not arena.over.is_set():
        take_commands(trader, arena.stores, SystemClock())
        time.sleep(0.1)


def crowd(arena: Arena, seed: int) -> None:
    """One client: does whatever comes to its mind."""
    dice = random.Random(seed)
    with httpx.Client(
        base_url=arena.base, headers={"Authorization": f"Bearer {arena.key}"}, timeout=60, trust_env=False
    ) as client:
        while not arena.over.is_set():
            act = dice.choices(("approve", "decline", "rollback", "stop"), (4, 4, 1, 1))[0]
            known = list(arena.digests)[-2 * OPEN_AT_ONCE :]
            if act in ("approve", "decline") and known:
                name = dice.choice(known)
                path, body = f"/api/proposals/{name}/{act}", {"digest": arena.digests[name]}
                arena.answers.append((act, name, client.post(path, json=body).status_code))
            elif act == "rollback":
                back = client.post(f"/api/strategies/{BTC}/rollback", json={"to_version": dice.randint(1, 3)})
                arena.answers.append((act, None, back.status_code))
            elif act == "stop":
                path = f"/api/trading/{dice.choice(('stop', 'start'))}"
                arena.answers.append((act, None, client.post(path, json={}).status_code))


def test_every_proposal_ends_in_exactly_one_state(arena: Arena) -> None:
    trader = idle_trader(arena.stores, SystemClock(), KillSwitch(arena.home / "kill-switch.json"))
    with ThreadPoolExecutor(CLIENTS + 2) as pool:
        running = [pool.submit(feed, arena), pool.submit(trade, arena, trader)]
        running += [pool.submit(crowd, arena, seed) for seed in range(CLIENTS)]
        time.sleep(SECONDS)
        arena.over.set()
        for one in running:
            one.result()
    take_commands(trader, arena.stores, SystemClock())
    statuses = Counter(status for _, _, status in arena.answers)
    assert set(statuses) <= {200, 202, 404, 409}, statuses
    decided = Counter(name for act, name, status in arena.answers if name and status == 200)
    assert decided
    assert max(decided.values()) == 1
    with arena.stores.begin() as tx:
        stored = tx.proposals.list(limit=100_000)
        settled = {name: [one.action for one in tx.proposals.approvals(name)] for name in arena.digests}
        versions = [record.set.version for record in tx.parameters.history(BTC)]
        unfinished = tx.connection.execute(text("SELECT count(*) FROM commands WHERE done_at IS NULL")).scalar_one()
        assert tx.audit.verify() == (True, None)
    assert {one.id for one in stored} == set(arena.digests)
    assert {name for name, acts in settled.items() if acts} == set(decided)
    assert max(map(len, settled.values())) == 1
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert unfinished == 0
    for one in stored:
        if settled[one.id] == ["decline"]:
            assert one.status is ProposalStatus.DECLINED
        elif not settled[one.id]:
            assert one.status in (ProposalStatus.AWAITING_REVIEW, ProposalStatus.EXPIRED)
