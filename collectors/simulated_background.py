"""What all symbols of a simulated market share: regime, volatility, shocks and common impulses, day by day."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from collectors.simulated_random import MINUTES, STEPS, autoregression, generator
from collectors.simulated_recipe import Recipe
from collectors.simulated_spells import Spell, draw_spells, still_running
from core.market import Floats

#: Ranging, trending and turbulent: factor on volatility, factor on the rate of impulses, mean duration in minutes.
REGIME_VOLATILITY = np.array([0.8, 1.0, 1.8])
REGIME_IMPULSES = np.array([0.5, 1.8, 1.0])
REGIME_MINUTES = np.array([480.0, 360.0, 150.0])


@dataclass(frozen=True, slots=True)
class BackgroundDay:
    """One day of the shared background, one value (or row of STEPS shocks) per minute."""

    day: int
    regime: npt.NDArray[np.int64]
    volatility: Floats
    shocks: Floats
    spells: tuple[Spell, ...]


@dataclass
class Background:
    """Walks the shared background forward from day 0; the same seed gives the same days."""

    seed: int
    recipe: Recipe
    _regime: int = 0
    _volatility: Floats = field(default_factory=lambda: np.zeros(1))
    _spells: tuple[Spell, ...] = ()

    def next_day(self, day: int) -> BackgroundDay:
        """The next day; days must be asked for in order."""
        random = generator(self.seed, "background", day)
        regime = self._regimes(random)
        log_volatility, self._volatility = autoregression(random, self._volatility)
        hours = np.arange(MINUTES) / 60.0
        season = 1.0 + 0.3 * np.cos((hours - 15.0) * (2.0 * math.pi / 24.0))
        rate = self.recipe.common_impulses * REGIME_IMPULSES[regime]
        self._spells = still_running(self._spells, day) + draw_spells(random, rate, day, self.recipe)
        return BackgroundDay(
            day,
            regime,
            season * REGIME_VOLATILITY[regime] * np.exp(log_volatility),
            random.standard_normal((MINUTES, STEPS)),
            self._spells,
        )

    def _regimes(self, random: np.random.Generator) -> npt.NDArray[np.int64]:
        """A Markov chain: each regime lasts for a random time, then one of the two others follows."""
        regime = np.empty(MINUTES, dtype=np.int64)
        minute = 0
        while minute < MINUTES:
            length = int(random.geometric(1.0 / REGIME_MINUTES[self._regime]))
            regime[minute : minute + length] = self._regime
            minute += length
            if minute < MINUTES:
                self._regime = int((self._regime + random.integers(1, 3)) % 3)
        return regime
