"""A candle series: the usable bars of one instrument, and what was wrong with the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from collectors.timestamps import YEAR_2000_MS, YEAR_2100_MS
from core.clock import MINUTE_MS
from core.errors import InvalidInput
from core.market import Bars, DataQuality, FundingRates, Instrument, Times


def no_times() -> Times:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Defects:
    """The times (ms UTC, sorted) of rows that were dropped or moved; each row is counted under one name only."""

    duplicates: Times = field(default_factory=no_times)
    disordered: Times = field(default_factory=no_times)
    nan: Times = field(default_factory=no_times)
    bad_ohlc: Times = field(default_factory=no_times)

    def __add__(self, other: "Defects") -> "Defects":
        both = (np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self))
        return Defects(*(np.sort(times) for times in both))


@dataclass(frozen=True, slots=True)
class CandleSeries:
    """Bars of one instrument with their funding. `funding_note` says in words where funding comes from, or is missing.

    `simulated` is True where the bars were generated and never traded by anyone.
    """

    instrument: Instrument
    timeframe: str
    bars: Bars
    funding: FundingRates | None
    funding_note: str
    defects: Defects = field(default_factory=Defects)
    simulated: bool = False

    @property
    def quality(self) -> DataQuality:
        """The counts of all that was read."""
        return self.quality_between(YEAR_2000_MS, YEAR_2100_MS)

    def quality_between(self, start_ms: int, end_ms: int) -> DataQuality:
        return quality_of(self.bars, start_ms, end_ms, self.defects)


def join_bars(parts: Sequence[Bars]) -> Bars:
    """Consecutive pieces of one instrument's bars as one; there must be at least one piece."""

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    names = (f.name for f in fields(Bars) if f.name != "bar_ms")
    return replace(parts[0], **{name: column(name) for name in names})


def quality_of(bars: Bars, start_ms: int, end_ms: int, defects: Defects) -> DataQuality:
    """The counts of [start_ms, end_ms), exact for any span: counts of adjoining spans add up.

    A minute is missing when no row of the files had it although it lies between the first bar and the last. A minute
    whose row was dropped counts under the reason of that drop, not as missing.
    """
    if end_ms < start_ms:
        raise InvalidInput("The end of the span lies before its start.", field="end")
    inside = bars.between(start_ms, end_ms)
    return DataQuality(
        bars=len(inside),
        missing_minutes=_missing_minutes(bars, start_ms, end_ms, defects),
        zero_volume_minutes=int(np.count_nonzero(inside.volume == 0.0)) * bars.bar_ms // MINUTE_MS,
        **{f.name: _count(getattr(defects, f.name), start_ms, end_ms) for f in fields(defects)},
    )


def _missing_minutes(bars: Bars, start_ms: int, end_ms: int, defects: Defects) -> int:
    if not len(bars):
        return 0
    dropped = np.concatenate([defects.nan, defects.bad_ohlc])
    dropped = dropped[(dropped > bars.time[0]) & (dropped < bars.time[-1])]
    seen = np.union1d(_around(bars.time, start_ms, end_ms), dropped)
    gap_start = np.clip(seen[:-1] + bars.bar_ms, start_ms, end_ms)
    gap_end = np.clip(seen[1:], start_ms, end_ms)
    return int(np.maximum(gap_end - gap_start, 0).sum()) // MINUTE_MS


def _around(time: Times, start_ms: int, end_ms: int) -> Times:
    """The times of [start_ms, end_ms) with one neighbour on each side."""
    first, last = np.searchsorted(time, [start_ms, end_ms])
    return time[max(int(first) - 1, 0) : int(last) + 1]


def _count(times: Times, start_ms: int, end_ms: int) -> int:
    first, last = np.searchsorted(times, [start_ms, end_ms])
    return int(last - first)
