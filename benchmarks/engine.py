"""Speed of the engine on the 525,520 one-minute bars of BTCUSDT 2023, beside a kernel written by hand, in one run.

Run with: .venv/bin/python -m benchmarks.engine [--sets 2000] [--json]. Times are CPU time, the least of several
interleaved runs, so that a busy machine matters little; the live step is wall time at the median.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numba
import numpy as np
import pandas as pd

from benchmarks.hand_kernel import momentum, new_trades
from core.market import Bars, Instrument
from execution.account import Account, RiskLimits
from execution.backtest import backtest
from execution.engine import Engine
from execution.marketdata import MarketData
from execution.sweep import sweep
from strategies import registry
from strategies.features import compute

CANDLES = Path(__file__).parents[2] / "shared/data/binance_spot/BTCUSDT/1m/2023-01-01_2023-12-31.parquet"
INSTRUMENT = Instrument("binance_usdm", "BTCUSDT", Decimal("0.01"), Decimal("0.00001"))
OPEN = RiskLimits(max_daily_loss=1e9, max_consecutive_losses=10**9, max_orders_per_hour=10**9)
ACCOUNT = Account(capital=1_000.0, risk_fraction=0.01, limits=OPEN, volume_share=1.0)


def recorded() -> Bars:
    """The year of bars; FileNotFoundError where the recorded data is not beside the checkout."""
    frame = pd.read_parquet(CANDLES)
    opened = frame["timestamp"].astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    return Bars(opened, *[frame[name].to_numpy(np.float64) for name in ("open", "high", "low", "close", "volume")])


def least(runs: dict[str, Callable[[], object]], rounds: int = 9) -> dict[str, float]:
    """Least CPU milliseconds of each, taken in turns so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.process_time()
            run()
            times[name].append((time.process_time() - started) * 1e3)
    return {name: min(taken) for name, taken in times.items()}


def by_hand(bars: Bars) -> Callable[[], tuple[int, float]]:
    """The hand-written kernel on the same bars, features and defaults."""
    strategy = registry.get("momentum_scalping")
    columns = [np.ascontiguousarray(row) for row in compute(bars, strategy.features)]
    values = tuple(strategy.vector({}).tolist())
    rules = (1_000.0, 0.01, 0.0002, 0.0005, 0.0001, 100.0, 100_000.0, 60_000.0)

    def run() -> tuple[int, float]:
        equity = np.empty(len(bars))
        market = (bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)
        count = momentum(*market, *columns, values, rules, new_trades(), equity)
        return count, float(equity[-1])

    return run


def live_step(bars: Bars) -> dict[str, float]:
    """Median microseconds of one bar through a live engine, features included, beside an empty compiled call."""
    empty = numba.njit(lambda x: x)
    empty(1.0)
    engine = Engine(registry.get("momentum_scalping"), INSTRUMENT, ACCOUNT, {})
    engine.advance(bars.slice(0, 1000))
    single = [bars.slice(k, k + 1) for k in range(1000, 6000)]
    steps, calls = [], []
    for bar in single:
        started = time.perf_counter_ns()
        engine.advance(bar)
        between = time.perf_counter_ns()
        empty(1.0)
        steps.append((between - started) / 1e3)
        calls.append((time.perf_counter_ns() - between) / 1e3)
    return {"live step, us": statistics.median(steps), "empty compiled call, us": statistics.median(calls)}


def many_sets(market: MarketData, count: int) -> dict[str, float]:
    """CPU seconds and extra peak memory of a sweep on one thread."""
    strategy = registry.get("momentum_scalping")
    random = np.random.default_rng(1)
    sets = [
        {p.name: p.round(random.uniform(p.low, p.high)) for p in strategy.declaration.parameters} for _ in range(count)
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    sweep(strategy, market, sets, ACCOUNT)
    return {
        f"sweep of {count} sets, s": time.process_time() - started,
        "sweep, MB above before": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def measure(sets: int) -> dict[str, float]:
    """All figures, in the order in which they are printed."""
    bars = recorded()
    market = MarketData(INSTRUMENT, bars)
    hand = by_hand(bars)
    runs = {
        "features, ms": lambda: compute(bars),
        "momentum, ms": lambda: backtest(registry.get("momentum_scalping"), market, {}, ACCOUNT),
        "by hand, ms": hand,
        "market making, ms": lambda: backtest(registry.get("market_making"), market, {}, ACCOUNT),
    }
    for run in runs.values():
        run()
    figures = least(runs)
    ours = backtest(registry.get("momentum_scalping"), market, {}, ACCOUNT)
    trades, equity = hand()
    figures |= {
        "ours / by hand (speed)": figures["by hand, ms"] / figures["momentum, ms"],
        "trades, ours": float(len(ours.trades)),
        "trades, by hand": float(trades),
        "final equity, ours": ours.final_equity,
        "final equity, by hand": equity,
    }
    return figures | live_step(bars) | (many_sets(market, sets) if sets else {})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", type=int, default=200, help="parameter sets in the sweep (0: none)")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    figures = measure(chosen.sets)
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32s}{value:14,.2f}")


if __name__ == "__main__":
    main()
