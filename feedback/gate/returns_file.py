"""Daily returns from a CSV: ts, symbol, incumbent, candidate, and any number of trial columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from collectors.timestamps import NO_TIME, epoch_ms
from core.errors import BadData
from core.market import Floats, Times
from feedback.gate.returns import PairedReturns

COLUMNS = ("ts", "symbol", "incumbent", "candidate")
TRIAL_PREFIX = "trial_"
_EMPTY = ["", "nan", "NaN", "NAN", "null", "NULL", "None", "NA", "N/A"]


@dataclass(frozen=True, slots=True)
class ReturnsFile:
    """What the file holds; `trials` counts its trial columns, whose values are not read."""

    returns: PairedReturns
    trials: int


def read_returns(file: Path) -> ReturnsFile:
    """Read `file`; raises BadData naming the file and what is wrong with it. Values that are not numbers become NaN."""
    names = _header(file)
    table, time = _table(file, COLUMNS)
    if (time == NO_TIME).any():
        raise BadData(f"{file.name} has {int((time == NO_TIME).sum())} rows without a time.", field="returns")
    returns = _paired(file, time, table["symbol"], _floats(table["incumbent"]), _floats(table["candidate"]))
    return ReturnsFile(returns, sum(name.startswith(TRIAL_PREFIX) for name in names))


def read_trials(file: Path, returns: PairedReturns) -> Floats:
    """The pooled daily returns of every trial column, [trials, days of returns.pooled]; what is missing counts 0."""
    names = [name for name in _header(file) if name.startswith(TRIAL_PREFIX)]
    table, time = _table(file, ("ts", "symbol", *names))
    row = np.searchsorted(np.array(returns.symbols), _texts(table["symbol"]))
    column = np.searchsorted(returns.days, time)
    counted = returns.usable[row, column]
    days = len(returns.days)
    count = np.bincount(column[counted], minlength=days)
    pooled = np.zeros((len(names), days))
    for trial, name in enumerate(names):
        pooled[trial] = np.bincount(column[counted], np.nan_to_num(_floats(table[name])[counted]), days)
    return pooled[:, count > 0] / count[count > 0]


def _table(file: Path, names: Sequence[str]) -> tuple[pa.Table, Times]:
    """The named columns and the times in ms; raises BadData."""
    types = {name: pa.string() if name == "symbol" else pa.float64() for name in names if name != "ts"}
    try:
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types=types, include_columns=list(names), null_values=_EMPTY, strings_can_be_null=False
            ),
        )
        return table, epoch_ms(table["ts"])
    except (pa.ArrowInvalid, OSError) as error:
        raise BadData(f"{file.name} could not be read: {error}.", field="returns") from error


def _texts(column: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=str)


def _header(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8-sig") as handle:
            names = [name.strip().strip('"') for name in handle.readline().rstrip("\r\n").split(",")]
    except (OSError, ValueError) as error:
        raise BadData(f"{file.name} could not be read: {error}.", field="returns") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadData(
            f"{file.name} has no column {missing[0]!r}.", field="returns", remedy=f"Needed: {', '.join(COLUMNS)}."
        )
    return names


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _paired(file: Path, time: Times, symbol: pa.ChunkedArray, incumbent: Floats, candidate: Floats) -> PairedReturns:
    if not len(time):
        raise BadData(f"{file.name} has no rows.", field="returns")
    symbols, row = np.unique(_texts(symbol), return_inverse=True)
    days, column = np.unique(time, return_inverse=True)
    present = np.zeros((len(symbols), len(days)), dtype=np.bool_)
    present[row, column] = True
    if int(present.sum()) != len(time):
        raise BadData(f"{file.name} has two rows of one symbol and day.", field="returns")
    sides = np.full((2, len(symbols), len(days)), np.nan)
    sides[:, row, column] = incumbent, candidate
    return PairedReturns(tuple(symbols.tolist()), days, sides[0], sides[1], present)
