"""`tradeloop replay`: the whole loop in compressed time, then a summary."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, simulate
from core.clock import SimulatedClock
from core.errors import InvalidInput
from service.candles import candle_options, load_series, read_values, refuse_unknown_values
from service.commands.options import home_option, json_option, midnight, print_json
from service.instances import load_plugins, wanted_instances
from service.living import live_through
from service.progress import progress_bar
from service.replay import Approve, Span
from service.replay_home import replay_session
from service.replay_summary import summary
from service.settings import Settings, load_settings
from strategies import registry


@click.command()
@candle_options(required=False)
@click.option("--simulated", "days", type=click.IntRange(2), default=None, help="Days of simulated market.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the simulated market.")
@click.option("--control", is_flag=True, help="A simulated market in which nothing better is hidden.")
@click.option("--params", type=click.Path(exists=True, path_type=Path), help="JSON file of parameter values.")
@click.option(
    "--approve", type=click.Choice(["none", "passed"]), default="none", show_default=True, help="What to apply."
)
@home_option
@json_option
def command(
    candles: tuple[Path, ...],
    more_candles: tuple[Path, ...],
    symbols: tuple[str, ...],
    venues: tuple[str, ...],
    start: date | None,
    end: date | None,
    days: int | None,
    seed: int,
    control: bool,
    params: Path | None,
    approve: Approve,
    home: Path | None,
    as_json: bool,
) -> None:
    """Live the loop through candles, recorded or simulated, and print what came of it."""
    began = time.perf_counter()
    settings = load_settings(home)
    paths = [*candles, *more_candles]
    if bool(paths) == bool(days):
        raise InvalidInput("Give either --candles or --simulated.", field="candles")
    if days:
        series = simulate(days, seed, list(symbols) or ["BTCUSDT", "ETHUSDT"], control=control)
    else:
        series = load_series(paths, symbols, venues, settings, end)
        _require_minutes(series)
    values = _values(params, settings, series) or (STARTING_VALUES if days else {})
    span = Span.of(series, midnight(start))
    clock = SimulatedClock(span.start)
    with (
        replay_session(home, clock) as (session, _),
        progress_bar("Replay", quiet=as_json) as progress,
    ):
        live_through(session, clock, series, span, values=values, approve=approve, progress=progress)
        document = summary(session, series, span, feed="simulated" if days else "replay")
    document["seconds"] = round(time.perf_counter() - began, 3)
    print_json(document) if as_json else _tell(document)


def _require_minutes(series: Sequence[CandleSeries]) -> None:
    """Raise InvalidInput for other bars than the loop counts in."""
    for one in series:
        if one.timeframe != "1m":
            raise InvalidInput(
                f"{one.instrument.key} has {one.timeframe} candles; the loop counts in minutes.",
                field="candles",
                remedy="Give 1m candles; `tradeloop backtest` takes any timeframe.",
            )


def _values(params: Path | None, settings: Settings, series: Sequence[CandleSeries]) -> Mapping[str, Any]:
    """The parameter file, checked against the strategies that will run."""
    document = read_values(params)
    load_plugins(settings.config)
    wanted = wanted_instances(settings.config, [one.instrument for one in series], {})
    refuse_unknown_values(document, [registry.get(instance.strategy) for instance, _ in wanted])
    return document


def _tell(document: Mapping[str, Any]) -> None:
    start, end = (datetime.fromisoformat(document[name]) for name in ("from", "to"))
    mark = "  SIMULATED" if document["feed"] == "simulated" else ""
    click.echo(f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, {', '.join(document['symbols'])}: {document['bars']:,} bars{mark}")
    click.echo(
        f"  {document['decisions']} decisions, {document['fills']} fills, {document['trades']} trades, "
        f"net P&L {document['net_pnl']:+,.2f} after fees of {document['fees']:,.2f}"
    )
    proposals = ", ".join(f"{count} {status}" for status, count in document["proposals"].items())
    click.echo(f"  {document['reviews']} reviews, proposals {proposals or 'none'}, applied {document['applied']}")
    for job, runs in document["jobs"].items():
        counts = "  ".join(f"{name} {count}" for name, count in runs.items())
        click.echo(f"  {job:<16} {counts}")
    click.echo(f"  journal {document['journal_digest'][:16]}, {document['seconds']:.1f} s")
