"""The fill model, one convention at a time, on bars that fit on a screen."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from core.market import Bars, FundingRates
from core.trading import DecisionKind, ExitReason, Fate, RefusalReason
from execution.backtest import BacktestResult, backtest
from execution.marketdata import MarketData
from execution.records import FillKind
from tests.unit.markets import PERPETUAL, SPOT, START_MS, account, bars_of
from tests.unit.scripted import SCRIPTED

FLAT = (100.0, 100.5, 99.5, 100.0)
FREE = replace(PERPETUAL, maker_fee=Decimal(0), taker_fee=Decimal(0), slippage=Decimal(0))
LONG = {"enter_at": 1, "side": 1, "stop": 98, "target": 103, "strength": 1.5}
SHORT = {"enter_at": 1, "side": -1, "stop": 102, "target": 97, "strength": -1.5}


def play(bars: Bars, values: dict[str, float], instrument=FREE, funding: FundingRates | None = None) -> BacktestResult:
    return backtest(SCRIPTED, MarketData(instrument, bars, funding), values, account())


def test_a_signal_fills_at_the_next_open_with_slippage_and_the_taker_fee() -> None:
    result = play(bars_of([FLAT, FLAT, (100.2, 100.5, 99.5, 100.0), FLAT]), LONG, PERPETUAL)
    (fill,) = result.fills
    assert fill["time"] == START_MS + 2 * 60_000
    assert fill["price"] == 100.22  # 100.2 x 1.0001 = 100.21002, then up to the next cent
    assert fill["fee"] == pytest.approx(fill["quantity"] * 100.22 * 0.0005)
    assert fill["slippage"] == pytest.approx(fill["quantity"] * 0.02)
    assert fill["quantity"] == 50.0  # 1 % of 10,000 over a distance of 2


def test_sizing_never_exceeds_the_capital() -> None:
    (fill,) = play(bars_of([FLAT] * 4), {**LONG, "stop": 99.4}).fills
    assert fill["quantity"] == 100.0


@pytest.mark.parametrize(
    ("values", "bar", "price", "reason"),
    [
        (LONG, (100, 101, 97, 99), 98.0, ExitReason.STOP),
        (LONG, (97, 101, 96, 99), 97.0, ExitReason.STOP),
        (LONG, (100, 104, 99, 103), 103.0, ExitReason.TARGET),
        (LONG, (104, 105, 103, 104), 104.0, ExitReason.TARGET),
        (LONG, (100, 104, 97, 99), 98.0, ExitReason.STOP),
        (LONG, (104, 105, 97, 99), 104.0, ExitReason.TARGET),
        (SHORT, (100, 103, 99, 101), 102.0, ExitReason.STOP),
        (SHORT, (103, 104, 99, 101), 103.0, ExitReason.STOP),
        (SHORT, (100, 101, 96, 97), 97.0, ExitReason.TARGET),
        (SHORT, (96, 101, 95, 97), 96.0, ExitReason.TARGET),
    ],
)
def test_stop_comes_before_target_and_gaps_fill_at_the_open(values, bar, price, reason) -> None:
    (trade,) = play(bars_of([FLAT, FLAT, FLAT, bar, FLAT]), values).trades
    assert (trade["exit_price"], trade["exit_reason"]) == (price, reason)
    assert trade["pnl"] == pytest.approx((price - 100.0) * trade["quantity"] * values["side"])


def test_a_target_that_is_only_touched_does_not_fill_but_a_touched_stop_does() -> None:
    assert len(play(bars_of([FLAT, FLAT, FLAT, (100, 103, 99, 100)]), LONG).trades) == 0
    assert len(play(bars_of([FLAT, FLAT, FLAT, (100, 101, 98, 100)]), LONG).trades) == 1


def test_protection_is_live_on_the_entry_bar() -> None:
    (trade,) = play(bars_of([FLAT, FLAT, (100, 100.5, 97, 98), FLAT]), LONG).trades
    assert (trade["bars_held"], trade["exit_price"]) == (0, 98.0)


def test_the_stop_pays_slippage_and_taker_the_target_is_maker() -> None:
    stopped = play(bars_of([FLAT, FLAT, FLAT, (100, 101, 97, 99)]), LONG, PERPETUAL)
    assert stopped.fills[1]["price"] == 97.99  # 98 x 0.9999 = 97.9902, then down to the cent
    assert stopped.fills[1]["kind"] == FillKind.STOP
    gained = play(bars_of([FLAT, FLAT, FLAT, (100, 104, 99, 103)]), LONG, PERPETUAL)
    last = gained.fills[1]
    assert (last["price"], last["maker"], last["kind"]) == (103.0, 1, FillKind.TARGET)
    assert last["fee"] == pytest.approx(103.0 * last["quantity"] * 0.0002)


def test_a_step_exit_fills_at_the_next_open_and_is_a_decision() -> None:
    result = play(bars_of([FLAT, FLAT, FLAT, FLAT, (101, 101.5, 100.5, 101)]), {**LONG, "exit_at": 3})
    (trade,) = result.trades
    assert (trade["exit_price"], trade["exit_reason"], trade["bars_held"]) == (101.0, ExitReason.SIGNAL, 2)
    entry, leave = result.decisions
    assert (entry["kind"], entry["fate"], entry["strength"]) == (DecisionKind.ENTRY, Fate.EXECUTED, 1.5)
    assert (leave["kind"], leave["exit_reason"], leave["side"]) == (DecisionKind.EXIT, ExitReason.SIGNAL, -1)
    assert trade["decision"] == entry["seq"] == result.fills[0]["decision"]


def test_an_entry_takes_at_most_its_share_of_the_volume_and_drops_the_rest() -> None:
    result = play(bars_of([FLAT] * 6, volume=300.0), LONG)
    assert [fill["quantity"] for fill in result.fills] == [30.0]


def test_an_exit_goes_on_over_several_bars_until_nothing_is_left() -> None:
    bars = bars_of([FLAT] * 8)
    bars.volume[4:] = 200.0
    result = play(bars, {**LONG, "exit_at": 3})
    assert [fill["quantity"] for fill in result.fills] == [50.0, 20.0, 20.0, 10.0]
    assert len(result.decisions) == 2
    assert result.equity[-1] == 10_000.0


def test_nothing_trades_on_a_bar_without_volume_or_after_a_gap() -> None:
    bars = bars_of([FLAT] * 6)
    bars.volume[2] = 0.0
    result = play(bars, LONG)
    assert len(result.fills) == 0
    (decision,) = result.decisions
    assert (decision["fate"], decision["reason"]) == (Fate.REFUSED, RefusalReason.STALE)
    late = bars_of([FLAT] * 6)
    late.time[2:] += 60_000
    assert len(play(late, LONG).fills) == 0


def test_an_open_position_waits_through_a_gap_for_its_stop() -> None:
    bars = bars_of([FLAT, FLAT, FLAT, (90, 91, 89, 90), (91, 92, 90, 91)])
    bars.time[3:] += 600_000
    (trade,) = play(bars, LONG).trades
    assert (trade["exit_price"], trade["exit_time"]) == (91.0, bars.time[4])


def test_longs_pay_and_shorts_receive_a_positive_funding_rate_once() -> None:
    funding = FundingRates(np.array([START_MS + 3 * 60_000]), np.array([0.001]))
    for values, side in ((LONG, 1), (SHORT, -1)):
        result = play(bars_of([FLAT] * 7), {**values, "exit_at": 4}, funding=funding)
        assert result.funding == pytest.approx(-side * 50.0 * 100.0 * 0.001)
        assert result.trades["pnl"].sum() == pytest.approx(result.funding)


def test_funding_due_before_the_entry_is_not_paid() -> None:
    funding = FundingRates(np.array([START_MS + 2 * 60_000]), np.array([0.001]))
    assert play(bars_of([FLAT] * 5), LONG, funding=funding).funding == 0.0


def test_spot_cannot_be_sold_short() -> None:
    result = play(bars_of([FLAT] * 5), SHORT, SPOT)
    assert (result.decisions["reason"][0], len(result.fills)) == (RefusalReason.NO_SHORTS, 0)


def test_orders_below_the_venues_minimum_are_refused() -> None:
    picky = replace(FREE, min_notional=Decimal(20_000))
    assert play(bars_of([FLAT] * 5), LONG, picky).decisions["reason"][0] == RefusalReason.TOO_SMALL


def test_a_quote_fills_at_its_own_price_only_when_traded_through() -> None:
    quote = {"quote_at": 1, "bid": 99.0, "ask": 101.0, "notional": 990.0}
    touched = play(bars_of([FLAT, FLAT, (100, 100, 99, 100), FLAT]), quote, PERPETUAL)
    assert len(touched.fills) == 0
    (fill,) = play(bars_of([FLAT, FLAT, (100, 100, 98, 100), FLAT]), quote, PERPETUAL).fills
    assert (fill["price"], fill["quantity"], fill["maker"], fill["slippage"]) == (99.0, 10.0, 1, 0.0)
    assert fill["fee"] == pytest.approx(990.0 * 0.0002)


def test_quotes_of_both_sides_make_a_round_trip_matched_first_in_first_out() -> None:
    quote = {"quote_at": 1, "bid": 99.0, "ask": 101.0, "notional": 990.0}
    (trade,) = play(bars_of([FLAT, FLAT, (100, 100.5, 98, 100), (100, 102, 99.5, 100)]), quote).trades
    assert (trade["entry_price"], trade["exit_price"], trade["exit_reason"]) == (99.0, 101.0, ExitReason.QUOTE)
    assert trade["quantity"] == 9.801


def test_mae_and_mfe_count_the_entry_bar_whole_and_the_exit_bar_to_its_exit() -> None:
    rows = [FLAT, FLAT, (100, 101, 99, 100), (100, 102, 98.5, 100), (100, 104, 98.2, 103)]
    (trade,) = play(bars_of(rows), LONG).trades
    assert trade["mae"] == pytest.approx(0.015)
    assert trade["mfe"] == pytest.approx(0.03)


def test_near_misses_are_journaled_at_most_once_an_hour() -> None:
    result = play(bars_of([FLAT] * 130), {"strength": -0.9})
    assert result.decisions["fate"].tolist() == [Fate.NEAR] * 3
    assert result.decisions["side"].tolist() == [-1] * 3
    assert math.isnan(result.decisions["stop"][0])


def test_a_flood_of_volume_does_not_overflow_the_room_of_a_bar() -> None:
    result = play(bars_of([FLAT, FLAT, FLAT, (100, 104, 99, 103)], volume=1e25), LONG)
    assert result.trades["exit_reason"].tolist() == [ExitReason.TARGET]
