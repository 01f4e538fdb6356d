"""Performance figures, each against an independent implementation."""

import empyrical
import numpy as np
import pandas as pd
import pytest
from backtesting._stats import compute_stats

from core import performance as p

RANDOM = np.random.default_rng(7)
DAILY_PNL = RANDOM.normal(3.0, 60.0, 400)
TRADE_PNL = RANDOM.normal(0.5, 20.0, 300)
CAPITAL = 10_000.0
EQUITY = CAPITAL + np.concatenate([[0.0], np.cumsum(DAILY_PNL)])
COMPOUND = pd.Series(EQUITY).pct_change().dropna()


def test_ratios_equal_empyrical() -> None:
    returns = DAILY_PNL / CAPITAL
    assert p.sharpe(returns) == pytest.approx(empyrical.sharpe_ratio(returns, annualization=365))
    assert p.sortino(returns) == pytest.approx(empyrical.sortino_ratio(returns, annualization=365))


def test_growth_and_drawdown_equal_empyrical() -> None:
    figures = p.performance(CAPITAL, DAILY_PNL, TRADE_PNL)
    assert figures.cagr == pytest.approx(empyrical.cagr(COMPOUND, annualization=365))
    assert figures.max_drawdown == pytest.approx(-empyrical.max_drawdown(COMPOUND))
    assert figures.calmar == pytest.approx(empyrical.calmar_ratio(COMPOUND, annualization=365))
    assert figures.total_return == pytest.approx(empyrical.cum_returns_final(COMPOUND))


def test_trade_figures_equal_backtesting_py() -> None:
    index = pd.date_range("2023-01-01", periods=len(EQUITY), tz=None)
    candles = pd.DataFrame(dict.fromkeys(["Open", "High", "Low", "Close"], 100.0), index=index)
    trades = pd.DataFrame(
        {
            "PnL": TRADE_PNL,
            "ReturnPct": TRADE_PNL / 100.0,
            "Size": 1,
            "EntryBar": 0,
            "ExitBar": 1,
            "EntryTime": index[0],
            "ExitTime": index[1],
            "Duration": index[1] - index[0],
            "Commission": 0.0,
        }
    )
    theirs = compute_stats(trades=trades, equity=EQUITY, ohlc_data=candles, strategy_instance=None)
    ours = p.performance(CAPITAL, DAILY_PNL, TRADE_PNL)
    assert ours.win_rate == pytest.approx(theirs["Win Rate [%]"] / 100)
    assert ours.profit_factor == pytest.approx(theirs["Profit Factor"])
    assert ours.sqn == pytest.approx(theirs["SQN"])
    assert ours.max_drawdown_days == pytest.approx(theirs["Max. Drawdown Duration"].days, abs=1)
    assert ours.expectancy == pytest.approx(theirs["Expectancy [%]"], rel=1e-9)


def test_the_longest_time_below_a_peak_counts_days() -> None:
    assert p.drawdown_length(np.array([10.0, 9.0, 11.0, 10.0, 10.5, 11.0, 12.0])) == 2
    assert p.drawdown_length(np.array([1.0, 2.0, 3.0])) == 0


def test_too_little_says_none_and_never_infinity() -> None:
    figures = p.performance(CAPITAL, np.array([5.0, 4.0]), np.array([5.0, 4.0]))
    assert (figures.sharpe, figures.sortino, figures.cagr, figures.calmar, figures.sqn) == (None,) * 5
    assert figures.profit_factor is None
    nothing = p.performance(CAPITAL, np.zeros(0), np.zeros(0))
    assert (nothing.win_rate, nothing.expectancy, nothing.total_return) == (None, None, 0.0)
    steady = p.performance(CAPITAL, np.full(20, 1.0), np.full(20, 1.0))
    assert (steady.sortino, steady.calmar, steady.sqn) == (None, None, None)
