"""Timestamps of files and exchanges as int64 milliseconds since the epoch, UTC."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.clock import MINUTE_MS
from core.market import Floats, Times

#: Stands for a timestamp that is missing or lies outside the years 2000 to 2100.
NO_TIME: Final = -1
YEAR_2000_MS: Final = 946_684_800_000
YEAR_2100_MS: Final = 4_102_444_800_000
#: Milliseconds per unit of an epoch number; between 2000 and 2100 its size alone tells the unit.
EPOCH_UNITS: Final = (1e3, 1.0, 1e-3, 1e-6)


def epoch_ms(column: pa.ChunkedArray) -> Times:
    """Milliseconds of a column of timestamps, dates, ISO texts or epoch numbers (s, ms, µs or ns, told by size).

    A text without a time zone is UTC. Missing or impossible times become NO_TIME; text that is no time at all
    raises pyarrow.ArrowInvalid.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = _parse_texts(column)
        kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        instants = pc.cast(pc.cast(column, pa.timestamp("ms", getattr(kind, "tz", None)), safe=False), pa.int64())
        return _possible(np.asarray(pc.fill_null(instants, NO_TIME).to_numpy(), dtype=np.int64))
    numbers = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    return _scaled(numbers)


def floor_to_minute(time: Times) -> Times:
    """Each time at the start of its minute; NO_TIME stays."""
    floored: Times = np.where(time == NO_TIME, NO_TIME, time - time % MINUTE_MS)
    return floored


def _parse_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for wanted in (pa.float64(), pa.timestamp("ms", "UTC")):
        try:
            return pc.cast(column, wanted)
        except pa.ArrowInvalid:
            continue
    return pc.cast(column, pa.timestamp("ms"))


def _scaled(numbers: Floats) -> Times:
    time = np.full(len(numbers), NO_TIME, dtype=np.int64)
    for unit in EPOCH_UNITS:
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.floor(numbers * unit)
            fits = _within(scaled)
        time[fits] = scaled[fits].astype(np.int64)
    return time


def _possible(time: Times) -> Times:
    checked: Times = np.where(_within(time), time, NO_TIME)
    return checked


def _within(time: Times | Floats) -> npt.NDArray[np.bool_]:
    return (time >= YEAR_2000_MS) & (time < YEAR_2100_MS)
