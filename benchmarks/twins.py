"""A night of twins: `python -m benchmarks.twins --instances 8 --shadows 30`. One day of one-minute bars each.

Measured is the replay of the day by every distinct set of values, warm-up bars and features included, on all cores;
the stores are left out.
"""

import time
from dataclasses import replace

import click
import numpy as np

from collectors.simulated import simulate
from core.clock import DAY_MS
from execution.account import Account, RiskLimits
from execution.marketdata import MarketData
from execution.sweep import sweep
from feedback.probation.twins import WARM_UP
from strategies import registry

ACCOUNT = Account(capital=10_000.0, risk_fraction=0.01, limits=RiskLimits())


@click.command()
@click.option("--instances", default=8, show_default=True)
@click.option("--shadows", default=30, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(instances: int, shadows: int, workers: int) -> None:
    """Print the seconds that one night takes."""
    night(1, 1, workers)  # compiles, or reads the compiled code
    started = time.perf_counter()
    bars = night(instances, shadows, workers)
    seconds = time.perf_counter() - started
    click.echo(f"{instances} instances x {shadows} shadows, {bars:,} bars lived: {seconds:.2f} s on {workers} threads")


def night(instances: int, shadows: int, workers: int) -> int:
    """Live through the last simulated day; returns how many bars all twins lived through."""
    days = WARM_UP.days + 1
    (one,) = simulate(days, 11, ["BTCUSDT"])
    start = int(one.bars.time[0]) + WARM_UP.days * DAY_MS
    names = ("momentum_scalping", "market_making")
    lived = 0
    for number in range(instances):
        strategy = registry.get(names[number % 2])
        market = MarketData(replace(one.instrument), one.bars, one.funding)
        sets = _sets(strategy.name, shadows, np.random.default_rng(number))
        sweep(strategy, market, sets, ACCOUNT, trade_from_ms=start, workers=workers)
        lived += len(sets) * DAY_MS // one.bars.bar_ms
    return lived


def _sets(name: str, count: int, rng: np.random.Generator) -> list[dict[str, float]]:
    """Random legal values."""
    declaration = registry.get(name).declaration
    drawn = [{p.name: p.round(rng.uniform(p.low, p.high)) for p in declaration.values()} for _ in range(count)]
    return [
        {key: int(value) if declaration[key].type == "int" else value for key, value in one.items()} for one in drawn
    ]


if __name__ == "__main__":
    main()
