"""A person's order from the API to the journal and back to its answer; strategies never see it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.clock import MINUTE_MS, SimulatedClock, to_ms
from core.market import Bars, FundingRates
from execution.commands import take_commands
from execution.manual.desk import ManualDesk
from execution.safety import KillSwitch
from storage.stores import Stores
from tests.support.api import Caller
from tests.support.rows import MINUTE, NOON, instance
from tests.support.trading import BTC, idle_trader
from tests.unit.markets import account

pytestmark = pytest.mark.integration

MARKET = "binance_usdm/BTCUSDT"


class House:
    """The API's callers and the trading process's part, minute by minute."""

    def __init__(self, db: Stores, clock: SimulatedClock, switch: KillSwitch, caller: Caller) -> None:
        self.trader = idle_trader(db, clock, switch)
        self.desk = ManualDesk(db, {MARKET: BTC}, account(), switch, clock)
        self.db, self.clock, self.switch, self.caller = db, clock, switch, caller

    def ask(self, side: str, quantity: str, **changes: str) -> str:
        """Send an order; returns where its answer will be."""
        body = {"venue": "binance_usdm", "symbol": "BTCUSDT", "quantity": quantity, **changes}
        answered = self.caller.post(f"/api/orders/manual-{side}", body)
        assert answered.status_code == 202
        return str((answered.json or {})["url"])

    def minute(self, price: float, *, volume: float = 1e6, funding: float | None = None) -> int:
        """Take the commands, then let the next minute's bar pass."""
        take_commands(self.trader, self.db, self.clock)
        opened = self.clock.now()
        self.clock.move_to(opened + MINUTE)
        bars = _bar(opened, price, volume)
        paid = FundingRates(bars.time, np.array([funding])) if funding is not None else None
        with self.db.begin() as tx:
            tx.bars.append("binance_usdm", "BTCUSDT", bars, paid, simulated=True)
        return self.desk.meet({MARKET: bars})

    def get(self, url: str) -> dict[str, Any]:
        return dict(self.caller.get(url).json or {})


def _bar(opened: datetime, price: float, volume: float) -> Bars:
    columns = [np.array([value]) for value in (price, price + 2, price - 1, price, volume)]
    return Bars(np.array([to_ms(opened)]), *columns, MINUTE_MS)


@pytest.fixture
def house(db: Stores, clock: SimulatedClock, tmp_path: Path, controller: Caller) -> House:
    return House(db, clock, KillSwitch(tmp_path / "kill-switch.json"), controller)


def test_an_order_fills_at_the_next_open_and_its_command_says_so(house: House) -> None:
    url = house.ask("buy", "0.5")
    assert house.get(url)["status"] == "waiting"
    assert house.minute(100.0) == 1
    found = house.get(url)
    assert (found["status"], found["result"]["price"], found["result"]["quantity"]) == ("done", "100.01", "0.500")
    assert found["result"]["filled_at"] == (NOON + timedelta(hours=1)).isoformat()
    (position,) = house.get("/api/positions?instance_id=manual")["items"]
    assert (position["symbol"], position["quantity"], position["entry_price"]) == ("BTCUSDT", 0.5, 100.01)
    (order,) = house.get("/api/orders?instance_id=manual")["items"]
    assert (order["side"], order["status"], order["symbol"]) == ("buy", "filled", "BTCUSDT")
    (decision,) = house.get("/api/decisions/BTCUSDT")["items"]
    assert (decision["instance_id"], decision["fate"], decision["kind"]) == ("manual", "executed", "entry")


def test_a_round_trip_is_a_trade_with_fees_and_funding(house: House) -> None:
    house.ask("buy", "1")
    house.minute(100.0)
    house.minute(104.0, funding=0.001)
    url = house.ask("sell", "1")
    house.minute(110.0)
    assert house.get(url)["result"]["trades"] == ["manual#1"]
    trade = house.get("/api/trades/manual%231")
    assert (trade["entry_price"], trade["exit_price"], trade["exit_reason"]) == (100.01, 109.98, "manual")
    assert trade["gross_pnl"] == pytest.approx(9.97)
    assert trade["fees"] == pytest.approx((100.01 + 109.98) * 0.0005)
    assert trade["funding"] == pytest.approx(-0.104)
    assert trade["pnl"] == pytest.approx(trade["gross_pnl"] - trade["fees"] - 0.104)
    assert (trade["bars_held"], trade["mae"], trade["mfe"]) == (
        2,
        pytest.approx(1.01 / 100.01),
        pytest.approx(9.97 / 100.01),
    )
    assert house.get("/api/positions")["items"] == []


def test_an_order_may_turn_a_position_around(house: House) -> None:
    house.ask("buy", "1")
    house.minute(100.0)
    url = house.ask("sell", "3")
    house.minute(100.0)
    assert (house.get(url)["result"]["position"], house.get(url)["result"]["trades"]) == ("-2.000", ["manual#1"])


def test_no_strategy_total_counts_a_manual_trade(house: House) -> None:
    house.ask("buy", "1")
    house.minute(100.0)
    house.ask("sell", "1")
    house.minute(110.0)
    pnl = house.get("/api/pnl")
    assert [item["instance_id"] for item in pnl["items"]] == ["manual"]
    assert (pnl["trades"], pnl["net_pnl"]) == (0, 0.0)
    assert house.get("/api/pnl?instance_id=manual")["trades"] == 1
    assert {item["name"]: item["value"] for item in house.get("/api/kpi")["items"]}["trades"] == 0
    assert [item["id"] for item in house.get("/api/strategies")["items"]] == [instance().id]


@pytest.mark.parametrize(
    ("quantity", "volume", "reason"),
    [("0.01", 1e6, "too_small"), ("1", 0.0, "no_volume"), ("200", 1e6, "max_notional")],
)
def test_what_cannot_be_filled_is_refused_with_its_reason(
    house: House, quantity: str, volume: float, reason: str
) -> None:
    url = house.ask("buy", quantity)
    house.minute(100.0, volume=volume)
    assert (house.get(url)["status"], house.get(url)["result"]["reason"]) == ("failed", reason)
    (decision,) = house.get("/api/decisions?fate=refused")["items"]
    assert decision["reason"] == reason
    assert house.get("/api/orders")["items"] == []


def test_a_market_that_nobody_follows_fails_at_once(house: House) -> None:
    url = house.ask("buy", "1", symbol="NONEUSDT")
    house.minute(100.0)
    assert house.get(url)["status"] == "failed"
    assert MARKET in house.get(url)["result"]["error"]


def test_the_kill_switch_refuses_what_opens_and_lets_out_what_closes(house: House) -> None:
    house.ask("buy", "1")
    house.minute(100.0)
    house.switch.activate(actor="person", at=house.clock.now())
    opening, closing = house.ask("buy", "1"), house.ask("sell", "1")
    house.minute(100.0)
    assert house.get(opening)["result"]["reason"] == "kill_switch"
    assert house.get(closing)["result"]["trades"] == ["manual#1"]


def test_a_kill_switch_that_flattens_closes_manual_positions_too(house: House) -> None:
    house.ask("sell", "1")
    house.minute(100.0)
    house.switch.activate(actor="person", at=house.clock.now(), flatten=True)
    assert [house.minute(100.0), house.minute(100.0)] == [1, 0]
    assert house.get("/api/trades/manual%231")["exit_reason"] == "flatten"


def test_an_order_whose_bar_comes_too_late_is_stale(house: House) -> None:
    url = house.ask("buy", "1")
    take_commands(house.trader, house.db, house.clock)
    house.clock.move_to(house.clock.now() + timedelta(minutes=11))
    house.minute(100.0)
    assert house.get(url)["result"]["reason"] == "stale"


def test_an_order_is_filled_once_although_the_desk_died_in_between(house: House, monkeypatch: Any) -> None:
    url = house.ask("buy", "1")
    with monkeypatch.context() as broken:
        broken.setattr("execution.manual.books.Books.keep", _die)
        with pytest.raises(SystemExit):
            house.minute(100.0)
    assert house.get("/api/orders")["items"] == []
    assert house.get(url)["status"] == "taken"
    assert [house.minute(101.0), house.minute(102.0)] == [1, 0]
    assert len(house.get("/api/orders")["items"]) == 1
    assert house.get(url)["result"]["price"] == "101.02"


def _die(*_: object) -> None:
    raise SystemExit


def test_nobody_journals_foreign_trades_under_the_name_of_the_desk(house: House) -> None:
    sent = {"client_trade_id": "x", "strategy": "s", "venue": "v", "symbol": "S", "side": "long", "quantity": 1}
    moments = {"opened_at": NOON.isoformat(), "closed_at": NOON.isoformat()}
    body = {**sent, **moments, "instance_id": "manual", "entry_price": 1, "exit_price": 1}
    assert house.caller.post("/api/trades", body).status_code == 409
