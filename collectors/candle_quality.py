"""From raw rows to bars that may be traded on: what is bad is dropped and remembered, what is out of place is sorted.

NaN or missing value, unreadable time   dropped, `nan`
bar that no market can print            dropped, `bad_ohlc`
second row of one time                  the last one read stays, `duplicates`
row earlier than the row before it      sorted into place, `disordered`
minute without a row                    stays a gap: nothing is filled in, `missing_minutes`
bar without volume                      stays: prices stood still, `zero_volume_minutes`
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from collectors.candle_files import RawCandles
from collectors.series import Defects
from collectors.timestamps import NO_TIME
from core.errors import BadData
from core.market import Bars, Times

Mask = npt.NDArray[np.bool_]


def clean(files: Sequence[RawCandles], bar_ms: int) -> tuple[Bars, Defects]:
    """Join the files of one instrument into bars and defects; raises BadData when no usable bar is left.

    The order in which files are given is no disorder. Where two files have one minute, the file that starts later wins.
    """
    parts = sorted((_usable(raw) for raw in files), key=lambda part: _first_time(part[0]))
    defects = sum((found for _, found in parts), Defects())
    rows = np.concatenate([good for good, _ in parts], axis=1)
    if not rows.shape[1]:
        raise BadData(f"{files[0].path} has no usable bar.", field=str(files[0].path), remedy="Check its columns.")
    rows = rows[:, np.argsort(rows[0], kind="stable")]
    repeated = np.append(rows[0][:-1] == rows[0][1:], False)
    defects += Defects(duplicates=rows[0][repeated].astype(np.int64))
    kept = rows[:, ~repeated]
    opened, high, low, close, volume = (np.ascontiguousarray(column) for column in kept[1:])
    return Bars(kept[0].astype(np.int64), opened, high, low, close, volume, bar_ms), defects


def _usable(raw: RawCandles) -> tuple[npt.NDArray[np.float64], Defects]:
    """The usable rows (6 x n, times first; exact below 2**53 ms) in file order, and the file's own defects."""
    rows = np.stack([raw.time.astype(np.float64), raw.open, raw.high, raw.low, raw.close, raw.volume])
    nan = (raw.time == NO_TIME) | np.isnan(rows).any(axis=0)
    bad = _impossible(raw) & ~nan
    good = ~nan & ~bad
    times = _nearest_known(raw.time)
    defects = Defects(disordered=_out_of_order(raw.time[good]), nan=np.sort(times[nan]), bad_ohlc=np.sort(times[bad]))
    return rows[:, good], defects


def _impossible(raw: RawCandles) -> Mask:
    prices = np.stack([raw.open, raw.high, raw.low, raw.close])
    wrong: Mask = (raw.high < np.maximum(raw.open, raw.close)) | (raw.low > np.minimum(raw.open, raw.close))
    wrong |= (prices <= 0.0).any(axis=0) | np.isinf(prices).any(axis=0)
    return wrong | (raw.volume < 0.0) | np.isinf(raw.volume)


def _out_of_order(time: Times) -> Times:
    """The times that are earlier than the one before them, repeats left aside."""
    first_seen = time[np.sort(np.unique(time, return_index=True)[1])]
    return np.sort(first_seen[1:][first_seen[1:] < first_seen[:-1]])


def _nearest_known(time: Times) -> Times:
    """Each time, and for a row without one the time of the row before it (at the head: the first known)."""
    known = np.flatnonzero(time != NO_TIME)
    if not len(known):
        return time
    before = np.searchsorted(known, np.arange(len(time)), side="right") - 1
    return time[known[np.maximum(before, 0)]]


def _first_time(rows: npt.NDArray[np.float64]) -> float:
    return float(rows[0].min(initial=np.inf))
