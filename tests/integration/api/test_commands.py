"""Every control act: written down with its audit row, taken once by the trader, answered with what became of it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.clock import SimulatedClock
from core.trading import Policy, StrategyInstance
from execution.commands import take_commands
from execution.safety import KillSwitch
from execution.trader import Trader
from storage.stores import Stores
from tests.integration.api.conftest import VALUES
from tests.support.api import Caller
from tests.support.rows import NOON
from tests.support.trading import idle_trader

pytestmark = pytest.mark.integration
BTC = "momentum_scalping.BTCUSDT"

#: Path, body, command kind and what the trader answers.
COMMANDS = [
    ("/api/trading/stop", {"instance_id": BTC}, "stop", {"running": False, "instances": [BTC]}),
    ("/api/trading/stop", {}, "stop", {"running": False, "instances": [BTC]}),
    ("/api/trading/start", {"instance_id": BTC}, "start", {"running": True, "instances": [BTC]}),
    (f"/api/strategies/{BTC}/policy", {"policy": "auto"}, "policy", {"policy": "auto"}),
]

#: Control acts that no trader has to carry out: they are committed before the answer, with their audit row.
AT_ONCE = [
    (f"/api/strategies/{BTC}/parameters", {"values": {"stop_loss": 0.012}, "reason": "Calmer."}, "proposal.enter"),
    (f"/api/strategies/{BTC}/rollback", {"to_version": 1, "note": "Back."}, "parameters.rollback"),
]


@pytest.fixture
def trader(db: Stores, clock: SimulatedClock, tmp_path: Path) -> Trader:
    return idle_trader(db, clock, KillSwitch(tmp_path / "kill-switch.json"))


def stored(db: Stores) -> StrategyInstance:
    with db.begin() as tx:
        return tx.instances.get(BTC)


def audited(db: Stores) -> list[tuple[str, str]]:
    with db.begin() as tx:
        assert tx.audit.verify() == (True, None)
        return [(row.actor, row.action) for row in reversed(tx.audit.list())]


@pytest.mark.parametrize(("path", "body", "kind", "result"), COMMANDS)
def test_a_command_is_audited_taken_and_answered(
    controller: Caller, db: Stores, clock: SimulatedClock, trader: Trader, path: str, body: Any, kind: str, result: Any
) -> None:
    url = (controller.post(path, body).json or {})["url"]
    assert audited(db) == [("key:control", f"command.{kind}")]
    assert (controller.get(url).json or {})["status"] == "waiting"
    assert [take_commands(trader, db, clock) for _ in range(2)] == [1, 0]
    found = controller.get(url).json or {}
    assert (found["kind"], found["status"], found["result"]) == (kind, "done", result)


def test_a_stopped_instance_stays_stopped_for_the_next_trader(
    controller: Caller, db: Stores, clock: SimulatedClock, trader: Trader
) -> None:
    controller.post("/api/trading/stop", {"instance_id": BTC})
    take_commands(trader, db, clock)
    assert stored(db).running is False
    trader.on_market({})
    assert trader.runners[BTC].engine.controls.entries_allowed is False
    controller.post("/api/trading/start", {"instance_id": BTC})
    take_commands(trader, db, clock)
    trader.on_market({})
    assert (stored(db).running, trader.runners[BTC].engine.controls.entries_allowed) == (True, True)


def test_a_policy_is_changed_by_the_trader_alone(
    controller: Caller, db: Stores, clock: SimulatedClock, trader: Trader
) -> None:
    controller.post(f"/api/strategies/{BTC}/policy", {"policy": "observe"})
    assert stored(db).policy is Policy.REVIEW
    take_commands(trader, db, clock)
    assert stored(db).policy is Policy.OBSERVE


def test_a_command_that_dies_halfway_is_taken_again_and_done_once(
    controller: Caller, db: Stores, clock: SimulatedClock, trader: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = (controller.post("/api/trading/stop", {}).json or {})["url"]
    with monkeypatch.context() as broken:
        broken.setattr(trader, "set_running", _die)
        with pytest.raises(SystemExit):
            take_commands(trader, db, clock)
    assert ((controller.get(url).json or {})["status"], stored(db).running) == ("waiting", True)
    assert take_commands(trader, db, clock) == 1
    assert ((controller.get(url).json or {})["status"], stored(db).running) == ("done", False)


def _die(*_: object) -> None:
    raise SystemExit


def test_what_cannot_be_done_is_answered_with_why(
    controller: Caller, db: Stores, clock: SimulatedClock, trader: Trader
) -> None:
    with db.begin() as tx:
        other = StrategyInstance("market_making.ETHUSDT", "market_making", "binance_usdm", "ETHUSDT", stored(db).budget)
        tx.instances.seed(other, {}, NOON)
    url = (controller.post("/api/trading/stop", {"instance_id": other.id}).json or {})["url"]
    take_commands(trader, db, clock)
    found = controller.get(url).json or {}
    assert found["status"] == "failed"
    assert other.id in found["result"]["error"]


@pytest.mark.parametrize(("path", "body", "action"), AT_ONCE)
def test_a_change_of_parameters_is_audited_once_however_often_it_is_sent(
    controller: Caller, db: Stores, path: str, body: Any, action: str
) -> None:
    with db.begin() as tx:
        tx.parameters.commit(BTC, 1, {**VALUES, "stop_loss": 0.015}, "person", None, "", NOON)
    answers = [controller.post(path, body, headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert len({(answer.status_code, answer.data) for answer in answers}) == 1
    assert audited(db) == [("key:control", action)]


def test_of_two_who_roll_back_at_once_one_is_told_that_it_is_done(controller: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.parameters.commit(BTC, 1, {**VALUES, "stop_loss": 0.015}, "person", None, "", NOON)

    def roll_back(_: int) -> int:
        caller = Caller(controller.client.application.test_client(), controller.key)
        return caller.post(f"/api/strategies/{BTC}/rollback", {"to_version": 1}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(roll_back, range(4))) == [200, 409, 409, 409]
    assert audited(db) == [("key:control", "parameters.rollback")]
