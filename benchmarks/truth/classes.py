"""Proposals of known worth, one class each: what a gate meets in its life."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.truth import momentum
from benchmarks.truth.filters import calendar_filters
from benchmarks.truth.market import MarketSettings, returns
from benchmarks.truth.worth import Worth, true_worth
from core.market import Floats

WARM_UP = 5
UNSEEN = 225
SEEN = 30
SYMBOLS = 3


@dataclass(frozen=True)
class TrueCase:
    """A proposal whose worth is known. Returns are [symbols, days], trials [trials, symbols, days], of capital.

    The last SEEN days are those on which the proposer looked. `better` is the truth.
    """

    kind: str
    source: str
    better: bool
    incumbent: Floats
    candidate: Floats
    trials: Floats


Maker = Callable[[MarketSettings, np.random.Generator], TrueCase]


def make(kind: str, settings: MarketSettings, seed: int) -> TrueCase:
    """The case number `seed` of class `kind`; the same arguments always give the same case."""
    return CLASSES[kind](settings, np.random.default_rng([seed, sorted(CLASSES).index(kind)]))


def _pair(kind: str, low: float, high: float, better: bool) -> Maker:
    """A single idea whose true effect on one symbol lies in [low, high)."""

    def maker(settings: MarketSettings, rng: np.random.Generator) -> TrueCase:
        worth = true_worth(settings)
        legal = np.argwhere((worth.effect >= low) & (worth.effect < high) & worth.distinct)
        incumbent, candidate = legal[rng.integers(len(legal))]
        daily = _simulate(settings, momentum.GRID[[incumbent, candidate]], rng)
        return TrueCase(kind, "llm", better, daily[0], daily[1], daily[:0])

    return maker


def _stale(settings: MarketSettings, rng: np.random.Generator) -> TrueCase:
    """A real edge of 0.17 that turned into its opposite when the seen window began: harmful from now on."""
    case = _pair("stale", 0.158, 0.182, False)(settings, rng)
    incumbent, candidate = case.incumbent.copy(), case.candidate.copy()
    incumbent[:, -SEEN:], candidate[:, -SEEN:] = case.candidate[:, -SEEN:], case.incumbent[:, -SEEN:]
    return TrueCase("stale", "llm", False, incumbent, candidate, case.trials)


def _best_of(kind: str, tried: int | None) -> Maker:
    """The best on the seen days among sets of which none is truly better than the incumbent."""

    def maker(settings: MarketSettings, rng: np.random.Generator) -> TrueCase:
        worth = true_worth(settings)
        incumbent = _good_set(worth, rng)
        useless = np.flatnonzero((worth.effect[incumbent] <= 0) & worth.distinct[incumbent])
        chosen = useless if tried is None else rng.choice(useless, min(tried, len(useless)), replace=False)
        daily = _simulate(settings, momentum.GRID[np.concatenate([[incumbent], chosen])], rng)
        return _winner(kind, daily[0], daily[1:])

    return maker


def _mined_filter(settings: MarketSettings, rng: np.random.Generator) -> TrueCase:
    """The best of 200 rules "do not trade at these hours" on a strategy that earns at all hours: all are harmful."""
    chosen = momentum.GRID[_good_set(true_worth(settings), rng)]
    market = returns(settings, WARM_UP + UNSEEN + SEEN, SYMBOLS, rng)
    hourly = np.stack([momentum.by_hour(row, chosen, momentum.FEE)[WARM_UP:] for row in market])
    skipped = np.einsum("sdh,kdh->ksd", hourly, calendar_filters(200, hourly.shape[1], rng))
    incumbent = hourly.sum(axis=2)
    return _winner("mined_filter", incumbent, incumbent - skipped)


def _winner(kind: str, incumbent: Floats, trials: Floats) -> TrueCase:
    gains = (trials - incumbent)[:, :, -SEEN:].mean(axis=(1, 2))
    return TrueCase(kind, "miner", False, incumbent, trials[int(gains.argmax())], trials)


def _good_set(worth: Worth, rng: np.random.Generator) -> int:
    return int(rng.choice(np.argsort(worth.sharpe)[-12:]))


def _simulate(settings: MarketSettings, sets: Floats, rng: np.random.Generator) -> Floats:
    """Daily P&L [sets, symbols, days] of one fresh market."""
    market = returns(settings, WARM_UP + UNSEEN + SEEN, SYMBOLS, rng)
    rows = [momentum.run(row, sets, momentum.FEE)[:, WARM_UP:] for row in market]
    return np.stack(rows, axis=1)


CLASSES: dict[str, Maker] = {
    "better_11": _pair("better_11", 0.104, 0.116, True),
    "better_17": _pair("better_17", 0.162, 0.178, True),
    "better_27": _pair("better_27", 0.258, 0.282, True),
    "equal": _pair("equal", -0.006, 0.006, False),
    "worse": _pair("worse", -0.30, -0.05, False),
    "best_of_20": _best_of("best_of_20", 20),
    "best_of_all": _best_of("best_of_all", None),
    "mined_filter": _mined_filter,
    "stale": _stale,
}
NULL_CLASSES = ("equal", "worse", "best_of_20", "best_of_all", "mined_filter")
