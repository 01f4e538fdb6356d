"""The incremental step of all features: one function for history and live, in plain arithmetic on a small state.

Sums of rolling windows are taken exactly anew every 64 bars (the longest: 256) and measured from the window's mean, so
that neither years of updates nor bursts leave an error behind. `ring` keeps the last 256 values of each row; `latest`
holds the features in the order of specs.FEATURES, NaN until enough bars have been seen.
"""

import math
from typing import Any

import numba
import numpy as np

RING = 256
CLOSE, INVERSE, RETURN, VOLUME, HIGH, LOW, HIGH_TAIL, LOW_TAIL = range(8)
RING_ROWS = 8

STATE = np.dtype(
    [(name, "i8") for name in ("count", "hour_end", "place")]
    + [
        (name, "f8")
        for name in (
            "ema_12",
            "ema_26",
            "signal",
            "gain",
            "loss",
            "range",
            "band_anchor",
            "band_sum",
            "band_squares",
            "return_sum",
            "return_squares",
            "volume_anchor",
            "volume_sum",
            "volume_squares",
            "trend_sum",
            "highest",
            "lowest",
        )
    ]
)

helper = numba.njit(nogil=True, error_model="numpy", forceinline=True)
routine = numba.njit(nogil=True, error_model="numpy")


@helper
def _back(ring: Any, row: int, count: int, bars: int) -> float:
    """The value of `bars` bars ago."""
    return ring[row, (count - bars) & (RING - 1)]


@routine
def _total(ring: Any, row: int, count: int, bars: int) -> float:
    """The sum of the last `bars` values."""
    total = 0.0
    for back in range(bars):
        total += _back(ring, row, count, back)
    return total


@routine
def _sums(ring: Any, row: int, count: int, bars: int, anchor: float) -> tuple[float, float]:
    """Sum and sum of squares of the last `bars` values, measured from `anchor`."""
    total = 0.0
    squares = 0.0
    for back in range(bars):
        value = _back(ring, row, count, back) - anchor
        total += value
        squares += value * value
    return total, squares


@routine
def _start_block(state: Any, ring: Any, count: int) -> None:
    """For each place in the block of 60 bars now complete, note the extremes from there to its end."""
    ring[HIGH_TAIL, 60] = -math.inf
    ring[LOW_TAIL, 60] = math.inf
    for place in range(59, -1, -1):
        high = _back(ring, HIGH, count, 60 - place) if count >= 60 else -math.inf
        low = _back(ring, LOW, count, 60 - place) if count >= 60 else math.inf
        ring[HIGH_TAIL, place] = max(ring[HIGH_TAIL, place + 1], high)
        ring[LOW_TAIL, place] = min(ring[LOW_TAIL, place + 1], low)
    state.place = 0
    state.highest = -math.inf
    state.lowest = math.inf


@helper
def _returns(ring: Any, latest: Any, close: float, count: int) -> None:
    if count >= 1:
        latest[0] = _back(ring, RETURN, count, 0)
    if count >= 5:
        latest[1] = close * _back(ring, INVERSE, count, 5) - 1.0
    if count >= 15:
        latest[2] = close * _back(ring, INVERSE, count, 15) - 1.0
    if count >= 60:
        latest[3] = close * _back(ring, INVERSE, count, 60) - 1.0


@helper
def _averages(state: Any, latest: Any, close: float, inverse: float, count: int) -> None:
    """EMA distances and MACD; exponential averages start at the first close (pandas: adjust=False)."""
    if count == 0:
        state.ema_12 = close
        state.ema_26 = close
        state.signal = 0.0
    state.ema_12 += (close - state.ema_12) * (2.0 / 13.0)
    state.ema_26 += (close - state.ema_26) * (2.0 / 27.0)
    macd = state.ema_12 - state.ema_26
    state.signal += (macd - state.signal) * 0.2
    if count >= 11:
        latest[4] = close / state.ema_12 - 1.0
    if count >= 25:
        slow = 1.0 / state.ema_26
        latest[5] = close * slow - 1.0
        latest[6] = state.ema_12 * slow - 1.0
        latest[8] = macd * inverse
    if count >= 33:
        latest[9] = state.signal * inverse
        latest[10] = (macd - state.signal) * inverse


@helper
def _wilder(
    state: Any, latest: Any, high: float, low: float, close: float, before: float, inverse: float, count: int
) -> None:
    """RSI and ATR with Wilder's smoothing (alpha 1/14)."""
    if count == 0:
        state.gain = 0.0
        state.loss = 0.0
        state.range = high - low
    else:
        change = close - before
        reach = max(high, before) - min(low, before)
        state.gain += (max(change, 0.0) - state.gain) * (1.0 / 14.0)
        state.loss += (max(-change, 0.0) - state.loss) * (1.0 / 14.0)
        state.range += (reach - state.range) * (1.0 / 14.0)
    if count >= 14:
        moved = state.gain + state.loss
        latest[7] = 100.0 * state.gain / moved if moved > 0.0 else 50.0
        latest[13] = state.range * inverse


@helper
def _bands(state: Any, ring: Any, latest: Any, close: float, count: int) -> None:
    """Bollinger bands over 20 closes (population standard deviation, as Bollinger defines them)."""
    if count < 19:
        return
    if count == 19 or count & 63 == 63:
        state.band_anchor = _total(ring, CLOSE, count, 20) * 0.05
        state.band_sum, state.band_squares = _sums(ring, CLOSE, count, 20, state.band_anchor)
    else:
        new = close - state.band_anchor
        old = _back(ring, CLOSE, count, 20) - state.band_anchor
        state.band_sum += new - old
        state.band_squares += new * new - old * old
    shift = state.band_sum * 0.05
    middle = state.band_anchor + shift
    deviation = math.sqrt(max(state.band_squares * 0.05 - shift * shift, 0.0))
    latest[11] = 0.5 + 0.25 * (close - middle) / deviation if deviation > 1e-12 * middle else 0.5
    latest[12] = 4.0 * deviation / middle


@helper
def _volatility(state: Any, ring: Any, latest: Any, count: int) -> None:
    """Sample standard deviation of 60 returns; their mean is near zero already."""
    if count < 60:
        return
    if count == 60 or count & 63 == 63:
        state.return_sum, state.return_squares = _sums(ring, RETURN, count, 60, 0.0)
    else:
        new = _back(ring, RETURN, count, 0)
        old = _back(ring, RETURN, count, 60)
        state.return_sum += new - old
        state.return_squares += new * new - old * old
    spread = state.return_squares - state.return_sum * state.return_sum * (1.0 / 60.0)
    latest[14] = math.sqrt(max(spread, 0.0) * (1.0 / 59.0))


@helper
def _volume(state: Any, ring: Any, latest: Any, volume: float, count: int) -> None:
    """Volume in sample standard deviations from the mean of 60 bars."""
    if count < 59:
        return
    if count == 59 or count & 63 == 63:
        state.volume_anchor = _total(ring, VOLUME, count, 60) * (1.0 / 60.0)
        state.volume_sum, state.volume_squares = _sums(ring, VOLUME, count, 60, state.volume_anchor)
    else:
        new = volume - state.volume_anchor
        old = _back(ring, VOLUME, count, 60) - state.volume_anchor
        state.volume_sum += new - old
        state.volume_squares += new * new - old * old
    mean = state.volume_sum * (1.0 / 60.0)
    deviation = math.sqrt(max(state.volume_squares - state.volume_sum * mean, 0.0) * (1.0 / 59.0))
    away = volume - state.volume_anchor - mean
    latest[15] = away / deviation if deviation > 1e-12 * volume else 0.0


@helper
def _trend(state: Any, ring: Any, latest: Any, close: float, count: int) -> None:
    if count < 239:
        return
    if count == 239 or count & 255 == 255:
        state.trend_sum = _total(ring, CLOSE, count, 240)
    else:
        state.trend_sum += close - _back(ring, CLOSE, count, 240)
    latest[16] = 240.0 * close / state.trend_sum - 1.0


@helper
def _channel(state: Any, ring: Any, latest: Any, high: float, low: float, close: float, count: int) -> None:
    """Position in the 60-bar range: extremes of this block so far and of the tail of the one before (van Herk 1992)."""
    if count == 0 or state.place == 59:
        _start_block(state, ring, count)
    else:
        state.place += 1
    state.highest = max(state.highest, high)
    state.lowest = min(state.lowest, low)
    if count >= 59:
        top = max(state.highest, ring[HIGH_TAIL, state.place + 1])
        bottom = min(state.lowest, ring[LOW_TAIL, state.place + 1])
        latest[17] = (close - bottom) / (top - bottom) if top > bottom else 0.5


@routine
def _calendar(state: Any, latest: Any, time: int) -> None:
    """Hour and weekday, which change once an hour."""
    hours = time // 3_600_000
    state.hour_end = (hours + 1) * 3_600_000
    latest[18] = float(hours % 24)
    latest[19] = float((hours // 24 + 3) % 7)


@helper
def update(state: Any, ring: Any, latest: Any, time: int, high: float, low: float, close: float, volume: float) -> None:
    """Take one traded bar into the state and write its features to `latest`."""
    count = state.count
    slot = count & (RING - 1)
    before = ring[CLOSE, (count - 1) & (RING - 1)]
    inverse = 1.0 / close
    ring[RETURN, slot] = close * ring[INVERSE, (count - 1) & (RING - 1)] - 1.0
    ring[CLOSE, slot] = close
    ring[INVERSE, slot] = inverse
    ring[VOLUME, slot] = volume
    ring[HIGH, slot] = high
    ring[LOW, slot] = low
    _returns(ring, latest, close, count)
    _averages(state, latest, close, inverse, count)
    _wilder(state, latest, high, low, close, before, inverse, count)
    _bands(state, ring, latest, close, count)
    _volatility(state, ring, latest, count)
    _volume(state, ring, latest, volume, count)
    _trend(state, ring, latest, close, count)
    _channel(state, ring, latest, high, low, close, count)
    if time >= state.hour_end:
        _calendar(state, latest, time)
    state.count = count + 1


def advance(
    state: Any,
    ring: Any,
    latest: Any,
    rows: Any,
    time: Any,
    high: Any,
    low: Any,
    close: Any,
    volume: Any,
    out: Any,
) -> None:
    """Update over all bars given and store the wanted rows. A bar without volume changes nothing."""
    for i in range(len(time)):
        if volume[i] > 0.0:
            update(state, ring, latest, time[i], high[i], low[i], close[i], volume[i])
        for k in range(len(rows)):
            out[i, k] = latest[rows[k]]
