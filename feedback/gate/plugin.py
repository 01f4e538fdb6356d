"""Somebody else's strategy: one Python file with `simulate(strategy, candles, params)`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from collectors.timestamps import NO_TIME, epoch_ms
from core.clock import DAY_MS
from core.errors import BadData
from core.market import Floats, Times

Simulate = Callable[[str, pd.DataFrame, Mapping[str, Any]], tuple[Any, Any]]
PRICES = ("open", "high", "low", "close")
COLUMNS = ("ts", *PRICES, "volume")


@dataclass(frozen=True)
class Run:
    """What a simulation answered: P&L (fraction of capital) and trades of each UTC day of its candles."""

    days: Times
    pnl: Floats
    trades: Floats


@dataclass(frozen=True)
class Plugin:
    """A loaded plugin, bound to the name of the strategy it is to simulate."""

    strategy: str
    simulate: Simulate

    def run(self, candles: pd.DataFrame, params: Mapping[str, Any]) -> Run:
        """One simulation over one symbol's candles; whatever goes wrong in it becomes BadData."""
        days = np.unique(times_of(candles) // DAY_MS) * DAY_MS
        try:
            answer = self.simulate(self.strategy, candles.copy(), dict(params))
            pnl, trades = answer
            return Run(days, _per_day(pnl, days, "P&L"), _trades(trades, days))
        except BadData:
            raise
        except Exception as error:
            raise BadData(f"The plugin failed: {type(error).__name__}: {error}.", field="strategy_plugin") from error


def load_plugin(file: Path, strategy: str) -> Plugin:
    """Load `file`, which runs as code; raises BadData where it cannot be loaded or has no `simulate`."""
    spec = util.spec_from_file_location(f"gate_plugin_{file.stem}", file) if file.is_file() else None
    if spec is None or spec.loader is None:
        raise BadData(f"There is no plugin file {file.name}.", field="strategy_plugin")
    module = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadData(f"{file.name} could not be loaded: {error}.", field="strategy_plugin") from error
    simulate = getattr(module, "simulate", None)
    if not callable(simulate):
        raise BadData(f"{file.name} has no function simulate(strategy, candles, params).", field="strategy_plugin")
    return Plugin(strategy, simulate)


def times_of(candles: pd.DataFrame) -> Times:
    """Open times in ms UTC."""
    time = epoch_ms(pa.chunked_array([pa.Array.from_pandas(candles["ts"])]))
    if (time == NO_TIME).any():
        raise BadData("Some candles have no time.", field="candles")
    return time


def _per_day(values: Any, days: Times, what: str) -> Floats:
    """One value for each day: from a Series or mapping by day, or a plain sequence in order."""
    if isinstance(values, Mapping):
        values = pd.Series(dict(values))
    if isinstance(values, pd.Series) and not isinstance(values.index, pd.RangeIndex):
        stamps = pd.to_datetime(values.index, utc=True).as_unit("ms").asi8 // DAY_MS * DAY_MS
        by_day = pd.Series(values.to_numpy(dtype=np.float64), index=stamps).groupby(level=0).sum()
        return np.asarray(by_day.reindex(days, fill_value=0.0).to_numpy(), dtype=np.float64)
    array: npt.NDArray[np.float64] = np.asarray(values, dtype=np.float64).ravel()
    if len(array) != len(days):
        raise BadData(f"The plugin gave {len(array)} values of {what} for {len(days)} days.", field="strategy_plugin")
    return array


def _trades(values: Any, days: Times) -> Floats:
    """Trades per day; a single total is spread evenly."""
    if np.ndim(values) == 0 and not isinstance(values, Mapping):
        return np.full(len(days), float(values) / max(len(days), 1))
    return _per_day(values, days, "trades")
