"""Many parameter sets over shared bars: daily results only, spread over cores by threads that hold no lock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from core.market import Floats
from execution.account import Account
from execution.backtest import Counts, Days, first_bar, new_desk
from execution.buffers import NO_CURVE, new_journal, run
from execution.kernel.machine import machine
from execution.kernel.state import Tape
from execution.marketdata import MarketData
from strategies.contract import Strategy


@dataclass(frozen=True)
class SweepResult:
    """Rows are parameter sets in the order given, columns days (see BacktestResult); money in quote currency.

    `max_drawdown` is a fraction of capital, bar by bar.
    """

    days: Counts
    daily_pnl: Floats
    daily_trades: Counts
    fees: Floats
    funding: Floats
    max_drawdown: Floats


def sweep(
    strategy: Strategy,
    market: MarketData,
    sets: Sequence[Mapping[str, Any]],
    account: Account,
    *,
    trade_from_ms: int | None = None,
    day_offset_ms: int = 0,
    workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> SweepResult:
    """Run every parameter set as `backtest` would. `on_progress(done, total)` is called after each.

    Results do not depend on `workers`. Every set is checked before the first one runs.
    """
    complete = [strategy.declaration.complete(values) for values in sets]
    work = _Work(strategy, market, account, first_bar(market, trade_from_ms), day_offset_ms, market.tape(strategy))
    machine()
    _ = strategy.compiled
    days = work.days()
    count = len(days.numbers)
    result = SweepResult(
        days.numbers,
        np.zeros((len(sets), count)),
        np.zeros((len(sets), count), dtype=np.int64),
        np.zeros(len(sets)),
        np.zeros(len(sets)),
        np.zeros(len(sets)),
    )
    jobs = (delayed(work.run)(values, result, row) for row, values in enumerate(complete))
    finished = Parallel(n_jobs=workers, backend="threading", return_as="generator_unordered")(jobs)
    for done, _ in enumerate(finished, start=1):
        if on_progress:
            on_progress(done, len(sets))
    return result


@dataclass(frozen=True)
class _Work:
    """What all runs of a sweep share."""

    strategy: Strategy
    market: MarketData
    account: Account
    start: int
    day_offset_ms: int
    tape: Tape

    def days(self) -> Days:
        return Days.of(self.market.bars.time[self.start :], self.day_offset_ms)

    def run(self, values: Mapping[str, float], result: SweepResult, row: int) -> None:
        desk = new_desk(self.strategy, self.market, values, self.account, self.start)
        days = self.days()
        curve = NO_CURVE._replace(start=days.start, day_equity=days.equity, day_trades=days.trades)
        run(desk, self.tape, self.start, len(self.market.bars), curve, new_journal(keep=False))
        result.daily_pnl[row] = days.pnl(self.account.capital)
        result.daily_trades[row] = days.closed()
        result.fees[row] = desk.engine["fees"]
        result.funding[row] = desk.engine["funding"]
        result.max_drawdown[row] = desk.engine["drawdown"] / self.account.capital
