"""One pass of a strategy over a history: trades, equity, and what each day brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.clock import DAY_MS
from core.market import Floats, Times
from core.performance import performance
from execution.account import Account
from execution.buffers import Rows, new_journal, run
from execution.desk import Desk
from execution.kernel.state import Curve
from execution.marketdata import MarketData
from strategies.contract import Strategy

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BacktestResult:
    """What a run produced. Arrays per bar cover the traded span; money is in quote currency.

    `days` are whole days since the epoch in the zone given by the offset; `daily_pnl` is the change of equity
    (marked to the close, after fees and funding) and `daily_trades` the round trips closed in each.
    """

    capital: float
    bar_ms: int
    time: Times
    equity: Floats
    fills: Rows
    trades: Rows
    decisions: Rows
    days: Counts
    daily_pnl: Floats
    daily_trades: Counts
    fees: float
    funding: float
    slippage: float
    turnover: float
    exposure: float
    max_drawdown: float

    @cached_property
    def final_equity(self) -> float:
        return float(self.equity[-1]) if len(self.equity) else self.capital

    def metrics(self) -> dict[str, float | int | None]:
        """The figures of core.performance over these days and trades; None where they cannot be told."""
        figures = performance(
            self.capital, self.daily_pnl, self.trades["pnl"], exposure=self.exposure, turnover=self.turnover
        )
        return figures.as_dict()


def backtest(
    strategy: Strategy,
    market: MarketData,
    values: Mapping[str, Any],
    account: Account,
    *,
    trade_from_ms: int | None = None,
    day_offset_ms: int = 0,
) -> BacktestResult:
    """Run one parameter set over the bars; those that open before `trade_from_ms` only warm the features.

    `day_offset_ms` shifts the day boundary of the daily figures (32,400,000 for Asia/Seoul). Values are checked
    against the strategy's declaration: InvalidInput or OutOfBounds.
    """
    time = market.bars.time
    start = first_bar(market, trade_from_ms)
    desk = new_desk(strategy, market, values, account, start)
    days = Days.of(time[start:], day_offset_ms)
    equity = np.empty(len(time))
    curve = Curve(equity, np.zeros(0, dtype=np.int64), days.start, days.equity, days.trades)
    rows = run(desk, market.tape(strategy), start, len(time), curve, new_journal())
    end = desk.engine
    return BacktestResult(
        capital=account.capital,
        bar_ms=market.bars.bar_ms,
        time=time[start:],
        equity=equity[start:],
        fills=rows.fills,
        trades=rows.trades,
        decisions=rows.decisions,
        days=days.numbers,
        daily_pnl=days.pnl(account.capital),
        daily_trades=days.closed(),
        fees=float(end["fees"]),
        funding=float(end["funding"]),
        slippage=float(end["slippage"]),
        turnover=float(end["turnover"]),
        exposure=float(end["exposed_bars"]) / max(len(time) - start, 1),
        max_drawdown=float(end["drawdown"]) / account.capital,
    )


def first_bar(market: MarketData, trade_from_ms: int | None) -> int:
    """The position of the first bar that may be traded."""
    return 0 if trade_from_ms is None else int(np.searchsorted(market.bars.time, trade_from_ms))


def new_desk(strategy: Strategy, market: MarketData, values: Mapping[str, Any], account: Account, start: int) -> Desk:
    """A desk that has seen the bars before `start`, so that the first traded bar is no first bar."""
    desk = Desk(strategy, market.instrument, account, values, version=1)
    desk.rules["bar_ms"] = market.bars.bar_ms
    if start > 0:
        desk.engine["time"] = market.bars.time[start - 1]
    return desk


@dataclass(frozen=True, slots=True)
class Days:
    """Calendar days of a span: what the loop writes at each bar, and the differences that people read."""

    numbers: Counts
    start: Counts
    equity: Floats
    trades: Counts

    @classmethod
    def of(cls, time: Times, offset_ms: int) -> "Days":
        if len(time) == 0:
            numbers = np.zeros(0, dtype=np.int64)
        else:
            numbers = np.arange((time[0] + offset_ms) // DAY_MS, (time[-1] + offset_ms) // DAY_MS + 1)
        first = numbers[0] * DAY_MS - offset_ms if len(numbers) else 0
        return cls(numbers, np.array([first]), np.full(len(numbers), np.nan), np.full(len(numbers), -1))

    def pnl(self, capital: float) -> Floats:
        """Change of equity in each day; a day without bars brings 0."""
        return np.diff(_carried(self.equity, np.isnan(self.equity), capital), prepend=capital)

    def closed(self) -> Counts:
        """Round trips closed in each day."""
        return np.diff(_carried(self.trades, self.trades < 0, 0), prepend=0)


def _carried(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_], start: float) -> npt.NDArray[Any]:
    """`values` with each missing one replaced by the last before it (or `start`)."""
    last = np.maximum.accumulate(np.where(missing, -1, np.arange(len(values))))
    return np.where(last >= 0, values[last], start)
