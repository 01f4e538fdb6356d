"""Daily returns from a CSV: ts, symbol, incumbent, candidate, and any number of trial columns."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from collectors.timestamps import NO_TIME, epoch_ms
from core.errors import BadData
from core.market import Floats
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
    types = {"symbol": pa.string(), "incumbent": pa.float64(), "candidate": pa.float64()}
    try:
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types=types, include_columns=list(COLUMNS), null_values=_EMPTY, strings_can_be_null=False
            ),
        )
        time = epoch_ms(table["ts"])
    except (pa.ArrowInvalid, OSError) as error:
        raise BadData(f"{file.name} could not be read: {error}.", field="returns") from error
    if (time == NO_TIME).any():
        raise BadData(f"{file.name} has {int((time == NO_TIME).sum())} rows without a time.", field="returns")
    returns = _paired(file, time, table["symbol"], _floats(table["incumbent"]), _floats(table["candidate"]))
    return ReturnsFile(returns, sum(name.startswith(TRIAL_PREFIX) for name in names))


def _header(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8-sig") as handle:
            names = [name.strip().strip('"') for name in handle.readline().rstrip("\r\n").split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{file.name} could not be read: {error}.", field="returns") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadData(
            f"{file.name} has no column {missing[0]!r}.", field="returns", remedy=f"Needed: {', '.join(COLUMNS)}."
        )
    return names


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _paired(
    file: Path, time: npt.NDArray[np.int64], symbol: pa.ChunkedArray, incumbent: Floats, candidate: Floats
) -> PairedReturns:
    if not len(time):
        raise BadData(f"{file.name} has no rows.", field="returns")
    symbols, row = np.unique(np.asarray(symbol.to_numpy(zero_copy_only=False), dtype=str), return_inverse=True)
    days, column = np.unique(time, return_inverse=True)
    present = np.zeros((len(symbols), len(days)), dtype=np.bool_)
    present[row, column] = True
    if int(present.sum()) != len(time):
        raise BadData(f"{file.name} has two rows of one symbol and day.", field="returns")
    sides = np.full((2, len(symbols), len(days)), np.nan)
    sides[:, row, column] = incumbent, candidate
    return PairedReturns(tuple(symbols.tolist()), days, sides[0], sides[1], present)
