"""A simulated market of correlated symbols: regimes, clustered volatility, fat tails. No hour is special."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from core.market import Floats

BARS_PER_DAY = 48


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """The law of a market. Volatility is the standard deviation of one 30-minute bar's return."""

    volatility: float = 0.004
    correlation: float = 0.36
    tail: float = 4.0
    regime_days: float = 2.0
    trend: float = 0.30
    reversal: float = 0.06
    shared_trend: float = 0.9


def returns(settings: MarketSettings, days: int, symbols: int, rng: np.random.Generator) -> Floats:
    """Bar returns [symbols, bars] of one market: shared regimes, shocks with the given correlation."""
    bars = days * BARS_PER_DAY
    regime = _regimes(bars, settings.regime_days, rng)
    scale = np.sqrt((settings.tail - 2) / settings.tail)
    common = rng.standard_t(settings.tail, bars)
    own = rng.standard_t(settings.tail, (symbols, bars))
    weight = np.sqrt(settings.correlation)
    shocks = scale * (weight * common + np.sqrt(1 - settings.correlation) * own)
    calm = 0.5 * _slow(rng.standard_normal(bars), 4 * BARS_PER_DAY)
    level = settings.volatility * np.exp(calm)
    together = np.sqrt(settings.shared_trend) * rng.standard_normal(bars)
    apart = np.sqrt(1 - settings.shared_trend) * rng.standard_normal((symbols, bars))
    drift = _slow_rows(together + apart, 16)
    return _mix(shocks, drift, level, regime, settings.trend, settings.reversal)


def _regimes(bars: int, days: float, rng: np.random.Generator) -> Floats:
    """0 quiet, 1 trend, 2 reversal: a Markov chain with the given mean duration."""
    jump = rng.random(bars) < 1 / (days * BARS_PER_DAY)
    jump[0] = True
    states = rng.integers(0, 3, int(jump.sum())).astype(np.float64)
    chain: Floats = states[np.cumsum(jump) - 1]
    return chain


@njit(cache=True)
def _slow(noise: Floats, bars: float) -> Floats:
    """An autoregression of standard deviation 1 whose memory is `bars`."""
    keep = np.exp(-1.0 / bars)
    fresh = np.sqrt(1 - keep * keep)
    out = np.empty_like(noise)
    value = noise[0]
    for i in range(len(noise)):
        value = keep * value + fresh * noise[i]
        out[i] = value
    return out


@njit(cache=True)
def _slow_rows(noise: Floats, bars: float) -> Floats:
    out = np.empty_like(noise)
    for row in range(len(noise)):
        out[row] = _slow(noise[row], bars)
    return out


@njit(cache=True)
def _mix(shocks: Floats, drift: Floats, level: Floats, regime: Floats, trend: float, reversal: float) -> Floats:
    out = np.empty_like(shocks)
    symbols, bars = shocks.shape
    for s in range(symbols):
        stretched = 0.0
        for i in range(bars):
            pull = trend * drift[s, i] if regime[i] == 1.0 else 0.0
            if regime[i] == 2.0:
                pull = -reversal * stretched
            loud = 0.7 if regime[i] == 0.0 else 1.1
            value = shocks[s, i] + pull
            stretched = 0.9 * stretched + value
            out[s, i] = loud * level[i] * value
    return out
