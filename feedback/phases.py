"""The phases of a symbol's day or week: stretches in one regime."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from core.clock import MINUTE_MS, from_ms
from core.facts import MarketPhase
from core.market import Bars, Floats
from core.regimes import TREND_BARS, UNKNOWN, regime_of

HOUR_MS = 60 * MINUTE_MS
#: How long before the first block its regime looks back.
WARM_UP_MS = TREND_BARS * MINUTE_MS
_VOLATILITY_BARS = 60


def phases_of(symbol: str, bars: Bars, start_ms: int, end_ms: int, block_ms: int = HOUR_MS) -> list[MarketPhase]:
    """The phases of [start_ms, end_ms), oldest first, made of blocks; one with less than half its bars is `unknown`.

    `bars` (1 minute) should begin WARM_UP_MS before `start_ms`. Returns are from the first open to the last close of a
    phase, volatility is the standard deviation of its 1-minute returns; both are fractions.
    """
    blocks = range(start_ms, end_ms, block_ms)
    labels = [_label(bars, block, min(block + block_ms, end_ms)) for block in blocks]
    return [
        _phase(symbol, regime, bars.between(first, min(last, end_ms)), first, min(last, end_ms))
        for regime, first, last in _stretches(blocks, labels)
    ]


def _label(bars: Bars, start_ms: int, end_ms: int) -> str:
    block = bars.between(start_ms, end_ms)
    if len(block) * MINUTE_MS * 2 < end_ms - start_ms:
        return UNKNOWN
    closes = bars.between(end_ms - WARM_UP_MS, end_ms).close
    trend = closes[-1] / closes.mean() - 1.0
    return regime_of(float(trend), _volatility(closes[-_VOLATILITY_BARS - 1 :]))


def _stretches(blocks: range, labels: list[str]) -> Iterator[tuple[str, int, int]]:
    """Regime, start and end of each run of equal labels."""
    for regime, members in groupby(zip(labels, blocks, strict=True), key=lambda item: item[0]):
        starts = [block for _, block in members]
        yield regime, starts[0], starts[-1] + blocks.step


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
