"""What commands do with --candles, --symbol, --venue, --start, --end and --params before the real work."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from collectors.candles import read_candles
from collectors.series import CandleSeries
from core.clock import to_ms
from core.errors import InvalidInput, UnknownName
from core.market import FundingRates
from service.commands.options import Day, midnight
from service.settings import Settings
from strategies.contract import Strategy

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(exists=True, path_type=Path)


def candle_options(*, required: bool) -> Callable[[F], F]:
    """--candles with shells' expansion after it (`--candles a b c`), --symbol, --venue, --start and --end."""

    def decorate(command: F) -> F:
        options = (
            click.option("--candles", type=FILE, multiple=True, required=required, help="Files or folders of candles."),
            click.option("--symbol", "symbols", multiple=True, help="What the paths do not say: one per path."),
            click.option("--venue", "venues", multiple=True, help="What the paths do not say: one per path."),
            click.option("--start", type=Day(), default=None, help="First day (UTC); earlier candles are history."),
            click.option("--end", type=Day(), default=None, help="Day (UTC) before which it ends."),
            click.argument("more_candles", nargs=-1, type=FILE),
        )
        for option in options:
            command = option(command)
        return command

    return decorate


def load_series(
    paths: Sequence[Path], symbols: Sequence[str], venues: Sequence[str], settings: Settings, end: date | None
) -> list[CandleSeries]:
    """Read candles under the settings' instrument rules, cut at `end`; raises InvalidInput where nothing is left."""
    rules = {key: section.model_dump(exclude_none=True) for key, section in settings.config.instruments.items()}
    series = read_candles(paths, symbols=list(symbols) or None, venues=list(venues) or None, rules=rules)
    until = midnight(end)
    return [until_moment(one, to_ms(until)) for one in series] if until else series


def until_moment(series: CandleSeries, end_ms: int) -> CandleSeries:
    """The series before `end_ms`; raises InvalidInput where it is empty."""
    bars = series.bars.between(0, end_ms)
    if not len(bars):
        raise InvalidInput(f"{series.instrument.key} has no candles before the end.", field="end")
    funding = series.funding
    if funding is not None:
        kept = funding.time < end_ms
        funding = FundingRates(funding.time[kept], funding.rate[kept])
    return replace(series, bars=bars, funding=funding)


def read_values(file: Path | None) -> Mapping[str, Any]:
    """A JSON file of parameter values: an object of numbers, or of objects by strategy name."""
    if file is None:
        return {}
    try:
        document = json.loads(file.read_text())
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}.", field="params") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{file} holds no JSON object.", field="params", remedy='Write {"entry_threshold": 0.004}.')
    return document


def values_for(strategy: Strategy, document: Mapping[str, Any]) -> dict[str, float]:
    """The complete values of one strategy: its own object if there is one, else the plain names it declares."""
    own = document.get(strategy.name)
    if isinstance(own, dict):
        return strategy.declaration.complete(own)
    plain = {name: value for name, value in document.items() if name in strategy.declaration}
    return strategy.declaration.complete(plain)


def refuse_unknown_values(document: Mapping[str, Any], strategies: Sequence[Strategy]) -> None:
    """Raise UnknownName for a name that is neither a strategy's nor declared by any of them."""
    known = {s.name for s in strategies} | {name for s in strategies for name in s.declaration}
    for name in document:
        if name not in known:
            raise UnknownName.among("parameter", name, known)
