"""What follows an approval: 112 days of paired differences without any effect, to which a known one is added."""

from collections.abc import Callable

import numpy as np

from benchmarks.truth import momentum
from benchmarks.truth.classes import UNSEEN, WARM_UP
from benchmarks.truth.market import MarketSettings, returns
from benchmarks.truth.worth import true_worth
from core.market import Floats

DAYS = 112
SETTINGS = MarketSettings()
#: Pairs of sets whose true effect is at most this large; it is taken out.
NEARLY_EQUAL = 0.02
PAIRS_PER_MARKET = 20

Noise = Callable[[int, int, np.random.Generator], Floats]
"""(series, symbols, generator) -> [series, symbols, days] of mean 0 in units of the sigma that is known beforehand."""


def normal(count: int, symbols: int, rng: np.random.Generator) -> Floats:
    return _correlated(rng.standard_normal, count, symbols)


def fat_tails(count: int, symbols: int, rng: np.random.Generator) -> Floats:
    """Student's t with 3 degrees of freedom: its kurtosis is infinite."""
    return _correlated(lambda shape: rng.standard_t(3, shape) / np.sqrt(3), count, symbols)


def persistent(count: int, symbols: int, rng: np.random.Generator) -> Floats:
    """Student's t with 4 degrees of freedom and an autocorrelation of 0.1."""
    fresh = _correlated(lambda shape: rng.standard_t(4, shape) / np.sqrt(2), count, symbols)
    keep = 0.1
    for day in range(1, DAYS):
        fresh[:, :, day] = keep * fresh[:, :, day - 1] + np.sqrt(1 - keep**2) * fresh[:, :, day]
    return fresh


def market(count: int, symbols: int, rng: np.random.Generator) -> Floats:
    """Pairs of momentum sets on simulated markets; sigma is measured on the 225 days before the approval."""
    worth = true_worth(SETTINGS)
    legal = np.argwhere((np.abs(worth.effect) < NEARLY_EQUAL) & worth.distinct)
    markets = -(-count // PAIRS_PER_MARKET)
    found = np.concatenate([_pairs(legal, symbols, rng) for _ in range(markets)])[:count]
    return np.asarray(found - found.mean())


NOISES: dict[str, Noise] = {"normal": normal, "fat_tails": fat_tails, "persistent": persistent, "market": market}


def _pairs(legal: Floats, symbols: int, rng: np.random.Generator) -> Floats:
    chosen = legal[rng.integers(len(legal), size=PAIRS_PER_MARKET)]
    history = returns(SETTINGS, WARM_UP + UNSEEN + DAYS, symbols, rng)
    sets = momentum.GRID[chosen.ravel()]
    daily = np.stack([momentum.run(row, sets, momentum.FEE)[:, WARM_UP:] for row in history], axis=1)
    difference = daily[1::2] - daily[::2]
    sigma = difference[:, :, :UNSEEN].std(axis=(1, 2))
    return np.asarray(difference[:, :, UNSEEN:] / sigma[:, None, None])


def _correlated(draw: Callable[[tuple[int, ...]], Floats], count: int, symbols: int) -> Floats:
    """Symbols that share a third of their variance."""
    if symbols == 1:
        return draw((count, 1, DAYS))
    share = SETTINGS.correlation
    common, own = draw((count, 1, DAYS)), draw((count, symbols, DAYS))
    return np.asarray(np.sqrt(share) * common + np.sqrt(1 - share) * own)
