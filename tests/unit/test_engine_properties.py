"""What must hold on any market: no look-ahead, free of scale and calendar, money that adds up, limits that bind."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import DAY_MS, MINUTE_MS
from core.market import Bars, FundingRates, Instrument
from core.trading import ExitReason, RefusalReason
from execution.account import Account, RiskLimits
from execution.backtest import BacktestResult, backtest
from execution.engine import Engine
from execution.marketdata import MarketData
from strategies import registry
from tests.unit.markets import PERPETUAL, START_MS, WIDE, account, wild_market

NAMES = ["market_making", "momentum_scalping"]
GRIDLESS = Instrument("test_usdm", "AAAUSDT", Decimal(0), Decimal(0), Decimal(0), Decimal(0))
FUNDING = FundingRates(START_MS + 3_600_000 * np.arange(1, 100), np.full(99, 2e-4))


def played(name: str, bars: Bars, instrument: Instrument = PERPETUAL, limits: RiskLimits = WIDE) -> BacktestResult:
    return backtest(registry.get(name), MarketData(instrument, bars, FUNDING), {}, account(limits))


def transformed(bars: Bars, price: float = 1.0, volume: float = 1.0, shift_ms: int = 0) -> Bars:
    prices = [column * price for column in (bars.open, bars.high, bars.low, bars.close)]
    return Bars(bars.time + shift_ms, *prices, bars.volume * volume)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(300, 2900), seed=st.integers(0, 2**20))
def test_replacing_all_later_bars_changes_nothing_before_them(name: str, cut: int, seed: int) -> None:
    truth = wild_market(bars=3000)
    other = transformed(wild_market(seed=seed, bars=3000), price=7.0)
    joined = Bars(
        truth.time,
        *[
            np.concatenate([getattr(truth, field)[:cut], getattr(other, field)[cut:]])
            for field in ("open", "high", "low", "close", "volume")
        ],
    )
    before, after = played(name, truth), played(name, joined)
    assert before.equity[:cut].tobytes() == after.equity[:cut].tobytes()
    end = truth.time[cut]
    for rows, field in (("fills", "time"), ("trades", "exit_time")):
        left, right = getattr(before, rows), getattr(after, rows)
        assert left[left[field] < end].tobytes() == right[right[field] < end].tobytes()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("power", [-7, 5])
def test_scaling_all_prices_scales_quantities_the_other_way_and_leaves_the_money(name: str, power: int) -> None:
    scale = 2.0**power
    bars = wild_market()
    base = played(name, bars, GRIDLESS)
    scaled = played(name, transformed(bars, price=scale, volume=1 / scale), GRIDLESS)
    assert base.equity.tobytes() == scaled.equity.tobytes()
    assert (base.trades["pnl"] == scaled.trades["pnl"]).all()
    assert (base.trades["quantity"] == scaled.trades["quantity"] * scale).all()


@pytest.mark.parametrize("name", NAMES)
def test_shifting_time_by_whole_weeks_shifts_only_the_times(name: str) -> None:
    bars = wild_market()
    weeks = 9 * 7 * DAY_MS
    base = backtest(registry.get(name), MarketData(PERPETUAL, bars), {}, account())
    shifted = backtest(registry.get(name), MarketData(PERPETUAL, transformed(bars, shift_ms=weeks)), {}, account())
    assert base.equity.tobytes() == shifted.equity.tobytes()
    assert (base.trades["entry_time"] + weeks == shifted.trades["entry_time"]).all()


def test_the_name_of_a_symbol_changes_nothing() -> None:
    bars = wild_market()
    other = played("momentum_scalping", bars, replace(PERPETUAL, symbol="ZZZUSDT"))
    assert other.trades.tobytes() == played("momentum_scalping", bars).trades.tobytes()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**20))
def test_money_adds_up_on_every_bar(name: str, seed: int) -> None:
    bars = wild_market(seed=seed, bars=2500)
    result = played(name, bars)
    bar = np.searchsorted(bars.time, result.fills["time"])
    flow = -result.fills["side"] * result.fills["quantity"] * result.fills["price"] - result.fills["fee"]
    cash = 10_000.0 + np.cumsum(np.bincount(bar, flow, len(bars)))
    held = np.cumsum(np.bincount(bar, result.fills["side"] * result.fills["quantity"], len(bars)))
    settled = np.zeros(len(bars))
    for moment, rate in zip(FUNDING.time, FUNDING.rate, strict=True):
        at = int(np.searchsorted(bars.time, moment))
        if at < len(bars):
            settled[at] = -rate * bars.open[at] * held[at - 1]
    equity = cash + held * bars.close + np.cumsum(settled)
    np.testing.assert_allclose(result.equity, equity, atol=0.005)
    assert result.funding == pytest.approx(settled.sum(), abs=1e-6)
    assert result.fees == pytest.approx(result.fills["fee"].sum())


@pytest.mark.parametrize("name", NAMES)
def test_round_trips_and_the_open_position_explain_the_equity(name: str) -> None:
    bars = wild_market(seed=5)
    engine = Engine(registry.get(name), PERPETUAL, account(), {})
    output = engine.advance(bars)
    closed = output.trades["quantity"].sum()
    bought = output.fills["quantity"].sum()
    assert bought == pytest.approx(2 * closed + abs(engine.position.quantity))
    assert output.trades["seq"].tolist() == list(range(1, len(output.trades) + 1))
    assert (output.trades["pnl"] == output.trades["gross_pnl"] - output.trades["fees"]).all()
    assert output.trades["mae"].min() >= 0


def test_daily_figures_sum_to_the_whole_in_any_time_zone() -> None:
    bars = wild_market(bars=6000)
    for offset in (0, 9 * 3_600_000, -5 * 3_600_000):
        result = backtest(
            registry.get("momentum_scalping"), MarketData(PERPETUAL, bars), {}, account(), day_offset_ms=offset
        )
        assert 10_000 + result.daily_pnl.sum() == pytest.approx(result.final_equity)
        assert result.daily_trades.sum() == len(result.trades)
        exits = (result.trades["exit_time"] + offset) // DAY_MS
        assert result.daily_trades.tolist() == [int((exits == day).sum()) for day in result.days]


def reasons(result: BacktestResult) -> set[int]:
    return set(result.decisions["reason"].tolist())


def test_the_daily_loss_limit_stops_entries_until_midnight() -> None:
    limits = replace(WIDE, max_daily_loss=0.005)
    result = played("momentum_scalping", wild_market(seed=3, bars=12_000), limits=limits)
    assert RefusalReason.DAILY_LOSS in reasons(result)
    refused = result.decisions[result.decisions["reason"] == RefusalReason.DAILY_LOSS]["time"]
    entries = result.fills[result.fills["exit_reason"] == 0]["time"]
    equity = np.concatenate([[10_000.0], result.equity])
    for moment in refused:
        before, now = equity[np.searchsorted(result.time, [moment // DAY_MS * DAY_MS, moment])]
        assert before - now >= 0.005 * 10_000 - 1e-6
        day_end = (moment // DAY_MS + 1) * DAY_MS
        assert not ((entries >= moment) & (entries < day_end)).any()


def test_a_row_of_losses_pauses_entries() -> None:
    limits = replace(WIDE, max_consecutive_losses=2, pause_bars=300)
    result = played("momentum_scalping", wild_market(seed=4, bars=12_000), limits=limits)
    assert RefusalReason.CONSECUTIVE_LOSSES in reasons(result)
    entries = result.fills[result.fills["exit_reason"] == 0]["time"]
    losses = 0
    for trade in result.trades:
        losses = losses + 1 if trade["pnl"] < 0 else 0
        if losses == 2:
            losses = 0
            ends = trade["exit_time"]
            assert not ((entries > ends) & (entries <= ends + 300 * MINUTE_MS)).any()


def test_the_order_rate_is_bounded_in_every_clock_hour() -> None:
    limits = replace(WIDE, max_orders_per_hour=1)
    result = played("momentum_scalping", wild_market(seed=6, bars=12_000), limits=limits)
    signalled = result.decisions[(result.decisions["fate"] == 1) & (result.decisions["kind"] == 1)]["time"]
    assert np.bincount((signalled - START_MS - 1) // 3_600_000).max() == 1
    assert RefusalReason.ORDER_RATE in reasons(result)


def test_the_drawdown_limit_ends_entries_for_good() -> None:
    limits = replace(WIDE, max_drawdown=0.03)
    result = played("momentum_scalping", wild_market(seed=7, bars=12_000), limits=limits)
    refused = result.decisions[result.decisions["reason"] == RefusalReason.DRAWDOWN]
    entries = result.fills[result.fills["exit_reason"] == 0]["time"]
    assert len(refused) > 0
    assert entries.max() <= refused["time"].min()


@pytest.mark.parametrize("name", NAMES)
def test_the_position_never_exceeds_the_notional_limit_at_its_entry(name: str) -> None:
    limits = replace(WIDE, max_notional=700.0)
    result = played(name, wild_market(), limits=limits)
    opening = result.fills[result.fills["exit_reason"] == 0]
    assert (np.abs(opening["inventory"]) * opening["price"]).max() <= 700.0 * 1.02
    assert len(opening) > 5


def test_stopping_entries_and_flattening_take_effect_at_once() -> None:
    bars = wild_market()
    engine = Engine(registry.get("market_making"), PERPETUAL, Account(10_000, 0.01, WIDE), {})
    at = 3000
    engine.advance(bars.slice(0, at))
    while engine.position.quantity == 0:
        engine.advance(bars.slice(at, at + 1))
        at += 1
    engine.controls.refuse_entries(RefusalReason.KILL_SWITCH)
    engine.controls.flatten = True
    output = engine.advance(bars.slice(at, at + 30))
    assert engine.position.quantity == 0
    assert engine.position.quotes == 0
    assert ExitReason.FLATTEN in set(output.trades["exit_reason"].tolist())
    assert not engine.controls.entries_allowed
