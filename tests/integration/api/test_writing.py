"""What the API writes is stored before it answers, once, with a line in the audit chain."""

import threading
from pathlib import Path
from typing import Any

import pytest

from core.clock import SimulatedClock
from execution.safety import KillSwitch
from storage.stores import Stores
from tests.support.api import Caller
from tests.support.rows import MINUTE, NOON, batch

pytestmark = pytest.mark.integration
BTC = "momentum_scalping.BTCUSDT"
FOREIGN = {
    "client_trade_id": "bot-7/1",
    "instance_id": "elsewhere.bot7",
    "strategy": "grid",
    "venue": "binance_usdm",
    "symbol": "BTCUSDT",
    "side": "short",
    "quantity": "0.5",
    "entry_price": "100.00",
    "exit_price": "90.00",
    "opened_at": "2026-11-02T09:00:00+09:00",
    "closed_at": "2026-11-02T01:00:00Z",
    "fees": "0.25",
    "funding": "-0.05",
}


def audited(db: Stores) -> list[str]:
    with db.begin() as tx:
        assert tx.audit.verify() == (True, None)
        return [row.action for row in reversed(tx.audit.list())]


def test_feedback_is_stored_sanitised_before_the_answer(approver: Caller, db: Stores) -> None:
    answered = approver.post("/api/ai-feedback", {"text": "  Ca\u200blm\u202e down,\x00\nplease ", "instance_id": BTC})
    assert answered.status_code == 202
    with db.begin() as tx:
        (note,) = tx.feedback.list()
    assert (note.id, note.text, note.author, note.instance_id) == (
        (answered.json or {})["id"],
        "Calm down, please",
        "key:approve",
        BTC,
    )
    assert audited(db) == ["feedback.add"]


@pytest.mark.parametrize("text", ["", " \u200b\u202e ", "x" * 2001, 5, None, "\ud800"])
def test_feedback_that_nobody_can_read_is_refused(approver: Caller, db: Stores, text: Any) -> None:
    assert approver.post("/api/ai-feedback", {"text": text}).status_code == 422
    with db.begin() as tx:
        assert tx.feedback.list() == []


def test_a_command_waits_and_tells_what_became_of_it(controller: Caller, db: Stores) -> None:
    answered = controller.post("/api/trading/stop", {"instance_id": BTC, "note": "maintenance"})
    assert answered.status_code == 202
    url = (answered.json or {})["url"]
    assert (controller.get(url).json or {})["status"] == "waiting"
    with db.begin() as tx:
        command = tx.commands.take(NOON)
        assert command is not None
        tx.commands.finish(command.id, "done", {"stopped": 1}, command.at)
    found = controller.get(url).json or {}
    assert (found["kind"], found["status"], found["result"], found["actor"]) == (
        "stop",
        "done",
        {"stopped": 1},
        "key:control",
    )
    assert audited(db) == ["command.stop"]


def test_the_same_idempotency_key_is_one_command(controller: Caller, db: Stores, clock: SimulatedClock) -> None:
    sent = {"Idempotency-Key": "order-1"}
    body = {"venue": "binance_usdm", "symbol": "BTCUSDT", "quantity": "0.01"}
    ids = []
    for _ in range(3):
        ids.append((controller.post("/api/orders/manual-buy", body, headers=sent).json or {})["id"])
        clock.move_to(clock.now() + MINUTE)
    assert len(set(ids)) == 1
    assert controller.post("/api/orders/manual-sell", body, headers=sent).status_code == 409
    assert (controller.get(f"/api/commands/{ids[0]}").json or {})["instance_id"] == "manual"
    assert audited(db) == ["command.manual_order"]


def test_live_trading_cannot_be_started(controller: Caller, db: Stores) -> None:
    assert controller.post("/api/trading/start", {"mode": "live"}).status_code == 409
    assert controller.post("/api/trading/start", {"mode": "paper"}).status_code == 202
    assert controller.post("/api/trading/start", {"instance_id": "none"}).status_code == 404


def test_the_kill_switch_is_a_file_with_a_record(
    reader: Caller, controller: Caller, db: Stores, tmp_path: Path
) -> None:
    answered = reader.post("/api/kill-switch/activate", {"reason": "smoke", "flatten": True})
    assert (answered.status_code, (answered.json or {})["recorded"]) == (200, True)
    state = KillSwitch(tmp_path / "kill-switch.json").state()
    assert state is not None
    assert (state.actor, state.reason, state.flatten) == ("key:read", "smoke", True)
    assert (reader.get("/api/kill-switch").json or {})["active"] is True
    refused = [controller.post("/api/kill-switch/deactivate", body).status_code for body in ({}, {"confirm": "yes"})]
    assert (refused, (reader.get("/api/kill-switch").json or {})["active"]) == ([422, 422], True)
    assert controller.post("/api/kill-switch/deactivate", {"confirm": "deactivate"}).status_code == 200
    assert (reader.get("/api/kill-switch").json or {})["active"] is False
    assert audited(db) == ["kill_switch.activate", "kill_switch.deactivate"]


def test_a_foreign_trade_is_journaled_once_with_its_sums(approver: Caller, db: Stores) -> None:
    answers = [approver.post("/api/trades", FOREIGN) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert {(answer.json or {})["id"] for answer in answers} == {"elsewhere.bot7#1"}
    found = approver.get("/api/trades/elsewhere.bot7%231").json or {}
    assert (found["gross_pnl"], found["pnl"], found["source"], found["side"]) == (5.0, 4.7, "api", "short")
    assert found["opened_at"] == "2026-11-02T00:00:00Z"
    assert audited(db) == ["trade.ingest"]


def test_a_known_trade_id_with_other_content_is_a_conflict(approver: Caller) -> None:
    approver.post("/api/trades", FOREIGN)
    assert approver.post("/api/trades", {**FOREIGN, "exit_price": "91"}).status_code == 409


def test_nobody_writes_into_the_journal_of_an_instance_that_runs_here(approver: Caller) -> None:
    assert approver.post("/api/trades", {**FOREIGN, "instance_id": BTC}).status_code == 409


def test_the_same_trade_sent_by_many_at_once_is_stored_once(approver: Caller, db: Stores) -> None:
    statuses: list[int] = []

    def send() -> None:
        caller = Caller(approver.client.application.test_client(), approver.key)
        statuses.append(caller.post("/api/trades", FOREIGN).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [201]


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "NaN"},
        {"quantity": "0"},
        {"quantity": "1e400"},
        {"closed_at": "2026-11-01T00:00:00Z"},
        {"closed_at": "2026-11-02T01:00:00"},
        {"opened_at": "0001-01-01T00:00:00+14:00"},
        {"side": "up"},
        {"symbol": "a b"},
        {"client_trade_id": ""},
        {"fees": -1},
    ],
)
def test_a_foreign_trade_that_cannot_be_true_is_refused(approver: Caller, change: dict[str, Any]) -> None:
    assert approver.post("/api/trades", {**FOREIGN, **change}).status_code == 422


def test_our_own_trades_have_no_client_id(approver: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(1))
    assert (approver.get(f"/api/trades?instance_id={BTC}").json or {})["items"][0]["client_trade_id"] is None
