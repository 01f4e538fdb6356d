"""The client of examples/ against the application: it knows nothing but HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from flask import Flask

from core.clock import SimulatedClock
from core.learning import ProposalStatus
from examples.client import Tradeloop, TradeloopError
from execution.commands import take_commands
from execution.safety import KillSwitch
from storage.stores import Stores
from tests.integration.api.conftest import key_of
from tests.support.rows import NOON, batch, proposal
from tests.support.trading import idle_trader

pytestmark = pytest.mark.integration
BTC = "momentum_scalping.BTCUSDT"


class Counted(httpx.WSGITransport):
    """Remembers the status of every answer."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app=app)
        self.statuses: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answered = super().handle_request(request)
        self.statuses.append(answered.status_code)
        return answered


@pytest.fixture
def transport(app: Flask) -> Counted:
    return Counted(app)


@pytest.fixture
def tradeloop(transport: Counted, db: Stores) -> Iterator[Tradeloop]:
    with Tradeloop("http://localhost", key_of(db, "control"), transport=transport) as client:
        yield client


def test_it_approves_what_waits(tradeloop: Tradeloop, db: Stores) -> None:
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    (waiting,) = tradeloop.proposals(status="awaiting_review")
    assert tradeloop.approve(waiting, note="Looks right.")["status"] == "approved"
    with pytest.raises(TradeloopError) as refused:
        tradeloop.decline(waiting)
    assert (refused.value.status, refused.value.code) == (409, "illegal_move")
    assert tradeloop.roll_back(BTC, 1)["version"] == 3


def test_it_walks_through_every_page(tradeloop: Tradeloop, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(*range(1, 8)))
    assert [trade["id"] for trade in tradeloop.trades(limit="3")] == [f"{BTC}#{seq}" for seq in range(7, 0, -1)]


def test_what_has_not_changed_is_not_sent_again(tradeloop: Tradeloop, transport: Counted) -> None:
    assert tradeloop.insights() == tradeloop.insights()
    assert transport.statuses == [200, 304]


def test_it_waits_for_the_answer_of_a_command(
    tradeloop: Tradeloop, db: Stores, clock: SimulatedClock, app: Flask
) -> None:
    command = tradeloop.stop(BTC, note="maintenance")
    with pytest.raises(TimeoutError):
        tradeloop.outcome(command, timeout=0.0)
    switch: KillSwitch = app.extensions["tradeloop"].kill_switch
    take_commands(idle_trader(db, clock, switch), db, clock)
    assert tradeloop.outcome(command)["result"] == {"running": False, "instances": [BTC]}


def test_it_leaves_notes_enters_changes_and_pulls_the_brake(tradeloop: Tradeloop) -> None:
    assert tradeloop.feedback("Calmer, please.").startswith("fb-")
    assert tradeloop.change(BTC, {"stop_loss": 0.012}, "Calmer.")["status"] == "draft"
    assert tradeloop.pull_kill_switch("smoke")["active"] is True
    assert tradeloop.status()["kill_switch"]["active"] is True
    assert tradeloop.release_kill_switch()["active"] is False
    assert [one["id"] for one in tradeloop.strategies()] == [BTC]
