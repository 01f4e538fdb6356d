"""The incremental step of all features. Sums of rolling windows are taken anew once a window, so errors cannot grow.

`ring` keeps the last 256 values (one row each: close, return, volume, high, low); `state` the scalars; `latest` the 20
features in the order of specs.FEATURES, NaN until enough bars have been seen.
"""

import math
from typing import Any

import numba
import numpy as np

RING = 256
CLOSE, RETURN, VOLUME, HIGH, LOW = 0, 1, 2, 3, 4
RING_ROWS = 5

STATE = np.dtype(
    [("count", "i8"), ("high_age", "i8"), ("low_age", "i8")]
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

helper = numba.njit(nogil=True, error_model="numpy")


@helper
def _window_return(ring: Any, count: int, close: float, bars: int) -> float:
    return close / ring[CLOSE, (count - bars) % RING] - 1.0 if count >= bars else math.nan


@helper
def _deviation(total: float, squares: float, bars: float) -> float:
    """Sample standard deviation from a window's sums."""
    return math.sqrt(max(squares - total * total / bars, 0.0) / (bars - 1))


@helper
def _averages(state: Any, latest: Any, close: float, warm: int) -> None:
    """EMA distances and MACD: exponential averages start at the first close (pandas: adjust=False)."""
    if warm == 0:
        state.ema_12 = close
        state.ema_26 = close
    state.ema_12 += (close - state.ema_12) * (2.0 / 13.0)
    state.ema_26 += (close - state.ema_26) * (2.0 / 27.0)
    macd = state.ema_12 - state.ema_26
    state.signal = macd if warm == 0 else state.signal + (macd - state.signal) * 0.2
    per_price = 1.0 / close
    if warm >= 11:
        latest[4] = close / state.ema_12 - 1.0
    if warm >= 25:
        latest[5] = close / state.ema_26 - 1.0
        latest[6] = state.ema_12 / state.ema_26 - 1.0
        latest[8] = macd * per_price
    if warm >= 33:
        latest[9] = state.signal * per_price
        latest[10] = (macd - state.signal) * per_price


@helper
def _wilder(state: Any, latest: Any, high: float, low: float, close: float, before: float, warm: int) -> None:
    """RSI and ATR with Wilder's smoothing (alpha 1/14)."""
    change = close - before
    gain = max(change, 0.0)
    loss = max(-change, 0.0)
    reach = max(high, before) - min(low, before)
    if warm == 0:
        state.gain = 0.0
        state.loss = 0.0
        state.range = high - low
    else:
        state.gain += (gain - state.gain) * (1.0 / 14.0)
        state.loss += (loss - state.loss) * (1.0 / 14.0)
        state.range += (reach - state.range) * (1.0 / 14.0)
    if warm >= 14:
        moved = state.gain + state.loss
        latest[7] = 100.0 * state.gain / moved if moved > 0.0 else 50.0
        latest[13] = state.range / close


@helper
def _resum(ring: Any, row: int, count: int, bars: int, anchor: float) -> tuple[float, float]:
    """Sum and sum of squares of (value - anchor) over the `bars` values that end at `count`, taken exactly anew."""
    total = 0.0
    squares = 0.0
    for back in range(bars):
        value = ring[row, (count - back) % RING] - anchor
        total += value
        squares += value * value
    return total, squares


@helper
def _bands(state: Any, ring: Any, latest: Any, close: float, count: int) -> None:
    """Bollinger bands over 20 closes (population standard deviation, as Bollinger defines them)."""
    if count % 20 == 19:
        state.band_anchor = _resum(ring, CLOSE, count, 20, 0.0)[0] * 0.05
        state.band_sum, state.band_squares = _resum(ring, CLOSE, count, 20, state.band_anchor)
    elif count >= 20:
        new = close - state.band_anchor
        old = ring[CLOSE, (count - 20) % RING] - state.band_anchor
        state.band_sum += new - old
        state.band_squares += new * new - old * old
    if count >= 19:
        shift = state.band_sum * 0.05
        middle = state.band_anchor + shift
        deviation = math.sqrt(max(state.band_squares * 0.05 - shift * shift, 0.0))
        latest[11] = 0.5 + 0.25 * (close - middle) / deviation if deviation > 1e-12 * middle else 0.5
        latest[12] = 4.0 * deviation / middle


@helper
def _volatility(state: Any, ring: Any, latest: Any, count: int) -> None:
    if count % 60 == 0 and count > 0:
        state.return_sum, state.return_squares = _resum(ring, RETURN, count, 60, 0.0)
    elif count > 60:
        new = ring[RETURN, count % RING]
        old = ring[RETURN, (count - 60) % RING]
        state.return_sum += new - old
        state.return_squares += new * new - old * old
    if count >= 60:
        latest[14] = _deviation(state.return_sum, state.return_squares, 60.0)


@helper
def _volume(state: Any, ring: Any, latest: Any, volume: float, count: int) -> None:
    if count % 60 == 59:
        state.volume_anchor = _resum(ring, VOLUME, count, 60, 0.0)[0] / 60.0
        state.volume_sum, state.volume_squares = _resum(ring, VOLUME, count, 60, state.volume_anchor)
    elif count >= 60:
        new = volume - state.volume_anchor
        old = ring[VOLUME, (count - 60) % RING] - state.volume_anchor
        state.volume_sum += new - old
        state.volume_squares += new * new - old * old
    if count >= 59:
        mean = state.volume_sum / 60.0
        deviation = _deviation(state.volume_sum, state.volume_squares, 60.0)
        latest[15] = (volume - state.volume_anchor - mean) / deviation if deviation > 1e-12 * volume else 0.0


@helper
def _trend(state: Any, ring: Any, latest: Any, close: float, count: int) -> None:
    if count % 240 == 239:
        state.trend_sum, _ = _resum(ring, CLOSE, count, 240, 0.0)
    elif count >= 240:
        state.trend_sum += close - ring[CLOSE, (count - 240) % RING]
    if count >= 239:
        latest[16] = 240.0 * close / state.trend_sum - 1.0


@helper
def _scan(ring: Any, row: int, count: int, sign: float) -> tuple[float, int]:
    """The largest sign x value of the last 60 and its age in bars."""
    best = sign * ring[row, count % RING]
    age = 0
    for back in range(1, min(60, count + 1)):
        value = sign * ring[row, (count - back) % RING]
        if value > best:
            best = value
            age = back
    return best, age


@helper
def _channel(state: Any, ring: Any, latest: Any, high: float, low: float, close: float, count: int) -> None:
    """Position in the 60-bar range; a window is scanned only when its extreme has left it."""
    state.high_age += 1
    state.low_age += 1
    if count == 0 or high >= state.highest:
        state.highest = high
        state.high_age = 0
    elif state.high_age >= 60:
        state.highest, state.high_age = _scan(ring, HIGH, count, 1.0)
    if count == 0 or low <= state.lowest:
        state.lowest = low
        state.low_age = 0
    elif state.low_age >= 60:
        negative, state.low_age = _scan(ring, LOW, count, -1.0)
        state.lowest = -negative
    if count >= 59:
        span = state.highest - state.lowest
        latest[17] = (close - state.lowest) / span if span > 0.0 else 0.5


@helper
def update(state: Any, ring: Any, latest: Any, time: int, high: float, low: float, close: float, volume: float) -> None:
    """Take one traded bar into the state and write its features to `latest`."""
    count = state.count
    slot = count % RING
    before = ring[CLOSE, (count - 1) % RING] if count > 0 else close
    ring[CLOSE, slot] = close
    ring[RETURN, slot] = close / before - 1.0
    ring[VOLUME, slot] = volume
    ring[HIGH, slot] = high
    ring[LOW, slot] = low
    latest[0] = ring[RETURN, slot] if count > 0 else math.nan
    latest[1] = _window_return(ring, count, close, 5)
    latest[2] = _window_return(ring, count, close, 15)
    latest[3] = _window_return(ring, count, close, 60)
    _averages(state, latest, close, count)
    _wilder(state, latest, high, low, close, before, count)
    _bands(state, ring, latest, close, count)
    _volatility(state, ring, latest, count)
    _volume(state, ring, latest, volume, count)
    _trend(state, ring, latest, close, count)
    _channel(state, ring, latest, high, low, close, count)
    hours = time // 3_600_000
    latest[18] = float(hours % 24)
    latest[19] = float((hours // 24 + 3) % 7)
    state.count = count + 1


def advance(
    state: Any, ring: Any, latest: Any, rows: Any, time: Any, high: Any, low: Any, close: Any, volume: Any, out: Any
) -> None:
    """Update over all bars given and store the wanted rows. A bar without volume changes nothing."""
    for i in range(time.shape[0]):
        if volume[i] > 0.0:
            update(state, ring, latest, time[i], high[i], low[i], close[i], volume[i])
        for k in range(rows.shape[0]):
            out[i, k] = latest[rows[k]]
