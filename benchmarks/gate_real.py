"""What the gate does with 50 candidates of each strategy on recorded bars, and on the same bars turned around.

`python -m benchmarks.gate_real CANDLES…` (folders of 1-minute bars). Reversed in time and inverted in price a market
keeps its volatility and its fees, but what a strategy had learnt of it is gone: an honest gate finds about as little.
Candidates are drawn at random around the defaults, each value up to three largest changes away.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import numpy as np

from collectors.candles import read_candles
from core.clock import DAY_MS
from core.market import Bars
from execution.account import Account, RiskLimits
from execution.marketdata import MarketData
from feedback.gate.evidence import Replay, replay
from feedback.gate.gate import Gate
from feedback.gate.returns import PairedReturns, Window
from feedback.gate.subject import Activity, Subject
from strategies import registry
from strategies.contract import Strategy

ACCOUNT = Account(10_000.0, 0.01, RiskLimits())


def as_recorded(bars: Bars) -> Bars:
    return bars


def reversed_in_time(bars: Bars) -> Bars:
    """The same bars from last to first, each with open and close exchanged."""
    time = bars.time[0] + bars.time[-1] - bars.time[::-1]
    open_, high, low, close, volume = (
        np.ascontiguousarray(column[::-1]) for column in (bars.close, bars.high, bars.low, bars.open, bars.volume)
    )
    return Bars(time, open_, high, low, close, volume, bars.bar_ms)


def inverted_in_price(bars: Bars) -> Bars:
    """The reciprocal of every price, scaled to start where the original does."""
    scale = float(bars.open[0]) ** 2
    open_, high, low, close = (scale / column for column in (bars.open, bars.low, bars.high, bars.close))
    return Bars(bars.time, open_, high, low, close, bars.volume, bars.bar_ms)


VIEWS: Mapping[str, Callable[[Bars], Bars]] = {
    "as recorded": as_recorded,
    "reversed in time": reversed_in_time,
    "inverted in price": inverted_in_price,
}


@click.command()
@click.argument("candles", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--candidates", default=50, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(candles: tuple[Path, ...], candidates: int, seed: int) -> None:
    """Judge random candidates on three views of the same bars."""
    series = read_candles(list(candles))
    for name in ("momentum_scalping", "market_making"):
        strategy = registry.get(name)
        sets = [strategy.declaration.defaults(), *_candidates(strategy, candidates, np.random.default_rng(seed))]
        for view, turn in VIEWS.items():
            replays = [
                replay(strategy, MarketData(one.instrument, turn(one.bars)), sets, ACCOUNT, 0, workers=2)
                for one in series
            ]
            decided = Counter(_decision(strategy, replays, row, candidates) for row in range(1, len(sets)))
            told = ", ".join(f"{decided[word]} {word}" for word in sorted(decided))
            click.echo(f"{name:<18} {view:<18} {told}")


def _candidates(strategy: Strategy, count: int, rng: np.random.Generator) -> list[dict[str, float]]:
    """Sets that differ from the defaults in one to three parameters."""
    drawn = []
    for _ in range(count):
        values = strategy.declaration.defaults()
        for name in rng.choice(list(values), rng.integers(1, 4), replace=False):
            parameter = strategy.declaration[str(name)]
            reach = 3 * parameter.largest_change(parameter.default)
            values[str(name)] = parameter.round(parameter.default + reach * rng.uniform(-1, 1))
        drawn.append(values)
    return drawn


def _decision(strategy: Strategy, replays: list[Replay], row: int, tried: int) -> str:
    days = replays[0].days
    window = Window(int(days[-1]) - 29 * DAY_MS, int(days[-1]) + DAY_MS)
    returns = PairedReturns(
        tuple(one.symbol for one in replays),
        days,
        np.stack([one.pnl[0] for one in replays]),
        np.stack([one.pnl[row] for one in replays]),
        np.stack([one.present for one in replays]),
    )
    trades = sum(one.trades[:, window.unseen(days)].sum(axis=1) for one in replays)
    activity = Activity(int(trades[0]), int(trades[row]))
    quoting = strategy.kind == "quoting"
    subject = Subject("miner", tried, window, returns, activity=activity, candles_only=quoting)
    fewer = " (with fewer trades)" if trades[row] < trades[0] else ""
    decision = Gate().judge(subject).decision
    return decision + fewer if decision in ("approve", "canary") else decision


if __name__ == "__main__":
    main()
