"""Recorded candles as series: the source behind `--candles`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collectors.candle_files import RawCandles, data_files, read_candle_file
from collectors.candle_paths import Origin, origins_of
from collectors.candle_quality import clean
from collectors.funding_files import read_funding
from collectors.instruments import instrument_for
from collectors.series import CandleSeries
from collectors.timestamps import NO_TIME
from core.errors import BadData, InvalidInput
from core.market import TIMEFRAMES, Times

#: From this many rows on, the distance between them must be that of their folder.
ENOUGH_ROWS = 10


def read_candles(
    paths: Sequence[Path],
    *,
    symbols: Sequence[str] | None = None,
    venues: Sequence[str] | None = None,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[CandleSeries]:
    """Read files or folders of candles into one series per instrument, in the order of first mention.

    Several files of one instrument are joined. `symbols` and `venues` name what the paths do not (one per path, or one
    for all); `rules` overrides trading rules by instrument key (`collectors.instruments`).
    Raises InvalidInput or BadData naming the file, the column and the remedy.
    """
    if not paths:
        raise InvalidInput("No candle files were given.", field="candles", remedy="Give at least one path.")
    grouped: dict[tuple[str, str], list[tuple[Origin, RawCandles]]] = {}
    for path, origin in zip(paths, origins_of(paths, symbols, venues), strict=True):
        group = grouped.setdefault((origin.venue, origin.symbol), [])
        group.extend((origin, read_candle_file(file)) for file in data_files(path))
    return [_series(group, rules or {}) for group in grouped.values()]


def _series(group: Sequence[tuple[Origin, RawCandles]], rules: Mapping[str, Mapping[str, Any]]) -> CandleSeries:
    origin = group[0][0]
    timeframe = _common_timeframe(group)
    bars, defects = clean([raw for _, raw in group], TIMEFRAMES[timeframe])
    instrument = instrument_for(origin.venue, origin.symbol, float(bars.close[0]), rules)
    funding, note = read_funding(instrument, origin.symbol_folder)
    return CandleSeries(instrument, timeframe, bars, funding, note, defects)


def _common_timeframe(group: Sequence[tuple[Origin, RawCandles]]) -> str:
    found = {_timeframe(origin, raw) for origin, raw in group}
    if len(found) > 1:
        raise InvalidInput(
            f"{group[0][0].symbol} is given in several timeframes: {', '.join(sorted(found))}.",
            field="candles",
            remedy="Give the files of one timeframe.",
        )
    return found.pop()


def _timeframe(origin: Origin, raw: RawCandles) -> str:
    """The timeframe of the folder, checked against the distance that most rows of the file keep."""
    distance = _usual_distance(raw.time)
    if origin.timeframe is None:
        by_length = {length: name for name, length in TIMEFRAMES.items()}
        if distance not in by_length:
            raise InvalidInput(
                f"The timeframe of {raw.path} cannot be told from its times.",
                field="timestamp",
                remedy=f"Put the file in a folder named after it: {', '.join(TIMEFRAMES)}.",
            )
        return by_length[distance]
    if distance not in (None, TIMEFRAMES[origin.timeframe]) and len(raw.time) >= ENOUGH_ROWS:
        raise BadData(
            f"{raw.path} lies in a folder {origin.timeframe!r}, but its rows are {distance} ms apart.",
            field="timestamp",
            remedy="Move it to the folder of its timeframe.",
        )
    return origin.timeframe


def _usual_distance(time: Times) -> int | None:
    """The distance in ms that more than half of the distinct times keep to the next one, or None."""
    steps = np.diff(np.unique(time[time != NO_TIME]))
    if not len(steps):
        return None
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(np.argmax(counts))
    return int(lengths[usual]) if 2 * counts[usual] > len(steps) else None
