"""The phases of a symbol's day: stretches of whole hours in one regime."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from core.clock import MINUTE_MS, from_ms
from core.facts import MarketPhase
from core.market import Bars, Floats
from core.regimes import TREND_BARS, UNKNOWN, regime_of

HOUR_MS = 60 * MINUTE_MS
#: Bars before the first hour that its regime looks back on.
WARM_UP_MS = TREND_BARS * MINUTE_MS
_VOLATILITY_BARS = 60


def phases_of(symbol: str, bars: Bars, start_ms: int, end_ms: int) -> list[MarketPhase]:
    """The phases of [start_ms, end_ms), oldest first; an hour with less than half of its bars is `unknown`.

    `bars` (1 minute) should begin WARM_UP_MS before `start_ms`. Returns are from the first open to the last close of a
    phase, volatility is the standard deviation of its 1-minute returns; both are fractions.
    """
    hours = range(start_ms, end_ms, HOUR_MS)
    labels = [_label(bars, hour, min(hour + HOUR_MS, end_ms)) for hour in hours]
    return [
        _phase(symbol, regime, bars.between(first, min(last, end_ms)), first, min(last, end_ms))
        for regime, first, last in _stretches(hours, labels)
    ]


def _label(bars: Bars, start_ms: int, end_ms: int) -> str:
    hour = bars.between(start_ms, end_ms)
    if len(hour) * MINUTE_MS * 2 < end_ms - start_ms:
        return UNKNOWN
    closes = bars.between(end_ms - WARM_UP_MS, end_ms).close
    trend = closes[-1] / closes.mean() - 1.0
    return regime_of(float(trend), _volatility(closes[-_VOLATILITY_BARS - 1 :]))


def _stretches(hours: range, labels: list[str]) -> Iterator[tuple[str, int, int]]:
    for regime, members in groupby(zip(labels, hours, strict=True), key=lambda item: item[0]):
        spans = [hour for _, hour in members]
        yield regime, spans[0], spans[-1] + HOUR_MS


def _phase(symbol: str, regime: str, bars: Bars, start_ms: int, end_ms: int) -> MarketPhase:
    return MarketPhase(
        symbol=symbol,
        start=from_ms(start_ms),
        end=from_ms(end_ms),
        regime=regime,
        return_fraction=float(bars.close[-1] / bars.open[0] - 1.0) if len(bars) else 0.0,
        volatility=_volatility(bars.close),
    )


def _volatility(closes: Floats) -> float:
    return float(np.std(closes[1:] / closes[:-1] - 1.0)) if len(closes) > 1 else 0.0
