"""A case on candles: both sides are simulated by somebody else's plugin, which is probed before it is believed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import BadData
from core.market import Floats, Times
from feedback.gate.case_line import CaseLine
from feedback.gate.plugin import COLUMNS, PRICES, Run, load_plugin
from feedback.gate.probing import probe
from feedback.gate.returns import Mask, PairedReturns, Window
from feedback.gate.subject import Activity, Subject

_TIME_NAMES = ("ts", "timestamp", "time", "date", "open_time")
_READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    ".parquet": pd.read_parquet,
    ".feather": pd.read_feather,
    ".csv": pd.read_csv,
}


def plugin_subject(case: CaseLine, window_of: Callable[[CaseLine, Times], Window]) -> Subject:
    """Simulate both sides of `case` on each symbol; raises BadData where candles or plugin cannot be used."""
    if case.plugin is None:
        raise BadData("The case names no strategy_plugin.", field="strategy_plugin")
    plugin = load_plugin(case.plugin, case.strategy)
    frames = [read_frame(file) for file in case.candles]
    runs = [(plugin.run(frame, case.incumbent), plugin.run(frame, case.candidate)) for frame in frames]
    days = np.unique(np.concatenate([run.days for run, _ in runs]))
    incumbent, candidate, present = _lined_up(runs, days)
    window = window_of(case, days)
    unseen = window.unseen(days)
    trades = [_count(side, days[unseen]) for side in zip(*runs, strict=True)]
    return Subject(
        source=case.source,
        n_trials=case.n_trials,
        window=window,
        returns=PairedReturns(_symbols(case.candles), days, incumbent, candidate, present),
        incumbent=case.incumbent,
        candidate=case.candidate,
        activity=Activity(trades[0], trades[1]),
        probes=probe(plugin, frames, case.incumbent, case.candidate),
        candles_only=case.strategy == "market_making",
    )


def read_frame(file: Path) -> pd.DataFrame:
    """Candles as the plugin gets them: ts, open, high, low, close, volume, times as the file has them."""
    reader = _READERS.get(file.suffix.lower())
    if reader is None or not file.is_file():
        raise BadData(f"{file.name} is no file of candles.", field="candles", remedy=f"Known: {', '.join(_READERS)}.")
    try:
        frame = reader(file)
    except (ValueError, OSError) as error:
        raise BadData(f"{file.name} could not be read: {error}.", field="candles") from error
    named = next((name for name in _TIME_NAMES if name in frame.columns), None)
    missing = [name for name in (*PRICES, "volume") if name not in frame.columns]
    if named is None or missing:
        raise BadData(f"{file.name} has no column {(['ts'] if named is None else missing)[0]!r}.", field="candles")
    if len(frame) < 2:
        raise BadData(f"{file.name} has {len(frame)} candles.", field="candles")
    return frame.rename(columns={named: "ts"}).loc[:, list(COLUMNS)]


def _symbols(files: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(f"{number}:{file.stem}" for number, file in enumerate(files, start=1))


def _lined_up(runs: list[tuple[Run, Run]], days: Times) -> tuple[Floats, Floats, Mask]:
    sides = np.full((2, len(runs), len(days)), np.nan)
    present = np.zeros((len(runs), len(days)), dtype=np.bool_)
    for row, pair in enumerate(runs):
        where = np.searchsorted(days, pair[0].days)
        present[row, where] = True
        for side, run in enumerate(pair):
            sides[side, row, where] = run.pnl
    return sides[0], sides[1], present


def _count(runs: tuple[Run, ...], days: Times) -> int:
    """Trades on `days`, all symbols together."""
    return round(sum(float(run.trades[np.isin(run.days, days)].sum()) for run in runs))
