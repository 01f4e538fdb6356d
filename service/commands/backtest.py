"""`tradeloop backtest`: one parameter set over recorded candles."""

import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import numpy as np

from collectors.series import CandleSeries
from core.clock import from_ms, to_ms
from core.performance import performance
from core.trading import ExitReason, Side
from execution.account import Account
from execution.agreement import consult
from execution.backtest import BacktestResult, backtest
from execution.marketdata import MarketData
from service.accounts import account_of
from service.candles import candle_options, load_series, read_values, refuse_unknown_values, values_for
from service.commands.options import home_option, json_option, midnight, print_json
from service.session import prepare
from strategies import registry
from strategies.contract import Strategy

COLUMNS = (
    "symbol",
    "side",
    "entry_time",
    "exit_time",
    "quantity",
    "entry_price",
    "exit_price",
    "fees",
    "pnl",
    "exit_reason",
)


@dataclass(frozen=True, slots=True)
class _Run:
    series: CandleSeries
    result: BacktestResult
    feature_seconds: float
    engine_seconds: float


@click.command()
@click.option("--strategy", "name", required=True, help="A built-in strategy, one of tradeloop.toml, or a .py file.")
@candle_options(required=True)
@click.option("--params", type=click.Path(exists=True, path_type=Path), help="JSON file of parameter values.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    default=10_000.0,
    show_default=True,
    help="Capital, in quote currency.",
)
@click.option("--trades", "trades_file", type=click.Path(path_type=Path), help="Write the round trips as CSV.")
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="Write an interactive page.")
@home_option
@json_option
def command(
    name: str,
    candles: tuple[Path, ...],
    more_candles: tuple[Path, ...],
    symbols: tuple[str, ...],
    venues: tuple[str, ...],
    start: date | None,
    end: date | None,
    params: Path | None,
    budget: float,
    trades_file: Path | None,
    plot_file: Path | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Run one parameter set over candles and print what came of it."""
    settings, _ = prepare(home, level="WARNING")
    strategy = strategy_named(name, settings.config.strategies)
    document = read_values(params)
    refuse_unknown_values(document, [strategy])
    values = values_for(strategy, document)
    account = account_of(Decimal(str(budget)), settings.config.risk)
    series = load_series([*candles, *more_candles], symbols, venues, settings, end)
    first = midnight(start)
    runs = [_run(strategy, one, values, account, to_ms(first) if first else None) for one in series]
    if trades_file:
        write_trades(trades_file, runs)
    if plot_file:
        one = runs[0].series
        market = MarketData(one.instrument, one.bars, one.funding)
        consult(strategy, market, values, account, trade_from_ms=to_ms(first) if first else None, plot=plot_file)
    summary = _summary(strategy, values, runs, account)
    print_json(summary) if as_json else _tell(summary)


def strategy_named(name: str, plugins: Sequence[Path]) -> Strategy:
    """A strategy by name or by path, after loading the user's own."""
    for plugin in plugins:
        registry.load(plugin)
    return registry.load(name) if name.endswith(".py") else registry.get(name)


def _run(
    strategy: Strategy, series: CandleSeries, values: Mapping[str, float], account: Account, start_ms: int | None
) -> _Run:
    market = MarketData(series.instrument, series.bars, series.funding)
    backtest(strategy, MarketData(series.instrument, series.bars.slice(0, 500)), values, account)
    began = time.perf_counter()
    market.features(strategy.features)
    ready = time.perf_counter()
    result = backtest(strategy, market, values, account, trade_from_ms=start_ms)
    return _Run(series, result, ready - began, time.perf_counter() - ready)


def _summary(strategy: Strategy, values: Mapping[str, float], runs: Sequence[_Run], account: Account) -> dict[str, Any]:
    capital = account.capital * len(runs)
    daily = _pooled_days([run.result for run in runs])
    trade_pnl = np.concatenate([run.result.trades["pnl"] for run in runs])
    metrics = performance(
        capital,
        daily,
        trade_pnl,
        exposure=float(np.mean([run.result.exposure for run in runs])),
        turnover=sum(run.result.turnover for run in runs),
    )
    return {
        "strategy": strategy.name,
        "params": dict(values),
        "symbols": [run.series.instrument.symbol for run in runs],
        "bars": sum(len(run.result.time) for run in runs),
        "trades": len(trade_pnl),
        "final_equity": sum(run.result.final_equity for run in runs),
        "fees": sum(run.result.fees for run in runs),
        "funding": sum(run.result.funding for run in runs),
        "metrics": metrics.as_dict(),
        "feature_seconds": sum(run.feature_seconds for run in runs),
        "engine_seconds": sum(run.engine_seconds for run in runs),
        "funding_note": {run.series.instrument.key: run.series.funding_note for run in runs},
        "simulated": any(run.series.simulated for run in runs),
    }


def _pooled_days(results: Sequence[BacktestResult]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The summed P&L of every calendar day (UTC) that any run has."""
    first = min(int(r.days[0]) for r in results if len(r.days))
    last = max(int(r.days[-1]) for r in results if len(r.days))
    total = np.zeros(last - first + 1)
    for result in results:
        total[result.days - first] += result.daily_pnl
    return total


def write_trades(file: Path, runs: Sequence[_Run]) -> None:
    """Write round trips as CSV; times are bar opens in ISO form, UTC."""
    with file.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for run in runs:
            writer.writerows(_row(run.series.instrument.symbol, trade) for trade in run.result.trades)


def _row(symbol: str, trade: Any) -> list[Any]:
    return [
        symbol,
        Side(int(trade["side"])).name.lower(),
        from_ms(trade["entry_time"]).isoformat(),
        from_ms(trade["exit_time"]).isoformat(),
        *(float(trade[name]) for name in ("quantity", "entry_price", "exit_price", "fees", "pnl")),
        ExitReason(int(trade["exit_reason"])).name.lower(),
    ]


def _tell(summary: Mapping[str, Any]) -> None:
    click.echo(f"{summary['strategy']} on {', '.join(summary['symbols'])}: {summary['bars']} bars")
    click.echo(f"  {summary['trades']} trades, final equity {summary['final_equity']:.2f}, fees {summary['fees']:.2f}")
    for name, value in summary["metrics"].items():
        click.echo(f"  {name:<20}{'-' if value is None else format(value, '.4g'):>12}")
